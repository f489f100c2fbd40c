"""What did not get into the PMS, by arrival: what of it is listed, and what never leaves the database."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from checks.findings import MOST_STUCK, NO_FINDINGS, Arrivals, Findings, Gap, Trouble
from checks.integrations.built_in import Look
from checks.integrations.looks_tables import import_errors, modification_orphans, modification_queue
from checks.result import State
from checks.tables.triage import LEAST_TIME, MOST_TIME
from daemon.clock import SystemClock
from daemon.demo.postgres import Postgres
from tests.support.pms import RESERVATIONS, ROOMS, TODAY, Hotel, a_hotel

DEPLOY = Path("deploy/postgres")
ERRORS = "INSERT INTO reservation_import_errors (reservation_id, error, check_in, created_at) "
CHANGES = (
    "INSERT INTO ota_modification_queue (ota_reservation_id, status, error, new_check_in, created_at) VALUES "
)
COUNTS = """
SELECT 2 AS unresolved, 0 AS older, 1 AS unmapped, 0 AS no_inventory, 1 AS arriving_soon, 60 AS oldest,
       'BE-1, BE-2' AS ids"""


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    async with a_hotel(pg, RESERVATIONS, ROOMS) as one:
        yield one


@pytest.fixture
def today(hotel: Hotel) -> date:
    return SystemClock().now().astimezone(hotel.zone).date()


async def failed(hotel: Hotel, *errors: tuple[str, str, str]) -> Findings:
    """Return what is found when bookings of these ids and arrivals fail with these errors."""
    rows = (f"('{name}', '{error}', {arrives}, now())" for name, arrives, error in errors)
    await hotel.run(f"{ERRORS} VALUES {', '.join(rows)}")
    return (await hotel.look(import_errors)).findings


async def test_who_arrives_first_stands_first_and_who_nobody_knows_last(hotel: Hotel, today: date) -> None:
    found = await failed(
        hotel,
        ("BE-1", "NULL", "no idea"),
        ("BE-2", f"{TODAY} + 7", "Insufficient inventory"),
        ("BE-3", f"{TODAY} - 1", "a field is missing"),
        ("BE-4", f"{TODAY}", "Room type not mapped: DLX"),
        ("BE-5", f"{TODAY} + 1", "Room type not mapped: DLX"),
    )
    assert [(one.id, one.trouble, one.code) for one in found.stuck] == [
        ("BE-4", Trouble.ROOM_NOT_MAPPED, "DLX"),
        ("BE-5", Trouble.ROOM_NOT_MAPPED, "DLX"),
        ("BE-2", Trouble.NO_INVENTORY, ""),
        ("BE-3", Trouble.INVALID, ""),
        ("BE-1", Trouble.OTHER, ""),
    ]
    days = [today + timedelta(days) for days in (0, 1, 7, -1)]
    assert [one.arrives for one in found.stuck] == [*days, None]
    assert found.arrivals == tuple(Arrivals(day, 1) for day in [*days, None])
    assert (found.stuck_in_all, found.gaps) == (5, (Gap("DLX", 2),))
    assert found.stuck[0].since == pytest.approx(SystemClock().now().timestamp(), abs=10)
    assert not any(one.change for one in found.stuck)


async def test_a_gap_says_whose_the_code_is_and_whether_it_is_only_switched_off(hotel: Hotel) -> None:
    await hotel.run("UPDATE room_type_mappings SET is_active = false WHERE pms_room_type_id = 'STE'")
    mapped = "Room type not mapped: "
    errors = [
        ("BE-1", "NULL", f"{mapped}STE"),
        ("BE-2", "NULL", f"{mapped}DBL"),
        ("BE-3", "NULL", f"{mapped}x-9"),
    ]
    assert (await failed(hotel, *errors)).gaps == (
        Gap("DBL", 1, pms=True),
        Gap("STE", 1, pms=True, off=True),
        Gap("x-9", 1),
    )


async def test_the_list_is_short_and_its_total_honest(hotel: Hotel) -> None:
    await hotel.run(
        f"{ERRORS} SELECT 'BE-' || nr, 'Room type not mapped: DLX', {TODAY} + nr / 10, now() "
        "FROM generate_series(0, 599) AS nr"
    )
    found = (await hotel.look(import_errors)).findings
    assert (len(found.stuck), found.stuck_in_all) == (MOST_STUCK, 600)
    assert [one.number for one in found.arrivals] == [10] * 5
    assert found.gaps == (Gap("DLX", 600),)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("Room type not mapped: DLX", "DLX"),
        ("room type ''DLX-2'' is not mapped", "DLX-2"),
        ('Room type "be.dlx" has no mapping', "be.dlx"),
        ("Unmapped room type DLX", "DLX"),
        ("No mapping for room type: 1002 (request 77)", "1002"),
        ("Mapping not found for room DLX.", "DLX"),
        ("Room DLX unmapped", "DLX"),
        ("The room type is not mapped", ""),
        ("Room type not mapped", ""),
        ("Room type not mapped: unknown", ""),
        ("Room type not mapped for guest Anna Smith", ""),
        ("Room type not mapped: Anna Smith", ""),
        ("Room type of Anna Smith not mapped", ""),
        ("Room type not mapped: " + "X" * 40, ""),
        ("Room type not mapped: DLX''; DROP TABLE x", "DLX"),
    ],
)
async def test_only_what_stands_where_a_code_does_is_taken_for_one(
    hotel: Hotel, error: str, code: str
) -> None:
    (one,) = (await failed(hotel, ("BE-1", "NULL", error))).stuck
    assert (one.trouble, one.code) == (Trouble.ROOM_NOT_MAPPED, code)


async def test_nothing_of_the_text_that_may_name_a_guest_is_kept(hotel: Hotel) -> None:
    found = await failed(hotel, ("BE-1", "NULL", "Mr. Smith of Room 4: room type not mapped: DLX, call him"))
    assert "Smith" not in repr(found)


async def test_all_is_well_without_a_second_question(hotel: Hotel) -> None:
    result = await hotel.look(import_errors)
    assert (result.state, result.findings) == (State.OK, NO_FINDINGS)


async def test_a_statement_of_ones_own_gives_counts_and_no_list(hotel: Hotel) -> None:
    result = await hotel.look(import_errors, query=COUNTS)
    assert result.state is State.CRITICAL
    assert result.findings == NO_FINDINGS


async def test_a_list_that_may_not_be_asked_for_costs_no_verdict(hotel: Hotel) -> None:
    await hotel.run(
        f"{ERRORS} VALUES ('BE-1', 'x', NULL, now())",
        f"CREATE ROLE blind LOGIN PASSWORD '{hotel.db.server.password}'",
        "GRANT SELECT ON reservation_import_errors TO blind",
    )
    try:
        result = await hotel.look(import_errors, dsn=hotel.db.server.to(hotel.db.name, "blind"))
    finally:
        await hotel.run("DROP OWNED BY blind", "DROP ROLE blind")
    assert (result.state, result.findings) == (State.CRITICAL, NO_FINDINGS)


async def test_the_role_we_ship_may_ask_for_the_lists(hotel: Hotel) -> None:
    shipped = (DEPLOY / "grants.sql").read_text().replace("nightporter", "porter")
    await hotel.run(
        f"{ERRORS} VALUES ('BE-1', 'Room type not mapped: DLX', NULL, now())",
        f"{CHANGES} ('GONE-1', 'pending', NULL, NULL, now() - interval '1 hour'), "
        "('BAD-1', 'failed', 'x', NULL, now())",
        shipped,
        f"ALTER ROLE porter PASSWORD '{hotel.db.server.password}'",
    )
    try:
        looks = [
            await hotel.look(one, dsn=hotel.db.server.to(hotel.db.name, "porter"))
            for one in (import_errors, modification_orphans, modification_queue)
        ]
    finally:
        await hotel.run("DROP OWNED BY porter", "DROP ROLE porter")
    assert [[stuck.id for stuck in one.findings.stuck] for one in looks] == [["BE-1"], ["GONE-1"], ["BAD-1"]]


async def test_orphans_and_rejected_changes_are_listed_as_changes(hotel: Hotel, today: date) -> None:
    old = "now() - interval '1 hour'"
    await hotel.run(
        f"{CHANGES} ('GONE-1', 'pending', NULL, {TODAY} + 3, {old}),"
        f"('GONE-2', 'pending', NULL, {TODAY}, {old}), ('EXP-3', 'pending', NULL, NULL, {old}),"
        f"('BAD-1', 'failed', 'Reservation not found', {TODAY} + 1, {old}),"
        f"('BAD-2', 'failed', 'Room type not mapped: DLX', NULL, {old}),"
        f"('BAD-3', 'failed', NULL, NULL, {old})"
    )
    orphans, rejected = await hotel.look(modification_orphans), await hotel.look(modification_queue)
    assert [(one.id, one.trouble, one.arrives, one.change) for one in orphans.findings.stuck] == [
        ("GONE-2", Trouble.ORIGINAL_MISSING, today, True),
        ("GONE-1", Trouble.ORIGINAL_MISSING, today + timedelta(3), True),
    ]
    assert [(one.id, one.trouble, one.code) for one in rejected.findings.stuck] == [
        ("BAD-1", Trouble.ORIGINAL_MISSING, ""),
        ("BAD-2", Trouble.ROOM_NOT_MAPPED, "DLX"),
        ("BAD-3", Trouble.OTHER, ""),
    ]
    assert all(one.change for one in rejected.findings.stuck)


async def test_days_that_no_calendar_has_are_not_known(hotel: Hotel) -> None:
    found = await failed(hotel, ("BE-1", "'infinity'", "x"), ("BE-2", "'12026-01-01'", "x"))
    assert [one.arrives for one in found.stuck] == [None, None]


CHANGED = "INSERT INTO ota_modification_queue (ota_reservation_id, status, error, new_check_in, created_at) "
MANY: dict[Look, str] = {
    import_errors: f"{ERRORS} SELECT 'BE-' || nr, 'Room not mapped: D' || nr % 7, {TODAY} + nr % 300, now()",
    modification_orphans: f"{CHANGED} SELECT 'X-' || nr, 'pending', NULL, {TODAY} + nr % 300, now() - HOUR",
    modification_queue: f"{CHANGED} SELECT 'X-' || nr, 'failed', 'not found', {TODAY} + nr % 9, now() - HOUR",
}


@pytest.mark.parametrize("look", MANY, ids=lambda look: look.__name__)
async def test_a_hundred_thousand_rows_are_listed_well_within_the_time(hotel: Hotel, look: Look) -> None:
    rows = MANY[look].replace("HOUR", "interval '1 hour'")
    await hotel.run(f"{rows} FROM generate_series(1, 100000) AS nr")
    began = SystemClock().now()
    found = (await hotel.look(look)).findings
    assert (len(found.stuck), found.stuck_in_all) == (MOST_STUCK, 1001)
    took = (SystemClock().now() - began).total_seconds()
    assert took < 3.0, "the role's statement_timeout is 3 s"


async def test_a_list_that_takes_long_holds_the_verdict_up_for_a_moment_only(hotel: Hotel) -> None:
    await hotel.run(
        f"{ERRORS} VALUES ('BE-1', 'room type DLX is not mapped', NULL, now())",
        "ALTER TABLE room_type_mappings RENAME TO mappings",
        "CREATE VIEW room_type_mappings AS SELECT mappings.* FROM mappings, pg_sleep(9)",
    )
    began = SystemClock().monotonic()
    result = await hotel.look(import_errors)
    assert LEAST_TIME < SystemClock().monotonic() - began < MOST_TIME + 1
    assert (result.state, result.findings) == (State.CRITICAL, NO_FINDINGS)
