"""The hotel's PMS database for the tests: its tables, a healthy hotel in them, and a look at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from checks.context import Tools
from checks.integrations.built_in import Look, StockTuning
from checks.integrations.options import Pms, System
from checks.integrations.site import Bounds, Site
from checks.memory import Memories
from checks.result import Result
from daemon.clock import SystemClock
from daemon.demo.postgres import Postgres
from tests.support import probing
from tests.support.postgres import Database

NAME = "pms"
AFRESH = "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO public"
ZONE = ZoneInfo("Europe/Lisbon")
TODAY = "(now() AT TIME ZONE 'Europe/Lisbon')::date"

BOUNDS = Bounds(1000, 1800.0, 0.05, 1800.0, 20)

SCHEMA = files("daemon.demo").joinpath("pms_schema.sql").read_text()
"""The tables of the simulated hotel."""

ROOMS = f"""
INSERT INTO room_type_mappings (pms_room_type_id, booking_engine_room_type_id)
VALUES ('SGL', 'be-1'), ('DBL', 'be-2'), ('STE', 'be-3');
INSERT INTO availability (room_type_id, date, available_rooms, physical_rooms)
SELECT room, {TODAY} + day, 5 + day % 4, 10
FROM unnest(ARRAY['SGL', 'DBL', 'STE']) AS room, generate_series(-10, 380) AS day;
"""

RATES = f"""
INSERT INTO rate_plan_mappings (pms_rate_plan_code, ota_rate_plan_code, ota_platform)
VALUES ('BAR', 'x-1', 'expedia'), ('NRF', 'x-2', 'expedia'),
       ('BAR', 'b-1', 'booking'), ('NRF', 'b-2', 'booking');
INSERT INTO rates (room_type, rate_plan, date, rate_amount)
SELECT room, plan, {TODAY} + day, 100 + day % 7 * 20
FROM unnest(ARRAY['SGL', 'DBL', 'STE']) AS room, unnest(ARRAY['BAR', 'NRF']) AS plan,
     generate_series(-10, 380) AS day;
"""

RESERVATIONS = f"""
INSERT INTO reservations (ota_reservation_id, room_type_id, check_in, check_out, created_at)
SELECT 'EXP-' || nr, 'DBL', {TODAY} + 10, {TODAY} + 12, now() - nr * interval '40 minutes'
FROM generate_series(0, 1100) AS nr;
INSERT INTO reservation_import_errors (reservation_id, error, check_in, resolved_at, created_at)
VALUES ('BE-0', 'Room type not mapped: OLD', {TODAY} + 3, now(), now() - interval '2 hours');
"""

QUEUES = """
INSERT INTO channel_manager_queue (status, created_at, started_at, processed_at)
SELECT 'done', now() - nr * interval '10 seconds', now() - nr * interval '10 seconds',
       now() - nr * interval '10 seconds'
FROM generate_series(1, 400) AS nr;
INSERT INTO channel_manager_queue (status, created_at)
SELECT 'pending', now() - nr * interval '1 second' FROM generate_series(1, 5) AS nr;
INSERT INTO ota_modification_queue (ota_reservation_id, status, created_at, processed_at)
SELECT 'EXP-' || nr, 'processed', now() - nr * interval '10 minutes', now() - nr * interval '9 minutes'
FROM generate_series(1, 20) AS nr;
INSERT INTO ota_modification_queue (ota_reservation_id, status) VALUES ('EXP-3', 'pending');
"""

PAYMENTS = """
INSERT INTO payments (status, amount, created_at)
SELECT 'succeeded', 120, now() - nr * interval '1 minute' FROM generate_series(0, 10080) AS nr;
INSERT INTO payment_failures (error_code, amount, created_at)
SELECT 'card_declined', 150, now() - nr * interval '15 minutes' FROM generate_series(0, 670) AS nr;
"""

MAILS = """
INSERT INTO email_logs (status, recipient, created_at)
SELECT 'delivered', 'guest' || nr || '@guest.example', now() - nr * interval '2 minutes'
FROM generate_series(0, 799) AS nr;
"""

MAIL_LOG = """
INSERT INTO email_logs (status, bounce_type, response, recipient, created_at, suppressed_at, recipients)
"""


def mails(
    status: str, count: int, response: str = "", *, bounce: str = "", hours: float = 2.0, to: int = 1
) -> str:
    """Return a statement that adds mails that went, or did not, some hours ago."""
    kind, answer = (f"'{text}'" if text else "NULL" for text in (bounce, response))
    return MAIL_LOG + (
        f"SELECT '{status}', {kind}, {answer}, 'new' || nr || '@guest.example', "
        f"now() - {hours} * interval '1 hour', now(), {to} FROM generate_series(1, {count}) AS nr"
    )


HEALTHY = (ROOMS, RATES, RESERVATIONS, QUEUES, PAYMENTS, MAILS)


COLUMNS = {
    "availability": "room_type_id, date, available_rooms, physical_rooms, updated_at",
    "room_type_mappings": "pms_room_type_id, booking_engine_room_type_id, is_active",
    "reservations": "ota_reservation_id, room_type_id, check_in, check_out, created_at",
    "reservation_import_errors": "reservation_id, error, check_in, resolved_at, created_at",
    "rates": "room_type, rate_plan, date, rate_amount, updated_at",
    "rate_plan_mappings": "pms_rate_plan_code, ota_rate_plan_code, ota_platform",
    "ota_modification_queue": "ota_reservation_id, status, error, new_check_in, created_at, processed_at",
    "payments": "status, amount, created_at",
    "payment_failures": "error_code, amount, created_at",
    "email_logs": "status, bounce_type, response, recipient, recipients, suppressed_at, created_at",
    "channel_manager_queue": "status, created_at, started_at, processed_at",
}
"""What of the tables the checks may read, and need no more."""


@dataclass(slots=True)
class Hotel:
    """A hotel's database, and what is configured of it. Memories last from look to look; answers do not."""

    db: Database
    bounds: Bounds = BOUNDS
    memories: Memories = field(default_factory=Memories)
    zone: ZoneInfo = ZONE
    system: dict[str, Any] = field(default_factory=dict)

    def site(self, dsn: str | None = None) -> Site:
        """Return what looks are made of."""
        pms = Pms.model_validate({"dsn": dsn or self.db.dsn})
        return Site("h", "i", "generic", System(**self.system), pms, (), self.bounds, self.zone)

    async def look(
        self, one: Look, dsn: str | None = None, tools: Tools | None = None, **tuning: Any
    ) -> Result:
        """Return what a built-in check sees now."""
        kind, options = one(self.site(dsn), StockTuning(**tuning))
        used = tools or Tools.new(SystemClock().now)
        try:
            return await probing.look(kind, tools=used, memories=self.memories, **dict(options))
        finally:
            if tools is None:
                await used.close()

    async def run(self, *statements: str) -> None:
        """Change the database."""
        await self.db.run(*statements)


@asynccontextmanager
async def a_hotel(pg: Postgres, *contents: str) -> AsyncIterator[Hotel]:
    """Give a PMS database with some contents while the context lasts: one at a time, as it is emptied and
    used again (making another takes ten times as long)."""
    admin = await asyncpg.connect(pg.dsn)
    try:
        if not await admin.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", NAME):
            await admin.execute(f"CREATE DATABASE {NAME}")
    finally:
        await admin.close()
    one = Database(pg, NAME)
    await one.run(AFRESH, SCHEMA, *contents)
    yield Hotel(one)
