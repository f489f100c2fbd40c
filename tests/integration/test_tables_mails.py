"""The hotel's mails: whether they leave and arrive, whether bounces are heeded, and how many are left."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from checks.context import Tools
from checks.integrations.looks_tables import delivery, quota
from checks.result import BOUNCED_RATIO, DELIVERED_RATIO, LAST, Quota, Reason, State
from daemon.clock import SystemClock
from daemon.demo.postgres import Postgres
from tests.support.pms import MAILS, ZONE, Hotel, a_hotel

LOGS = """
INSERT INTO email_logs (status, bounce_type, response, recipient, created_at, suppressed_at, recipients)
"""


def mails(
    status: str, count: int, response: str = "", *, bounce: str = "", hours: float = 2.0, to: int = 1
) -> str:
    kind, answer = (f"'{text}'" if text else "NULL" for text in (bounce, response))
    return LOGS + (
        f"SELECT '{status}', {kind}, {answer}, 'new' || nr || '@guest.example', "
        f"now() - {hours} * interval '1 hour', now(), {to} FROM generate_series(1, {count}) AS nr"
    )


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    """A mail every other minute: 720 within 24 hours."""
    async with a_hotel(pg, MAILS) as one:
        yield one


async def test_ratios_are_of_the_last_day(hotel: Hotel) -> None:
    await hotel.run(
        mails("failed", 20, "450 4.7.0 later"),
        mails("bounced", 10, "550 5.1.1 nobody", bounce="hard"),
        mails("sent", 50),
        mails("failed", 5000, hours=25),
    )
    result = await hotel.look(delivery)
    assert result.state is State.OK
    assert result.measurements[DELIVERED_RATIO] == pytest.approx(770 / 800)
    assert result.measurements[BOUNCED_RATIO] == pytest.approx(10 / 800)
    assert SystemClock().now().timestamp() - result.measurements[LAST] < 60
    assert result.message == (
        "770 of 800 mails of the last 24 h went out, 20 failed, 10 came back: "
        "10 no such recipient (5.1.1), 20 refused for now (4.7.0)"
    )


async def test_many_failures_are_critical_and_say_why(hotel: Hotel) -> None:
    await hotel.run(mails("failed", 38, "550 5.4.5 Daily user sending limit exceeded"))
    result = await hotel.look(delivery)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.THRESHOLD, True)
    assert result.observed == pytest.approx(100 * 38 / 758)
    assert result.limit == 5
    assert result.message == (
        "38 of 758 mails of the last 24 h failed (5.01%, less than 5% are expected): "
        "38 over the quota (5.4.5)"
    )


@pytest.mark.parametrize(
    ("count", "state"), [(29, State.OK), (31, State.WARNING), (62, State.WARNING), (63, State.CRITICAL)]
)
async def test_hard_bounces_are_borne_up_to_a_share(hotel: Hotel, count: int, state: State) -> None:
    await hotel.run(mails("bounced", count, "550 5.7.26 unauthenticated", bounce="hard"))
    result = await hotel.look(delivery)
    assert result.state is state
    if state is not State.OK:
        assert (result.reason, result.decisive) == (Reason.THRESHOLD, True)
        assert f"{count} not authenticated (5.7.26)" in result.message


@pytest.mark.parametrize(
    ("bounce", "response", "hard"),
    [
        ("soft", "550 5.1.1", 0),
        ("", "452 4.2.2 full", 0),
        ("", "550 5.1.1", 90),
        ("", "", 90),
        ("hard", "", 90),
    ],
)
async def test_a_soft_bounce_is_no_hard_one(hotel: Hotel, bounce: str, response: str, hard: int) -> None:
    await hotel.run(mails("bounced", 90, response, bounce=bounce))
    result = await hotel.look(delivery)
    assert result.measurements["hard"] == hard
    assert result.state is (State.CRITICAL if hard else State.OK)


async def test_a_share_of_few_mails_raises_nothing(pg: Postgres) -> None:
    async with a_hotel(pg) as hotel:
        await hotel.run(mails("failed", 19), mails("bounced", 30, bounce="hard", hours=0.5))
        assert (await hotel.look(delivery)).reason is Reason.THRESHOLD
        await hotel.run("DELETE FROM email_logs WHERE status = 'failed'")
        assert (await hotel.look(delivery)).state is State.OK


@pytest.mark.parametrize("code", ["5.1.10", "15.1.1", "5.1.1.2x", "55.1.1"])
async def test_codes_are_read_as_a_whole(hotel: Hotel, code: str) -> None:
    await hotel.run(mails("bounced", 1, f"550 {code} no"))
    found = (await hotel.look(delivery)).measurements["no_recipient"]
    assert found == (1 if code.startswith("5.1.1.") else 0)


@pytest.mark.parametrize(
    ("suppressed", "bounced", "again", "ignored"),
    [
        ("NULL", 30, 2, 1),
        ("now()", 30, 2, 0),
        ("NULL", 0.5, 0.2, 0),
        ("NULL", 3, 2.5, 0),
        ("NULL", 30, 31, 0),
        ("NULL", 200, 2, 0),
    ],
    ids=["ignored", "suppressed", "just bounced", "sent before it was known", "before", "long ago"],
)
async def test_an_address_that_bounced_is_not_written_to_again(
    hotel: Hotel, suppressed: str, bounced: float, again: float, ignored: int
) -> None:
    await hotel.run(
        f"{LOGS} VALUES "
        f"('bounced', 'hard', NULL, 'X@guest.example', now() - {bounced} * interval '1 hour', "
        f"{suppressed}, 1), "
        f"('sent', NULL, NULL, 'x@guest.example', now() - {again} * interval '1 hour', NULL, 1)"
    )
    result = await hotel.look(delivery)
    assert result.measurements["ignored"] == ignored
    if ignored:
        assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
        assert result.message == "1 address bounced for good, not suppressed, and written to again"
        assert "guest.example" not in result.message


async def test_reservations_without_a_mail_are_told(hotel: Hotel) -> None:
    await hotel.run("UPDATE email_logs SET created_at = created_at - interval '3 hours'")
    assert (await hotel.look(delivery)).measurements["reservations_without_mail"] == 0
    made = "INSERT INTO reservations (created_at) SELECT now() - interval '{}' FROM generate_series(1, {})"
    await hotel.run(made.format("1 minute", 5), made.format("4 hours", 5), made.format("2 hours", 2))
    assert (await hotel.look(delivery)).state is State.OK
    await hotel.run(made.format("1 hour", 1))
    result = await hotel.look(delivery)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.STALE, True)
    assert result.message == "3 reservations made since the last mail went out, 3 h ago"
    await hotel.run("DROP TABLE reservations")
    assert (await hotel.look(delivery)).state is State.OK


async def test_no_mail_ever_is_no_fault(pg: Postgres) -> None:
    async with a_hotel(pg) as hotel:
        result = await hotel.look(delivery)
        assert (result.state, result.message) == (State.OK, "no mail in the last 24 h")
        assert not {DELIVERED_RATIO, BOUNCED_RATIO, LAST} & set(result.measurements)
        assert (await hotel.look(quota)).quotas["messages"] == Quota(0, 2000)


async def test_the_quota_rolls_and_knows_no_midnight(hotel: Hotel) -> None:
    await hotel.run(mails("sent", 100, hours=23.5), mails("sent", 500, hours=24.5), mails("failed", 60))
    result = await hotel.look(quota)
    assert result.state is State.OK
    assert result.quotas == {"messages": Quota(820, 2000)}
    assert (result.measurements["used"], result.measurements["remaining"]) == (820, 1180)


@pytest.mark.parametrize(
    ("more", "state"),
    [(1180, State.OK), (1181, State.WARNING), (1279, State.WARNING), (1280, State.CRITICAL)],
)
async def test_little_left_is_a_warning_and_nothing_is_critical(
    hotel: Hotel, more: int, state: State
) -> None:
    await hotel.run(mails("sent", more, hours=20))
    result = await hotel.look(quota)
    assert result.state is state
    if state is not State.OK:
        assert (result.reason, result.decisive) == (Reason.THRESHOLD, True)
        assert (result.observed, result.limit, result.unit) == (1280 - more, 100, "messages")


async def test_the_end_of_the_quota_is_foretold(hotel: Hotel) -> None:
    await hotel.run(mails("sent", 640, hours=0.5))
    result = await hotel.look(quota)
    left, pace = 640, 640
    assert result.quotas["messages"].exhausted_at == pytest.approx(
        SystemClock().now().timestamp() + 3600 * left / pace, abs=120
    )
    assert "; used up at " in result.message


async def test_a_pace_that_gives_back_what_it_takes_never_ends(hotel: Hotel) -> None:
    await hotel.run(mails("sent", 600, hours=0.5), mails("sent", 600, hours=23.5))
    assert (await hotel.look(quota)).quotas["messages"].exhausted_at is None


async def test_an_exhausted_quota_tells_when_there_is_room_again(hotel: Hotel) -> None:
    await hotel.run("TRUNCATE email_logs", mails("sent", 1500, hours=22), mails("sent", 1000, hours=20))
    result = await hotel.look(quota)
    assert (result.state, result.measurements["remaining"]) == (State.CRITICAL, 0)
    room = SystemClock().now().timestamp() + 2 * 3600
    times = {f"{datetime.fromtimestamp(room + shift, ZONE):%H:%M}" for shift in (-5, 0)}
    assert any(result.message.endswith(f"0 left; room again from {time} on") for time in times), result
    assert result.quotas["messages"].exhausted_at == pytest.approx(room - 2 * 3600, abs=10)


async def test_recipients_count_too_where_mail_leaves_through_google(hotel: Hotel) -> None:
    await hotel.run(mails("sent", 100, to=100))
    assert set((await hotel.look(quota)).quotas) == {"messages"}
    hotel.system = {"smtp": {"host": "smtp.gmail.com"}}
    result = await hotel.look(quota)
    assert result.quotas["recipients"] == Quota(10_720, 10_000)
    assert (result.state, result.unit) == (State.CRITICAL, "recipients")
    assert result.message == "10,720 of 10,000 recipients used within 24 h, 0 left"


async def test_the_quota_is_the_hotels_own(hotel: Hotel) -> None:
    hotel.system = {"quota": {"messages_per_day": 800, "warn_remaining": 90}}
    result = await hotel.look(quota)
    assert (result.state, result.reason) == (State.WARNING, Reason.THRESHOLD)
    assert result.message.startswith("720 of 800 messages used within 24 h, 80 left")
    assert result.message.endswith("; at least 90 are expected")


async def test_delivery_and_quota_ask_once(hotel: Hotel) -> None:
    tools = Tools.new(SystemClock().now)
    try:
        await asyncio.gather(*(hotel.look(one, tools=tools) for one in (delivery, quota, delivery, quota)))
        assert len(tools.databases._answers) == 1
    finally:
        await tools.close()
