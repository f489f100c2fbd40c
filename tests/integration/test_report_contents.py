"""What reports say where little is known, and of what failed in the PMS."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.incident import Cause, Severity
from alerts.reports.plain_text import plain_text
from alerts.reports.report import Kind, Tone
from checks.database import Databases
from daemon.demo.postgres import Postgres
from daemon.reporting.pms import failed_updates
from tests.support.pms import SCHEMA
from tests.support.postgres import database
from tests.support.reported import HOTEL, HOUR, a_hotel
from tests.support.stored import url_of

START = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
KINDS = {"ota", "channel_manager", "booking_engine"}
FAILED = """
INSERT INTO channel_manager_queue (status, error, created_at)
SELECT 'failed', '429 Too Many Requests', now() - nr * interval '1 day' FROM generate_series(1, 10) AS nr;
INSERT INTO ota_modification_queue (ota_reservation_id, status, error, created_at)
VALUES ('EXP-1', 'failed', 'Reservation of Ada Lovelace not found', now() - interval '2 hours');
INSERT INTO reservation_import_errors (reservation_id, error, resolved_at)
VALUES ('BE-1', 'Room type not mapped: DLX', NULL), ('BE-2', 'Room type not mapped: DLX', now());
"""


@pytest.mark.parametrize("kind", list(Kind))
async def test_of_a_hotel_without_data_it_says_that_nothing_is_known(kind: Kind, tmp_path: Path) -> None:
    async with a_hotel(url_of(tmp_path), tmp_path, START) as hotel:
        found = await hotel.nights.reports.now(HOTEL, kind)
    assert (found.known_from, found.tone) == (None, Tone.FAIR)
    assert found.headline.startswith("Nothing is known of this")
    assert all(section.blocks for section in found.sections)


async def test_of_a_first_day_it_says_since_when_it_is_known(tmp_path: Path) -> None:
    async with a_hotel(url_of(tmp_path), tmp_path, START.replace(hour=8, minute=0)) as hotel:
        await hotel.look(span=22 * HOUR)
        await hotel.nights.tick()
        found = await hotel.nights.reports.now(HOTEL, Kind.DAILY)
    assert found.known_from == START.replace(hour=8, minute=0)
    assert "nothing broke" in found.headline.lower()
    assert "Recorded since Wednesday 25 Nov 2026, 08:00" in " ".join(plain_text(found).split())


async def test_of_the_first_minutes_of_a_week_it_says_the_first_look_and_that_all_before_is_missing(
    tmp_path: Path,
) -> None:
    async with a_hotel(url_of(tmp_path), tmp_path, START.replace(hour=9, minute=39)) as hotel:
        await hotel.look(span=HOUR / 3)
        await hotel.nights.tick()
        found = await hotel.nights.reports.now(HOTEL, Kind.WEEKLY)
    assert found.known_from == START.replace(hour=9, minute=39)
    assert found.headline.startswith("Only the last 20 min of this week were watched. Nothing broke")
    # From Monday 06:00 to Wednesday 09:59 there are 52 hours begun.
    assert (found.figures["watched.hours"], found.figures["watched.hours_missing"]) == (52, 51)
    assert "Recorded since Wednesday 25 Nov 2026, 09:39" in " ".join(plain_text(found).split())


async def test_in_a_zone_that_is_half_an_hour_off_a_day_is_counted_to_the_minute(tmp_path: Path) -> None:
    async with a_hotel(url_of(tmp_path), tmp_path, START, "Asia/Kolkata") as hotel:
        await hotel.look(span=timedelta(days=2))
        found = await hotel.nights.reports.now(HOTEL, Kind.DAILY)
    assert (found.begins, found.ends) == (START + timedelta(days=1), START + timedelta(days=2))
    assert found.figures["integrations.expedia.runs"] == 72
    assert found.figures["watched.hours"] == 24


async def test_what_failed_in_the_pms_is_counted_by_age_and_reason_and_names_nobody(pg: Postgres) -> None:
    databases = Databases()
    async with database(pg, SCHEMA, FAILED) as one:
        found, why = await failed_updates(databases, one.dsn, KINDS)
        await databases.close()
    counted = {failed.name: (failed.many, failed.recent, failed.days, failed.older) for failed in found}
    assert why == ""
    assert counted == {
        "channel_manager_queue": (10, 0, 6, 4),
        "ota_modification_queue": (1, 1, 0, 0),
        "reservation_import_errors": (1, 1, 0, 0),
    }
    assert [dict(failed.reasons) for failed in found] == [
        {"original not found": 1},
        {"too many requests": 10},
        {"room type not mapped": 1},
    ]
    assert "Ada" not in str(found)


async def test_a_pms_that_is_away_is_said_not_to_have_answered() -> None:
    databases = Databases()
    found, why = await failed_updates(databases, "postgresql://porter@127.0.0.1:1/pms", KINDS)
    await databases.close()
    assert found == ()
    assert why == "ota_modification_queue: cannot be connected to"
    assert await failed_updates(databases, None, KINDS) == (
        (),
        "no database of the PMS is configured (`pms.dsn`)",
    )


async def test_of_more_incidents_than_are_told_of_it_says_how_many_and_how_many_opened(
    tmp_path: Path,
) -> None:
    async with a_hotel(url_of(tmp_path), tmp_path, START) as hotel:
        for number in range(15):
            await hotel.opens(f"before-{number}", "payment", Cause.VENDOR_OUTAGE, Severity.WARNING)
        hotel.clock.advance(86_400)
        for number in range(205):
            await hotel.opens(f"i-{number}", "payment", Cause.VENDOR_OUTAGE, Severity.WARNING)
        hotel.clock.advance(3600)
        found = await hotel.nights.reports.now(HOTEL, Kind.DAILY)
        assert found.figures["incidents.opened"] == 205
        assert found.figures["incidents.left_out"] == 20
        assert "20 more incidents are left out" in found.headline
