"""A state in a PostgreSQL database, which several processes share, directly or through pgbouncer.

Nothing outlives a transaction: no prepared statement, no setting, no lock. Each is bounded by the server, so
that a process that stops in the middle of one holds nobody up for long.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import AsyncAdaptedQueuePool, Connection, event, func, inspect, select, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from daemon.state_address import SCHEMES, postgres_address
from daemon.store.errors import OutdatedError, StateError
from daemon.store.migrations import REVISIONS
from daemon.store.place import Work
from daemon.store.postgres_errors import LOCKED_OUT, READ_ONLY, code_of, is_lost, trouble
from daemon.store.revision import revision_of
from daemon.store.schema import metadata

__all__ = ["SCHEMES", "PostgresDatabase", "open_database"]

T = TypeVar("T")

CONNECT_WITHIN = 10.0
"""Seconds a connection takes at the most."""

PATIENCE = 8.0
"""Seconds a transaction takes at the most; longer than the server lets an idle one be, so that by then its
outcome is settled.
"""

FAREWELL = 2.0

BOUNDS = {"statement_timeout": "6s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "4s"}
PREPARE = select(
    *(func.set_config(name, value, True) for name, value in BOUNDS.items()),
    text("(SELECT version_num FROM alembic_version)"),
)
"""What every transaction begins with: bounds that end with it, and a look at the schema's version."""

MIGRATE_WITHIN = 120.0
WAITS = 5
"""How often a migration tries to get a lock that somebody holds."""

WAIT_FOR_OTHERS = text("SET LOCAL lock_timeout = '60s'")
WAIT_FOR_TABLES = text("SET LOCAL lock_timeout = '2s'")
"""Shorter: whoever wants to use a table waits behind a migration that waits for it."""

CREATE_VERSION = text(
    "CREATE TABLE IF NOT EXISTS alembic_version "
    "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
CREATED_MEANWHILE = {"23505", "42P07", "42710"}
ONE_AT_A_TIME = text("LOCK TABLE alembic_version IN SHARE ROW EXCLUSIVE MODE")
PROVE = text("UPDATE pulse SET at = at WHERE id = (SELECT id FROM pulse FOR UPDATE SKIP LOCKED)")


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """An open database: one connection that writes and two that read."""

    name: str
    writer: AsyncEngine
    reader: AsyncEngine

    @property
    def shared(self) -> bool:
        """Whether other processes may work with it too."""
        return True

    @property
    def patience(self) -> float | None:
        """Seconds after which a transaction is given up."""
        return PATIENCE

    async def write(self, work: Work[T], *, however_old: bool) -> T:
        """Do some work in a transaction on the one connection that writes."""
        async with self.writer.begin() as connection:
            return await connection.run_sync(self._bounded, work, however_old=however_old)

    async def read(self, work: Work[T]) -> T:
        """Do some work that changes nothing."""
        async with self.reader.connect() as connection:
            return await connection.run_sync(self._bounded, work, however_old=True)

    def _bounded(self, connection: Connection, work: Work[T], *, however_old: bool) -> T:
        """Bound a transaction; raise OutdatedError when it takes the present version, and we are not."""
        revision = connection.execute(PREPARE).one()[-1]
        if revision != REVISIONS[-1] and not however_old:
            raise self._outdated(revision)
        return work(connection)

    def check(self) -> None:
        """Do nothing: a database that was taken away answers so."""

    def trouble(self, error: Exception) -> StateError:
        """Return what an error means to the person who has to set it right."""
        return trouble(self.name, error)

    async def close(self) -> None:
        """Close all connections, of a server that does not answer too."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await self.reader.dispose()
                await self.writer.dispose()

    def _outdated(self, revision: str | None) -> OutdatedError:
        if revision in REVISIONS:
            return OutdatedError(
                f"state {self.name}: was put back to an earlier schema ({revision}); restart the porter"
            )
        return OutdatedError(
            f"state {self.name}: was upgraded by a newer Night Porter (schema {str(revision)[:40]}); "
            "restart this one with that version"
        )


async def open_database(url: str, within: float = CONNECT_WITHIN) -> PostgresDatabase:
    """Open the state in a database, creating or migrating it; a refused one is left untouched.

    `within` are the seconds that a connection may take, now and later.
    """
    try:
        name = str(postgres_address(url))
    except ValueError as error:
        raise StateError(f"state: {error}") from None
    reader = _engine(url, 2, within).execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    database = PostgresDatabase(name, _engine(url, 1, within), reader)
    try:
        async with asyncio.timeout(MIGRATE_WITHIN):
            await _bring_up_to_date(database)
    except (SQLAlchemyError, OSError) as error:
        await database.close()
        raise database.trouble(error) from error
    except BaseException:
        await database.close()
        raise
    return database


def _engine(url: str, size: int, within: float) -> AsyncEngine:
    async def connect(*_: Any, **__: Any) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            url,
            timeout=within,
            # No prepared statement has a name then, which a pooler between us and the server would mix up.
            statement_cache_size=0,
            server_settings={"application_name": "nightporter"},
        )

    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args={"async_creator_fn": connect, "prepared_statement_cache_size": 0},
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _replace_broken)
    event.listen(engine.sync_engine, "handle_error", _heed)
    return engine


def _replace_broken(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have a connection opened anew that broke off while nobody used it."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _heed(context: ExceptionContext) -> None:
    """Keep what is stored out of errors, and give up a connection that is of no use any more.

    That is one to a server that can only be read: the primary is looked for anew; and one of which the driver
    has lost track.
    """
    # What the driver raised quotes whole rows in its details.
    context.original_exception.__cause__ = None
    if context.sqlalchemy_exception is not None and code_of(context.sqlalchemy_exception) == READ_ONLY:
        context.is_disconnect = True
    if is_lost(context.original_exception):
        context.is_disconnect = True


async def _bring_up_to_date(database: PostgresDatabase) -> None:
    """Migrate if the schema is not the present one, and prove that the database takes a write."""
    engine = database.writer
    found = await _alone(engine, lambda connection: _look(connection, database.name))
    if found is None:
        await _create_version(engine)
    if found != REVISIONS[-1]:
        await _patiently(lambda: _alone(engine, lambda connection: _migrate(connection, database.name)))
    await _alone(engine, lambda connection: connection.execute(PROVE))


async def _alone(engine: AsyncEngine, work: Work[T]) -> T:
    async with engine.begin() as connection:
        return await connection.run_sync(work)


async def _create_version(engine: AsyncEngine) -> None:
    """Create the table by which replicas that start at once take turns."""
    try:
        await _alone(engine, lambda connection: connection.execute(CREATE_VERSION))
    except SQLAlchemyError as error:
        if code_of(error) not in CREATED_MEANWHILE:
            raise


async def _patiently(work: Callable[[], Awaitable[None]]) -> None:
    """Do something, and try again a few times while others hold its locks."""
    for _ in range(WAITS):
        try:
            return await work()
        except SQLAlchemyError as error:
            if code_of(error) != LOCKED_OUT:
                raise
        await asyncio.sleep(0.5)
    return await work()


def _migrate(connection: Connection, name: str) -> None:
    # Alembic takes most of a second to import; a state that is up to date does without it.
    from daemon.store.migrations.upgrade import upgrade  # noqa: PLC0415 - as said above

    connection.execute(WAIT_FOR_OTHERS)
    connection.execute(ONE_AT_A_TIME)
    if _look(connection, name) != REVISIONS[-1]:
        connection.execute(WAIT_FOR_TABLES)
        upgrade(connection)


def _look(connection: Connection, name: str) -> str | None:
    """Return the revision of the schema, None where there is none; raise StateError if it is not ours."""
    # In this order: whoever creates our tables meanwhile has created the version's before.
    tables = metadata.tables.keys() & inspect(connection).get_table_names()
    revision = revision_of(connection)
    if revision is None and tables:
        raise StateError(
            f"state {name}: holds tables of another program ({min(tables)}), or has lost its schema's "
            "version; name a database of the porter's own, or restore a backup"
        )
    if revision is not None and revision not in REVISIONS:
        raise StateError(
            f"state {name}: was written by a newer Night Porter, or by another program (schema "
            f"{revision[:40]}); install that version again, or name a database of the porter's own"
        )
    return revision
