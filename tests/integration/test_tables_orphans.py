"""Modifications that belong to no reservation, and reservations that stand twice."""

from collections.abc import AsyncIterator

import pytest

from checks.integrations.looks_tables import modification_orphans
from checks.result import Reason, State
from daemon.demo.postgres import Postgres
from tests.support.pms import RESERVATIONS, TODAY, Hotel, a_hotel

CHANGES = "INSERT INTO ota_modification_queue (ota_reservation_id, status, created_at) "
BOOKED = "INSERT INTO reservations (ota_reservation_id, room_type_id, check_in, check_out, created_at) "


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    async with a_hotel(pg, RESERVATIONS) as one:
        yield one


async def test_a_modification_without_its_reservation_is_found(hotel: Hotel) -> None:
    await hotel.run(
        CHANGES + "VALUES ('GONE-1', 'pending', now() - interval '12 min'), ('GONE-2', 'processed', now())",
        f"UPDATE ota_modification_queue SET new_check_in = {TODAY} + 1 WHERE ota_reservation_id = 'GONE-1'",
    )
    result = await hotel.look(modification_orphans)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.MISSING, True)
    assert result.message == (
        "1 modification of reservations that the PMS does not have (GONE-1), the oldest waiting for 12 min, "
        "1 arriving today or tomorrow"
    )


@pytest.mark.parametrize(("minutes", "state"), [(0, State.OK), (9.9, State.OK), (10.1, State.CRITICAL)])
async def test_a_modification_may_overtake_its_reservation_for_a_while(
    hotel: Hotel, minutes: float, state: State
) -> None:
    await hotel.run(CHANGES + f"VALUES ('NEW-1', 'pending', now() - {minutes} * interval '1 minute')")
    result = await hotel.look(modification_orphans)
    assert result.state is state
    young = state is State.OK
    assert (result.measurements["young_orphans"], result.measurements["orphans"]) == (young, not young)


async def test_many_orphans_are_not_counted_to_the_last(hotel: Hotel) -> None:
    ids = "SELECT 'X' || nr, 'pending', now() - interval '1 hour' FROM generate_series(1, 3000) nr"
    await hotel.run(CHANGES + ids)
    result = await hotel.look(modification_orphans)
    assert result.measurements["orphans"] == 1001
    assert "at least 1,001 modifications" in result.message


async def test_an_old_orphan_is_found_among_a_flood_of_young_ones(hotel: Hotel) -> None:
    await hotel.run(CHANGES + "SELECT 'X' || nr, 'pending', now() FROM generate_series(1, 3000) nr")
    await hotel.run(CHANGES + "VALUES ('GONE-1', 'pending', now() - interval '1 hour')")
    assert (await hotel.look(modification_orphans)).measurements["orphans"] == 1


async def test_a_booking_of_several_rooms_stands_once(hotel: Hotel) -> None:
    rooms = "unnest(ARRAY['SGL', 'DBL', 'DBL']) AS room"
    await hotel.run(BOOKED + f"SELECT 'BDC-77', room, {TODAY} + 5, {TODAY} + 7, now() FROM {rooms}")
    assert (await hotel.look(modification_orphans)).state is State.OK
    later = f"SELECT 'BDC-77', 'STE', {TODAY} + 5, {TODAY} + 7, now() + interval '5 minutes'"
    await hotel.run(BOOKED + later)
    assert (await hotel.look(modification_orphans)).state is State.OK


@pytest.mark.parametrize(("until", "twice"), [("- 1", False), ("", True), ("+ 12", True)])
async def test_a_stay_to_come_that_was_imported_again_is_a_warning(
    hotel: Hotel, until: str, twice: bool
) -> None:
    days = f"{TODAY} - 3, {TODAY} {until}"
    await hotel.run(
        BOOKED + f"VALUES ('E-7', 'DBL', {days}, now() - interval '2 hours'), ('E-7', 'DBL', {days}, now())",
        "INSERT INTO reservations (ota_reservation_id, created_at) VALUES ('', now()), ('', '2020-01-01')",
    )
    result = await hotel.look(modification_orphans)
    if not twice:
        assert result.state is State.OK
        return
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    assert result.message == "1 OTA reservation of stays to come, imported more than once"


async def test_a_stay_of_several_rooms_that_was_imported_again_counts_once(hotel: Hotel) -> None:
    stays = f"SELECT 'E-7', room, {TODAY} + 5, {TODAY} + 7, now() - hours * interval '1 hour' FROM "
    await hotel.run(BOOKED + stays + "unnest(ARRAY['SGL', 'DBL']) AS room, unnest(ARRAY[0, 2]) AS hours")
    assert (await hotel.look(modification_orphans)).measurements["duplicates"] == 1
