"""The hotel's mails: whether they leave and arrive, and whether bounces are heeded."""

from collections.abc import AsyncIterator

import pytest

from checks.integrations.looks_tables import delivery, quota
from checks.result import BOUNCED_RATIO, DELIVERED_RATIO, EXPECTED, LAST, ONE_IN, Quota, Reason, Sign, State
from daemon.clock import SystemClock
from daemon.demo.postgres import Postgres
from tests.support.pms import MAIL_LOG, MAILS, Hotel, a_hotel, mails


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
    await hotel.run(mails("failed", 38, "550 5.4.5 Daily user sending limit exceeded", hours=0.2))
    result = await hotel.look(delivery)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.THRESHOLD, True)
    assert result.observed == pytest.approx(100 * 38 / 758)
    assert result.limit == 5
    assert result.signs == {Sign.QUOTA_USED_UP}
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
        assert result.signs == {Sign.HARD_BOUNCES, Sign.MAIL_UNAUTHENTICATED}


async def test_what_few_failures_say_is_no_sign(hotel: Hotel) -> None:
    await hotel.run(
        mails("failed", 10, "550 5.7.26 unauthenticated", hours=0.2),
        mails("failed", 50, "451 later", hours=0.2),
    )
    result = await hotel.look(delivery)
    assert (result.reason, result.signs) == (Reason.THRESHOLD, frozenset())


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
        await hotel.run(mails("failed", 19, hours=0.2), mails("bounced", 30, bounce="hard", hours=0.5))
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
        f"{MAIL_LOG} VALUES "
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


async def test_no_mail_ever_is_no_fault(pg: Postgres) -> None:
    async with a_hotel(pg) as hotel:
        result = await hotel.look(delivery)
        assert (result.state, result.message) == (State.OK, "no mail in the last 24 h")
        assert not {DELIVERED_RATIO, BOUNCED_RATIO, LAST} & set(result.measurements)
        assert (await hotel.look(quota)).quotas["messages"] == Quota(0, 2000)


OUTAGE = "421 4.3.0 system not accepting mail"


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "452 4.2.2 mailbox full", "552 5.2.2 full"])
async def test_guests_who_mistype_or_never_read_are_no_outage(pg: Postgres, answer: str) -> None:
    async with a_hotel(pg) as hotel:
        await hotel.run(mails("delivered", 14, hours=3), mails("failed", 6, answer, hours=0.5))
        result = await hotel.look(delivery)
    assert (result.state, result.measurements["guests"], result.measurements["failed"]) == (State.OK, 6, 0)
    assert result.message.startswith("14 of 20 mails of the last 24 h went out, 6 failed")


async def test_guests_are_not_all_mistaken(pg: Postgres) -> None:
    async with a_hotel(pg) as hotel:
        await hotel.run(mails("delivered", 9, hours=3), mails("failed", 11, "550 5.1.1", hours=2))
        result = await hotel.look(delivery)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.THRESHOLD)
    assert result.message.startswith("11 of 20 mails of the last 24 h failed (55%")


async def test_a_senders_own_address_is_not_the_guests(pg: Postgres) -> None:
    async with a_hotel(pg) as hotel:
        await hotel.run(mails("delivered", 15, hours=3), mails("failed", 5, "553 5.1.8 sender", hours=2))
        assert (await hotel.look(delivery)).state is State.CRITICAL


@pytest.mark.parametrize(("failed", "state"), [(4, State.OK), (5, State.CRITICAL)])
async def test_few_failures_of_few_mails_raise_nothing(pg: Postgres, failed: int, state: State) -> None:
    async with a_hotel(pg) as hotel:
        await hotel.run(mails("delivered", 25, hours=3), mails("failed", failed, OUTAGE, hours=0.5))
        assert (await hotel.look(delivery)).state is state


async def test_an_outage_that_is_over_is_over(hotel: Hotel) -> None:
    await hotel.run(mails("failed", 100, OUTAGE, hours=20))
    result = await hotel.look(delivery)
    assert (result.state, result.measurements["failed"]) == (State.OK, 100)
    await hotel.run(mails("failed", 2, OUTAGE, hours=0.5))
    assert (await hotel.look(delivery)).state is State.CRITICAL


async def test_an_outage_of_a_quiet_hotel_goes_on_until_mails_leave_again(pg: Postgres) -> None:
    async with a_hotel(pg) as hotel:
        await hotel.run(mails("delivered", 14, hours=9), mails("failed", 6, OUTAGE, hours=5))
        assert (await hotel.look(delivery)).state is State.CRITICAL
        await hotel.run(mails("delivered", 9, hours=3))
        assert (await hotel.look(delivery)).state is State.CRITICAL
        await hotel.run(mails("delivered", 1, hours=3))
        assert (await hotel.look(delivery)).state is State.OK


DIRECT = "INSERT INTO reservations (ota_reservation_id, created_at) SELECT {}, now() - ({}) FROM "


@pytest.fixture
async def silent(hotel: Hotel) -> Hotel:
    """No mail for three hours, and one soon after each booking before."""
    await hotel.run(
        "UPDATE email_logs SET created_at = created_at - interval '3 hours'",
        DIRECT.format("NULL", "interval '4 hours' + nr * interval '90 minutes'")
        + "generate_series(1, 10) nr",
    )
    return hotel


async def test_bookings_without_a_mail_are_told(silent: Hotel) -> None:
    assert (await silent.look(delivery)).measurements["reservations_without_mail"] == 0
    young, minutes = "interval '1 minute'", "interval '2 hours' + nr * interval '1 minute'"
    await silent.run(
        DIRECT.format("NULL", young) + "generate_series(1, 9) nr",
        DIRECT.format("''", minutes) + "generate_series(1, 2) nr",
    )
    assert (await silent.look(delivery)).state is State.OK
    await silent.run(DIRECT.format("NULL", "interval '1 hour'") + "generate_series(1, 1) nr")
    result = await silent.look(delivery)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.STALE, False)
    assert result.message == (
        "3 bookings made since the last mail went out, 3 h ago; 10 of 10 before had a mail after them"
    )
    await silent.run("DROP TABLE reservations")
    assert (await silent.look(delivery)).state is State.OK


@pytest.mark.parametrize(
    ("ota", "apart"), [("'BDC-' || nr", "nr * interval '9 minutes'"), ("NULL", "interval '0'")]
)
async def test_bookings_of_an_ota_and_groups_of_rooms_need_no_mail_each(
    silent: Hotel, ota: str, apart: str
) -> None:
    await silent.run(DIRECT.format(ota, f"interval '30 minutes' + {apart}") + "generate_series(1, 9) nr")
    assert (await silent.look(delivery)).state is State.OK


async def test_a_mail_before_a_booking_does_not_follow_it(silent: Hotel) -> None:
    await silent.run(
        "TRUNCATE email_logs, reservations",
        "INSERT INTO email_logs (status, created_at) SELECT 'sent', date_bin('15 min', now(), '2000-01-01') "
        "- nr * interval '90 minutes' FROM generate_series(2, 11) AS nr",
        "INSERT INTO reservations (created_at) SELECT created_at + interval '10 minutes' FROM email_logs",
        DIRECT.format("NULL", "interval '20 minutes' + nr * interval '9 minutes'")
        + "generate_series(1, 9) nr",
    )
    assert (await silent.look(delivery)).state is State.OK


async def test_a_hotel_that_seldom_writes_after_a_booking_misses_no_mail(silent: Hotel) -> None:
    often = DIRECT.format("NULL", "interval '30 minutes' + nr * interval '9 minutes'")
    await silent.run(often + "generate_series(1, 9) nr")
    assert (await silent.look(delivery)).state is State.WARNING
    await silent.run("DELETE FROM email_logs WHERE created_at < now() - interval '4 hours'")
    assert (await silent.look(delivery)).state is State.OK


async def test_mails_of_which_no_status_is_known_are_not_read_as_none(hotel: Hotel) -> None:
    await hotel.run("UPDATE email_logs SET status = 'SENT'")
    result = await hotel.look(delivery)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert result.message.startswith("no row has a status we know (SENT), expected sent, delivered,")


async def test_a_silence_of_mails_is_told_with_how_usual_it_is_and_alarms_nobody(hotel: Hotel) -> None:
    await hotel.run(
        MAIL_LOG
        + "SELECT 'sent', NULL, NULL, 'guest@guest.example', now() - nr * interval '30 minutes', NULL, 1 "
        "FROM generate_series(1, 1400) AS nr",
        "DELETE FROM email_logs WHERE created_at > now() - interval '7 hours'",
    )
    result = await hotel.look(delivery)
    assert result.state is State.OK
    assert "; none for 7 h, around " in result.message
    assert result.measurements[EXPECTED] > 7
    assert result.measurements[ONE_IN] > 100
