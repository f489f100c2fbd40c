"""How many of the hotel's mails are left."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from checks.context import Tools
from checks.findings import Budget
from checks.integrations.looks_tables import delivery, quota
from checks.result import Quota, Reason, State
from daemon.clock import SystemClock
from daemon.demo.postgres import Postgres
from tests.support.pms import MAILS, ZONE, Hotel, a_hotel, mails


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    """A mail every other minute: 720 within 24 hours."""
    async with a_hotel(pg, MAILS) as one:
        yield one


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
    await hotel.run(
        "TRUNCATE email_logs", *(mails("sent", 75, hours=hour + 0.5) for hour in range(24)), mails("sent", 50)
    )
    assert (await hotel.look(quota)).quotas["messages"].exhausted_at is None


async def test_what_only_the_next_hour_gives_back_does_not_last(hotel: Hotel) -> None:
    await hotel.run(mails("sent", 600, hours=0.5), mails("sent", 600, hours=23.5))
    ends = (await hotel.look(quota)).quotas["messages"].exhausted_at
    assert ends == pytest.approx(SystemClock().now().timestamp() + 3600 * (1 + 80 / 600), abs=120)
    own = "SELECT 1920 AS messages, 0 AS recipients, 630 AS hour, 630 AS leaving, NULL::float AS free_in"
    assert (await hotel.look(quota, query=own)).quotas["messages"].exhausted_at is None


async def test_an_exhausted_quota_tells_when_there_is_room_again(hotel: Hotel) -> None:
    await hotel.run("TRUNCATE email_logs", mails("sent", 1500, hours=22), mails("sent", 1000, hours=20))
    result = await hotel.look(quota)
    assert (result.state, result.measurements["remaining"]) == (State.CRITICAL, 0)
    room = SystemClock().now().timestamp() + 2 * 3600
    times = {f"{datetime.fromtimestamp(room + shift, ZONE):%H:%M}" for shift in (-5, 0)}
    assert any(result.message.endswith(f"0 left; the first is free again at {time}") for time in times), (
        result
    )
    assert result.quotas["messages"].exhausted_at == pytest.approx(room - 2 * 3600, abs=10)


async def test_recipients_count_too_where_mail_leaves_through_google(hotel: Hotel) -> None:
    await hotel.run(mails("sent", 100, to=100))
    assert set((await hotel.look(quota)).quotas) == {"messages"}
    hotel.system = {"smtp": {"host": "smtp.gmail.com"}}
    result = await hotel.look(quota)
    used, limit, exhausted_at = result.quotas["recipients"]
    assert (used, limit) == (10_720, 10_000)
    assert exhausted_at == pytest.approx(SystemClock().now().timestamp(), abs=10)
    assert (result.state, result.unit) == (State.CRITICAL, "recipients")
    assert result.message == "10,720 of 10,000 recipients used within 24 h, 0 left"


async def test_what_comes_back_in_each_hour_is_known(hotel: Hotel) -> None:
    hotel.system = {"smtp": {"host": "smtp.gmail.com"}}
    await hotel.run(
        "TRUNCATE email_logs",
        mails("sent", 300, hours=23.5, to=2),
        mails("sent", 20, hours=21.5, to=3),
        mails("sent", 40, hours=0.5),
        mails("failed", 99, hours=23.5),
        mails("sent", 99, hours=24.5),
    )
    messages, recipients = (await hotel.look(quota)).findings.budgets
    assert (messages.name, messages.used, messages.limit, messages.pace) == ("messages", 360, 2000, 40)
    assert messages.frees == (300, 0, 20, *[0] * 20, 40)
    assert (recipients.name, recipients.used, recipients.limit) == ("recipients", 700, 10_000)
    assert (recipients.pace, recipients.frees) == (40, (600, 0, 60, *[0] * 20, 40))
    assert sum(messages.frees) == messages.used


async def test_a_statement_of_ones_own_need_not_know_the_hours(hotel: Hotel) -> None:
    own = "SELECT 100 AS messages, 100 AS recipients, 9 AS hour, 4 AS leaving, NULL::float AS free_in"
    hotel.system = {"smtp": {"host": "smtp.gmail.com"}}
    result = await hotel.look(quota, query=own)
    assert (result.state, result.findings.budgets) == (State.OK, ())
    hours = "array_fill(4, ARRAY[24])"
    (only,) = (await hotel.look(quota, query=f"{own}, {hours} AS frees")).findings.budgets
    assert only == Budget("messages", 100, 2000, 9, (4,) * 24)
    odd = await hotel.look(quota, query=f"{own}, ARRAY[1, 2] AS frees")
    assert (odd.state, odd.message) == (State.UNKNOWN, "column frees has 2 hours, expected 24")


async def test_a_hundred_thousand_mails_are_counted_well_within_the_time(hotel: Hotel) -> None:
    await hotel.run(
        "INSERT INTO email_logs (status, recipient, created_at) "
        "SELECT 'sent', 'g' || nr || '@guest.example', now() - nr * interval '0.8 s' "
        "FROM generate_series(1, 100000) AS nr"
    )
    began = SystemClock().now()
    (messages,) = (await hotel.look(quota)).findings.budgets
    assert (SystemClock().now() - began).total_seconds() < 3.0, "the role's statement_timeout is 3 s"
    assert sum(messages.frees) == messages.used == 100_720


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
