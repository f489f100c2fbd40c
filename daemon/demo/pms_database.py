"""The PMS's database: real PostgreSQL with a month of healthy history, in which business goes on."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import count
from typing import Any

from daemon.demo.postgres import Postgres

SLOW = 20
"""Ticks between two bookings, each with its payment and its mail."""

PROCESSED_AT_ONCE = 5
"""Updates that the channel manager's workers get through in a tick."""

Connection = Any
"""asyncpg's, which is imported only where there is a database."""

BOOKING = """\
WITH booked AS (
    INSERT INTO reservations (ota_reservation_id, room_type_id, check_in, check_out)
    VALUES ($1, $2, current_date + 14, current_date + 16)
)
INSERT INTO channel_manager_queue (status) VALUES ('pending')"""
PAYMENT = "INSERT INTO payments (status, amount) VALUES ('succeeded', $1)"
MAIL = """\
INSERT INTO email_logs (status, response, recipient) VALUES ('delivered', '250 2.0.0 OK', $1)"""
UPDATE = "INSERT INTO channel_manager_queue (status) VALUES ('pending')"
WORK = """\
UPDATE channel_manager_queue SET status = 'done', started_at = now(), processed_at = now()
WHERE id IN (SELECT id FROM channel_manager_queue WHERE status = 'pending' ORDER BY created_at LIMIT $1)"""
CHANGE = """\
INSERT INTO ota_modification_queue
    (ota_reservation_id, status, room_type, new_check_in, new_check_out, new_adults, new_children)
SELECT ota_reservation_id, 'pending', room_type_id, check_in, check_out + 1, 2, 0
FROM reservations WHERE ota_reservation_id IS NOT NULL ORDER BY id LIMIT 1"""
APPLY = """\
UPDATE ota_modification_queue SET status = 'processed', processed_at = now()
WHERE status = 'pending' AND ota_reservation_id IN (SELECT ota_reservation_id FROM reservations)"""
REFRESH = """\
UPDATE availability SET updated_at = now() WHERE date = current_date"""


@dataclass(eq=False)
class PmsDatabase:
    """The database of one hotel. `resting` names what does not go on: bookings, work (on the queues)."""

    server: Postgres
    name: str
    connection: Connection
    resting: set[str] = field(default_factory=set)
    _ticks: Any = field(default_factory=lambda: count(1))
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def role(self) -> str:
        """The read-only role, the porter's."""
        return f"{self.name}_porter"

    @property
    def dsn(self) -> str:
        """How the porter reaches the database."""
        return self.server.to(self.name, self.role)

    async def run(self, statement: str, *values: Any) -> None:
        """Run a statement as the owner; several at once when there are no values."""
        async with self._busy:
            await self.connection.execute(statement, *values)

    async def value(self, query: str) -> Any:
        """Return the first column of the first row."""
        async with self._busy:
            return await self.connection.fetchval(query)

    async def hide(self, table: str, condition: str) -> None:
        """Take rows out of a table, to be brought back by `restore`."""
        await self.run(
            f"CREATE TABLE demo.{table} AS SELECT * FROM {table} WHERE {condition};"  # noqa: S608 - our own words
            f"DELETE FROM {table} WHERE {condition}"
        )

    async def restore(self, table: str) -> None:
        """Bring back what was hidden."""
        await self.run(
            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM demo.{table};"  # noqa: S608 - as above
            f"DROP TABLE demo.{table}"
        )

    async def tick(self) -> None:
        """Let a second's business happen."""
        number = next(self._ticks)
        await self.run(UPDATE)
        if number % SLOW == 0 and "bookings" not in self.resting:
            await self.run(BOOKING, f"OTA-NEW-{number}", ("STD", "SUP", "DLX", "STE")[number % 4])
            await self.run(PAYMENT, 90 + number % 400)
            await self.run(MAIL, f"guest-{number}@mailbox.demo")
        if number % SLOW == SLOW // 2:
            await self.run(CHANGE)
            await self.run(REFRESH)
        if "work" not in self.resting:
            await self.run(WORK, PROCESSED_AT_ONCE)
            await self.run(APPLY)

    async def live(self, pause: float) -> None:
        """Let business go on for ever, every so many seconds, whenever the server is there."""
        import asyncpg  # noqa: PLC0415 - only the hotel with a database needs it

        while True:
            await asyncio.sleep(pause)
            try:
                if self.connection.is_closed():
                    self.connection = await asyncpg.connect(self.server.to(self.name))
                await self.tick()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                # Somebody has stopped the server, which is something to try in a demo.
                continue


@asynccontextmanager
async def pms_database(server: Postgres) -> AsyncIterator[PmsDatabase]:
    """Have a database of one's own on a server while the context lasts."""
    import asyncpg  # noqa: PLC0415 - only the hotel with a database needs it

    name = f"pms_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(server.dsn)
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        try:
            async with _connected(asyncpg, server, name) as found:
                await _fill(found)
                # Business is under way when somebody comes to look.
                await found.tick()
                yield found
        finally:
            # A server that has been stopped takes its databases with it.
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                await admin.execute(f"DROP ROLE IF EXISTS {name}_porter")
    finally:
        admin.terminate()


@asynccontextmanager
async def _connected(asyncpg: Any, server: Postgres, name: str) -> AsyncIterator[PmsDatabase]:
    found = PmsDatabase(server, name, await asyncpg.connect(server.to(name)))
    try:
        yield found
    finally:
        found.connection.terminate()


async def _fill(found: PmsDatabase) -> None:
    here = files("daemon.demo")
    await found.run(here.joinpath("pms_schema.sql").read_text())
    await found.run("CREATE SCHEMA demo")
    await found.run(here.joinpath("pms_history.sql").read_text())
    await found.run(
        f"CREATE ROLE {found.role} LOGIN NOSUPERUSER CONNECTION LIMIT 10 PASSWORD '{found.server.password}';"
        f"ALTER ROLE {found.role} SET default_transaction_read_only = on;"
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {found.role};"
        "ANALYZE"
    )
