"""Availability of rooms, and the mapping of room types to the booking engine's."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from checks.context import Tools
from checks.findings import MOST_SCARCE, NO_FINDINGS, Scarce
from checks.integrations.built_in import StockTuning
from checks.integrations.looks_tables import availability, room_mapping
from checks.result import Reason, State
from daemon.clock import SystemClock
from daemon.demo.postgres import Postgres
from tests.support.pms import ROOMS, TODAY, Hotel, a_hotel

OWN = """
SELECT 10 AS nights, 0 AS missing_soon, 0 AS missing_later, 0 AS overbooked, 0 AS excess,
       NULL AS first_gap, NULL AS first_overbooked, NULL AS opening, NULL::float AS updated"""


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    async with a_hotel(pg, ROOMS) as one:
        yield one


async def test_a_negative_number_is_an_overbooked_night(hotel: Hotel) -> None:
    await hotel.run(
        f"UPDATE availability SET available_rooms = -1 WHERE room_type_id = 'DBL' AND date = {TODAY} + 40"
    )
    result = await hotel.look(availability)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.THRESHOLD, True)
    assert (result.observed, result.limit) == (1, 0)
    day = await hotel.db.value(f"SELECT ({TODAY} + 40)::text")
    assert result.message == f"1 night overbooked, the first DBL on {day}"
    assert result.measurements["overbooked"] == 1


async def test_nights_with_few_rooms_left_are_found_in_their_order(hotel: Hotel) -> None:
    few = (("STE", 9, 1), ("DBL", 9, 0), ("SGL", 29, 2), ("DBL", 3, 2), ("SGL", 30, 1), ("SGL", 4, 3))
    values = ", ".join(f"('{room}', {TODAY} + {day}, {left})" for room, day, left in few)
    await hotel.run(
        f"UPDATE availability SET available_rooms = rooms FROM (VALUES {values}) AS few (room, night, rooms) "
        "WHERE room_type_id = room AND date = night"
    )
    today = SystemClock().now().astimezone(hotel.zone).date()
    found = (await hotel.look(availability)).findings
    assert found.scarce == (
        Scarce("DBL", today + timedelta(3), 2),
        Scarce("DBL", today + timedelta(9), 0),
        Scarce("STE", today + timedelta(9), 1),
        Scarce("SGL", today + timedelta(29), 2),
    )
    assert (found.scarce_in_all, found.scarce_at) == (4, 2)
    assert (await hotel.look(availability, scarce=1)).findings.scarce == found.scarce[1:3]


async def test_a_hotel_with_rooms_enough_has_looked_and_found_none(hotel: Hotel) -> None:
    found = (await hotel.look(availability)).findings
    assert (found.scarce, found.scarce_in_all, found.scarce_at) == ((), 0, 2)


async def test_many_scarce_nights_are_counted_and_the_next_ones_told(hotel: Hotel) -> None:
    await hotel.run("UPDATE availability SET available_rooms = 1")
    result = await hotel.look(availability)
    assert (len(result.findings.scarce), result.findings.scarce_in_all) == (MOST_SCARCE, 90)
    assert result.state is State.OK


async def test_a_statement_of_ones_own_need_not_tell_of_scarce_nights(hotel: Hotel) -> None:
    result = await hotel.look(availability, query=OWN)
    assert (result.state, result.findings) == (State.OK, NO_FINDINGS)
    more = OWN + ", 7 AS scarce, ARRAY['2026-12-24 1 DLX twin'] AS few"
    found = (await hotel.look(availability, query=more, scarce=3)).findings
    assert found.scarce == (Scarce("DLX twin", date(2026, 12, 24), 1),)
    assert (found.scarce_in_all, found.scarce_at) == (7, 3)
    odd = await hotel.look(availability, query=OWN + ", 1 AS scarce, ARRAY['soon'] AS few")
    assert (odd.state, odd.reason) == (State.UNKNOWN, Reason.QUERY)


async def test_a_past_night_is_past(hotel: Hotel) -> None:
    await hotel.run(
        f"UPDATE availability SET available_rooms = -1 WHERE date < {TODAY}",
        f"DELETE FROM availability WHERE date = {TODAY} - 3",
    )
    assert (await hotel.look(availability)).state is State.OK


@pytest.mark.parametrize(
    ("day", "state", "reason"),
    [
        (0, State.CRITICAL, Reason.MISSING),
        (29, State.CRITICAL, Reason.MISSING),
        (30, State.WARNING, Reason.MISMATCH),
        (362, State.WARNING, Reason.MISMATCH),
        (363, State.OK, None),
    ],
)
async def test_a_gap_is_the_worse_the_nearer_it_is(
    hotel: Hotel, day: int, state: State, reason: Reason | None
) -> None:
    await hotel.run(f"DELETE FROM availability WHERE room_type_id = 'SGL' AND date = {TODAY} + {day}")
    result = await hotel.look(availability)
    assert (result.state, result.reason) == (state, reason), result
    assert result.decisive is (state is not State.OK)
    if state is not State.OK:
        first = await hotel.db.value(f"SELECT 'SGL on ' || ({TODAY} + {day})::text")
        assert result.message.startswith("1 room-night of the next 363 days without availability")
        assert result.message.endswith(f"the first {first}")


async def test_the_horizon_is_the_hotels_own(hotel: Hotel) -> None:
    await hotel.run(f"DELETE FROM availability WHERE date >= {TODAY} + 90")
    assert (await hotel.look(availability, horizon_days=90)).state is State.OK
    assert (await hotel.look(availability, horizon_days=93)).measurements["missing_later"] == 3


async def test_the_last_two_nights_may_still_be_made_tonight(hotel: Hotel) -> None:
    await hotel.run(f"DELETE FROM availability WHERE date >= {TODAY} + 363")
    assert (await hotel.look(availability)).state is State.OK
    await hotel.run(f"DELETE FROM availability WHERE date >= {TODAY} + 362")
    assert (await hotel.look(availability)).measurements["missing_later"] == 3


async def test_a_closed_season_is_asked_about_and_no_emergency(hotel: Hotel) -> None:
    await hotel.run(f"DELETE FROM availability WHERE date < {TODAY} + 20")
    result = await hotel.look(availability)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    opening = await hotel.db.value(f"SELECT ({TODAY} + 20)::text")
    assert result.message == f"no availability of any room type before {opening}: closed until then?"
    await hotel.run(f"DELETE FROM availability WHERE room_type_id = 'SGL' AND date = {TODAY} + 25")
    result = await hotel.look(availability)
    assert (result.state, result.measurements["missing_soon"]) == (State.CRITICAL, 1)


async def test_blanks_around_a_room_types_id_are_none_of_it(hotel: Hotel) -> None:
    await hotel.run(
        "UPDATE room_type_mappings SET pms_room_type_id = 'DBL ' WHERE pms_room_type_id = 'DBL'",
        "UPDATE availability SET room_type_id = ' STE' WHERE room_type_id = 'STE'",
    )
    assert (await hotel.look(availability)).state is State.OK
    assert (await hotel.look(room_mapping)).state is State.OK


async def test_a_horizon_of_decades_is_refused_with_the_configuration(hotel: Hotel) -> None:
    with pytest.raises(ValidationError, match="1100"):
        StockTuning(horizon_days=10_000)
    assert availability(hotel.site(), StockTuning(horizon_days=1100))


async def test_today_is_the_hotels_day(hotel: Hotel) -> None:
    """Two zones 25 hours apart never share a day."""
    await hotel.run("DELETE FROM availability WHERE date <> (now() AT TIME ZONE 'Pacific/Kiritimati')::date")
    hotel.zone = ZoneInfo("Pacific/Kiritimati")
    assert (await hotel.look(availability, horizon_days=1)).state is State.OK
    hotel.zone = ZoneInfo("Pacific/Pago_Pago")
    assert (await hotel.look(availability, horizon_days=1)).reason is Reason.MISSING


async def test_a_mapped_room_type_without_availability_is_a_gap(hotel: Hotel) -> None:
    await hotel.run("DELETE FROM availability WHERE room_type_id = 'STE'")
    result = await hotel.look(availability)
    assert result.reason is Reason.MISSING
    assert (result.measurements["missing_soon"], result.measurements["missing_later"]) == (30, 333)


async def test_more_rooms_than_there_are_is_a_warning(hotel: Hotel) -> None:
    await hotel.run(f"UPDATE availability SET available_rooms = 11 WHERE date = {TODAY} + 1")
    result = await hotel.look(availability)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    assert result.message == "3 nights with more rooms available than there are"
    await hotel.run("UPDATE availability SET physical_rooms = NULL")
    assert (await hotel.look(availability)).state is State.OK


async def test_no_availability_at_all_is_missing(hotel: Hotel) -> None:
    await hotel.run("TRUNCATE availability")
    result = await hotel.look(availability)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert result.message == "there is no availability from today on, expected 363 days of it"


async def test_old_numbers_are_only_measured(hotel: Hotel) -> None:
    await hotel.run("UPDATE availability SET updated_at = now() - interval '9 days'")
    result = await hotel.look(availability)
    assert result.state is State.OK
    age = SystemClock().now().timestamp() - result.measurements["updated_timestamp_seconds"]
    assert age == pytest.approx(9 * 86_400, abs=5)


@pytest.mark.parametrize("target", ["NULL", "''", "'  '"])
async def test_a_mapping_without_a_target_is_missing(hotel: Hotel, target: str) -> None:
    await hotel.run(
        f"UPDATE room_type_mappings SET booking_engine_room_type_id = {target} WHERE pms_room_type_id = 'DBL'"
    )
    result = await hotel.look(room_mapping)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.MISSING, True)
    assert result.message == "1 mapping without a target: DBL"


async def test_a_room_type_that_is_sold_and_not_mapped_is_missing(hotel: Hotel) -> None:
    await hotel.run(
        f"INSERT INTO availability VALUES ('OLD', {TODAY} - 1, 1), ('NEW', {TODAY} + 5, 1)",
        "UPDATE room_type_mappings SET is_active = false WHERE pms_room_type_id = 'STE'",
    )
    result = await hotel.look(room_mapping)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert result.message == "2 room types to be sold without an active mapping: NEW, STE"


@pytest.mark.parametrize("mapping", ["NULL, false", "'be-9', false", "' ', true"])
async def test_a_room_type_that_is_mapped_to_nothing_and_never_free_is_not_sold(
    hotel: Hotel, mapping: str
) -> None:
    free = f"INSERT INTO availability SELECT 'STAFF', {TODAY} + day, 0 FROM generate_series(0, 380) AS day"
    await hotel.run(free)
    assert (await hotel.look(room_mapping)).message.endswith("without an active mapping: STAFF")
    await hotel.run(f"INSERT INTO room_type_mappings VALUES ('STAFF', {mapping})")
    assert (await hotel.look(room_mapping)).state is State.OK
    await hotel.run(f"UPDATE availability SET available_rooms = 1 WHERE date = {TODAY} + 90")
    assert (await hotel.look(room_mapping)).reason is Reason.MISSING


@pytest.mark.parametrize(
    ("mapping", "which"),
    [("('STE', 'be-9')", "STE"), ("('DLX', 'be-2')", "be-2"), ("(' STE', 'be-9')", "STE")],
)
async def test_what_is_mapped_twice_is_a_warning(hotel: Hotel, mapping: str, which: str) -> None:
    await hotel.run(f"INSERT INTO room_type_mappings VALUES {mapping}")
    result = await hotel.look(room_mapping)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    assert result.message == f"1 room type mapped more than once: {which}"


async def test_no_mapping_at_all_is_missing(hotel: Hotel) -> None:
    await hotel.run("UPDATE room_type_mappings SET is_active = false")
    result = await hotel.look(room_mapping)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert "no active mapping" in result.message


async def test_fewer_mappings_than_before_is_a_warning_for_a_day(hotel: Hotel) -> None:
    assert (await hotel.look(room_mapping)).state is State.OK
    await hotel.run(
        "DELETE FROM room_type_mappings WHERE pms_room_type_id = 'STE'",
        "DELETE FROM availability WHERE room_type_id = 'STE'",
    )
    result = await hotel.look(room_mapping)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    assert result.message == "2 active mappings, 3 at the last good look"
    assert (await hotel.look(room_mapping)).state is State.WARNING
    clock = SystemClock()
    later = Tools.new(lambda: clock.now() + timedelta(hours=25))
    try:
        assert (await hotel.look(room_mapping, tools=later)).state is State.OK
    finally:
        await later.close()
    assert (await hotel.look(room_mapping)).state is State.OK


async def test_mappings_that_came_back_are_good_at_once(hotel: Hotel) -> None:
    await hotel.look(room_mapping)
    await hotel.run("DELETE FROM room_type_mappings WHERE pms_room_type_id = 'STE'")
    await hotel.run("DELETE FROM availability WHERE room_type_id = 'STE'")
    assert (await hotel.look(room_mapping)).state is State.WARNING
    await hotel.run("INSERT INTO room_type_mappings VALUES ('STE', 'be-3')")
    assert (await hotel.look(room_mapping)).state is State.OK
