"""Silence of new reservations, and reservations that failed to import."""

from collections.abc import AsyncIterator
from time import perf_counter

import pytest

from checks.integrations.looks_tables import import_errors, reservations
from checks.result import EXPECTED, LAST, ONE_IN, USUAL_GAP, Reason, State
from checks.tables.reservations import RARE
from daemon.clock import SystemClock
from daemon.demo.postgres import Postgres
from tests.support.pms import RESERVATIONS, ROOMS, TODAY, Hotel, a_hotel

ERRORS = "INSERT INTO reservation_import_errors (reservation_id, error, check_in, resolved_at, created_at) "


def silent(hours: float) -> str:
    return f"DELETE FROM reservations WHERE created_at > now() - interval '{hours} hours'"


def quiet_around(ago: str, hours: float) -> str:
    around = f"now() - interval '{ago}'"
    return (
        f"DELETE FROM reservations WHERE created_at BETWEEN {around} - interval '{hours} hours' "
        f"AND {around} + interval '{hours} hours'"
    )


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    async with a_hotel(pg, RESERVATIONS) as one:
        yield one


async def test_the_newest_reservation_is_told(hotel: Hotel) -> None:
    await hotel.run(silent(3))
    result = await hotel.look(reservations)
    assert result.state is State.OK
    assert SystemClock().now().timestamp() - result.measurements[LAST] == pytest.approx(3.33 * 3600, abs=120)
    # One and a half an hour, and more or less with the hours that the silence lies in.
    assert result.measurements[EXPECTED] == pytest.approx(5, abs=1)
    assert "the usual gap is at most 2 h" in result.message


async def test_a_silence_that_chance_does_not_explain_is_told_with_its_odds(hotel: Hotel) -> None:
    await hotel.run(silent(8))
    assert (await hotel.look(reservations)).state is State.OK
    await hotel.run(silent(20))
    result = await hotel.look(reservations)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.STALE, True)
    assert result.observed == pytest.approx(20 * 3600, abs=2400)
    assert result.limit is not None
    assert 8 * 3600 < result.limit < 20 * 3600
    assert result.measurements[ONE_IN] > RARE
    assert result.message.startswith("no new reservation for 20 h, 30 were to be expected; around ")
    assert result.message.endswith(": either nobody books, or bookings get lost")


async def test_a_silence_that_is_usual_at_this_hour_is_none(hotel: Hotel) -> None:
    await hotel.run(*(quiet_around(f"{week * 7} days", 12) for week in range(1, 9)), silent(11.5))
    assert (await hotel.look(reservations)).state is State.OK
    await hotel.run(silent(36))
    assert (await hotel.look(reservations)).state is State.WARNING


async def test_a_gap_at_another_hour_says_nothing_of_this_one(hotel: Hotel) -> None:
    await hotel.run(*(quiet_around(f"{day * 24 + 12} hours", 3) for day in range(1, 57)))
    await hotel.run(silent(9))
    result = await hotel.look(reservations)
    assert result.measurements[EXPECTED] == pytest.approx(13, abs=2.5)


async def test_a_small_hotel_is_told_how_little_a_silence_says(hotel: Hotel) -> None:
    await hotel.run("DELETE FROM reservations WHERE id % 18 <> 0", silent(48))
    result = await hotel.look(reservations)
    assert result.state is State.OK
    assert "at 2.1 a day a silence says little before " in result.message


async def test_a_hundred_thousand_reservations_are_read_in_a_moment(hotel: Hotel) -> None:
    await hotel.run(
        "INSERT INTO reservations (created_at) "
        "SELECT now() - nr * interval '48 seconds' FROM generate_series(1, 100000) AS nr"
    )
    started = perf_counter()
    result = await hotel.look(reservations)
    assert result.state is State.OK
    assert result.measurements["reservations"] > 100_000
    assert perf_counter() - started < 3


async def test_a_statement_of_ones_own_may_tell_the_longest_usual_gap(hotel: Hotel) -> None:
    def own(silent: int, usual: str = "2400") -> str:
        return f"SELECT 900 AS made, 0 AS closed, 2000000 AS known, {silent} AS silent, {usual} AS usual"

    assert (await hotel.look(reservations, query=own(5 * 3600))).state is State.OK
    result = await hotel.look(reservations, query=own(7 * 3600))
    assert (result.state, result.reason, result.limit) == (State.WARNING, Reason.STALE, 6 * 3600)
    assert "the longest usual gap is 40 min, expected one within 6 h" in result.message
    assert result.measurements[USUAL_GAP] == 2400
    assert "too little is known" in (await hotel.look(reservations, query=own(7 * 3600, "NULL"))).message


@pytest.mark.parametrize(
    ("day", "came", "said"),
    [("27.11.2026", "9:1", "column day is"), ("2026-11-27", "nine", "column came is")],
)
async def test_hours_that_cannot_be_read_are_unknown(hotel: Hotel, day: str, came: str, said: str) -> None:
    own = f"SELECT 900 AS made, 0 AS closed, 2000000 AS known, 60 AS silent, '{day}' AS day, '{came}' AS came"
    result = await hotel.look(reservations, query=own)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert said in result.message


async def test_a_hotel_with_nothing_to_sell_is_not_expected_to_be_booked(hotel: Hotel) -> None:
    await hotel.run(silent(60), ROOMS)
    assert (await hotel.look(reservations)).state is State.WARNING
    closed = f"UPDATE availability SET available_rooms = 0 WHERE date < {TODAY} + "
    await hotel.run(closed + "29")
    assert (await hotel.look(reservations)).state is State.WARNING
    await hotel.run(closed + "30")
    result = await hotel.look(reservations)
    assert (result.state, result.measurements[ONE_IN] > RARE) == (State.OK, True)
    assert result.message.endswith("no room can be sold within 30 days, so nobody is expected to book")
    await hotel.run(f"DELETE FROM availability WHERE date < {TODAY} + 30")
    assert (await hotel.look(reservations)).state is State.OK


async def test_a_silence_of_weeks_does_not_end_by_itself(hotel: Hotel) -> None:
    await hotel.run("UPDATE reservations SET created_at = created_at - interval '100 days'")
    result = await hotel.look(reservations)
    assert (result.state, result.reason) == (State.WARNING, Reason.STALE)
    assert result.message.startswith("no new reservation for 100 days")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM reservations WHERE created_at < now() - interval '13 days'",
        "DELETE FROM reservations WHERE id % 40 <> 0",
        "TRUNCATE reservations",
    ],
    ids=["few days", "few reservations", "none"],
)
async def test_little_history_judges_nothing(hotel: Hotel, change: str) -> None:
    await hotel.run(silent(8), change)
    result = await hotel.look(reservations)
    assert result.state is State.OK
    assert "too little is known" in result.message


async def test_one_row_of_the_future_hides_no_silence(hotel: Hotel) -> None:
    await hotel.run(silent(20), "INSERT INTO reservations (created_at) VALUES (now() + interval '1 year')")
    assert (await hotel.look(reservations)).state is State.WARNING


async def test_each_unresolved_import_error_is_a_guest_without_a_room(hotel: Hotel) -> None:
    await hotel.run(
        ERRORS
        + f"VALUES ('BE-7', 'Room type not mapped: DLX', {TODAY} + 1, NULL, now() - interval '3 hours'),"
        f"('BE-8', 'room type not mapped: STE', {TODAY} + 9, NULL, now()),"
        f"('BE-9', 'Insufficient inventory', {TODAY}, NULL, now()), ('BE-5', 'Mr. Smith?', NULL, NULL, now())"
    )
    result = await hotel.look(import_errors)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, True)
    assert result.message == (
        "4 reservations could not be imported (BE-9, BE-7, BE-8), 2 with a room type that is not mapped, "
        "1 with insufficient inventory, 2 arriving today or tomorrow, the oldest 3 h ago"
    )
    numbers = result.measurements
    assert numbers["oldest_error_seconds"] == pytest.approx(3 * 3600, abs=5)
    assert {name: numbers[name] for name in ("unresolved", "unmapped", "no_inventory", "arriving_soon")} == {
        "unresolved": 4,
        "unmapped": 2,
        "no_inventory": 1,
        "arriving_soon": 2,
    }


@pytest.mark.parametrize(
    ("check_in", "resolved", "counts"),
    [("- 1", "NULL", 0), ("+ 20", "NULL", 1), ("+ 20", "now()", 0)],
    ids=["stay begun", "stay to come", "resolved"],
)
async def test_an_old_error_counts_while_the_stay_is_to_come(
    hotel: Hotel, check_in: str, resolved: str, counts: int
) -> None:
    await hotel.run(
        ERRORS + f"VALUES ('BE-1', 'x', {TODAY} {check_in}, {resolved}, now() - interval '9 days')"
    )
    result = await hotel.look(import_errors)
    assert result.measurements["unresolved"] == counts
    assert result.state is (State.CRITICAL if counts else State.OK)


async def test_many_errors_are_not_counted_to_the_last(hotel: Hotel) -> None:
    await hotel.run(ERRORS + "SELECT NULL, NULL, NULL, NULL, now() FROM generate_series(1, 5000)")
    result = await hotel.look(import_errors)
    assert result.message == "at least 1,001 reservations could not be imported, the oldest 0 s ago"


@pytest.mark.parametrize(
    ("hours", "arrival", "state"),
    [
        (25, "NULL", State.CRITICAL),
        (167, "NULL", State.CRITICAL),
        (169, "NULL", State.OK),
        (25, f"{TODAY} - 1", State.OK),
    ],
)
async def test_an_error_whose_stay_nobody_knows_is_not_settled_by_waiting_a_day(
    hotel: Hotel, hours: int, arrival: str, state: State
) -> None:
    await hotel.run(ERRORS + f"VALUES ('BE-1', 'x', {arrival}, NULL, now() - interval '{hours} hours')")
    result = await hotel.look(import_errors)
    assert result.state is state
    if state is State.OK:
        assert result.message == "no error in 24 h (1 older one unresolved)"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("PMS API not available (503)", None),
        ("Service temporarily unavailable", None),
        ("Inventory service not available", None),
        ("Rate plan not mapped: NRF", None),
        ("Rate plan BAR of room type DLX not mapped", None),
        ("Unmapped room type DLX", "unmapped"),
        ("No mapping for room type DLX", "unmapped"),
        ("Room DLX not available", "no_inventory"),
        ("no rooms left", "no_inventory"),
        ("Not enough inventory", "no_inventory"),
        ("DLX is sold out", "no_inventory"),
    ],
)
async def test_an_error_is_of_the_class_that_its_nouns_say(
    hotel: Hotel, error: str, kind: str | None
) -> None:
    await hotel.run(ERRORS + f"VALUES ('BE-1', '{error}', NULL, NULL, now())")
    numbers = (await hotel.look(import_errors)).measurements
    assert [name for name in ("unmapped", "no_inventory") if numbers[name]] == ([kind] if kind else [])
