"""A state in PostgreSQL is upgraded while earlier versions still work with it."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, inspect
from sqlalchemy.ext.asyncio import create_async_engine

import daemon.store.migrations
from alerts.change import Change
from daemon.demo.postgres import Postgres
from daemon.store import OutdatedError, StateError, Store
from daemon.store.migrations import REVISIONS
from tests.support.clock import START, FakeClock
from tests.support.postgres import Database, database, state_database
from tests.support.stored import incident, notification, opened, opening

MIGRATIONS = Path(daemon.store.migrations.__file__).parent

OPEN = """
import asyncio, sys
from daemon.clock import SystemClock
from daemon.store import Store

async def main():
    store = await Store.open(sys.argv[1], SystemClock())
    await store.writable()
    await store.close()
    print("opened", flush=True)

asyncio.run(main())
"""


BLOCKED = """SELECT xact_start FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE%'"""


async def migrate(one: Database, revision: str) -> None:
    """Be the earlier version that has made the state."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    def upgrade(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    engine = create_async_engine(one.dsn.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


async def moved_on(one: Database, revision: str = "0099_later") -> None:
    """Be the newer version that has migrated the state."""
    await one.run(f"UPDATE alembic_version SET version_num = '{revision}'")


async def test_an_earlier_version_ends_what_it_has_begun_and_begins_nothing(pg: Postgres) -> None:
    async with state_database(pg) as one, opened(one.dsn) as store:
        letters = [notification(name, recipient=name) for name in ("a", "b", "c", "waits")]
        await store.commit(opening(*letters))
        sending, deferred, refused = await store.claim(3)
        await moved_on(one)
        for refusal in (
            store.commit(Change(incidents=(incident("b", key="b"),))),
            store.claim(9),
            store.tenure("A", "1", ["h"]),
            store.writable(),
            store.resume(),
        ):
            with pytest.raises(OutdatedError, match=r"newer Night Porter .schema 0099_later.; restart this"):
                await refusal
        assert await store.journal(sending, "data")
        await store.renew([sending, deferred, refused])
        assert await store.sent(sending)
        assert await store.retry(deferred, START, "deferred")
        assert await store.dead(refused, "no such user")
        assert [one.id for one in await store.open_incidents()] == ["a"]
        await store.give_back("A", ["h"])
        await store.leave("A")


async def test_a_state_that_was_put_back_asks_for_a_restart(pg: Postgres) -> None:
    async with state_database(pg) as one, opened(one.dsn) as store:
        await moved_on(one, REVISIONS[-2])
        with pytest.raises(OutdatedError, match=f"earlier schema .{REVISIONS[-2]}.; restart the porter"):
            await store.claim(9)


async def test_an_earlier_version_does_not_start_on_a_newer_schema(pg: Postgres) -> None:
    async with state_database(pg) as one:
        await moved_on(one)
        with pytest.raises(StateError, match=r"newer Night Porter, or by another program .schema 0099_"):
            await Store.open(one.dsn, FakeClock())
        assert await one.value("SELECT version_num FROM alembic_version") == "0099_later"


async def test_replicas_that_start_at_once_migrate_once(pg: Postgres) -> None:
    async with database(pg) as one:
        started = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", OPEN, one.dsn,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )
            for _ in range(3)
        ]  # fmt: skip
        for process in started:
            assert await process.communicate() == (b"opened\n", b"")
        assert await one.value("SELECT string_agg(version_num, ',') FROM alembic_version") == REVISIONS[-1]
        assert await one.value("SELECT count(*) FROM pulse") == 1


async def test_connections_that_begin_at_once_migrate_once(pg: Postgres) -> None:
    async with database(pg) as one:
        for store in await asyncio.gather(*(Store.open(one.dsn, FakeClock()) for _ in range(6))):
            await store.writable()
            await store.close()


async def test_a_migration_gets_its_turn_between_those_who_use_a_table(pg: Postgres) -> None:
    async with database(pg) as one:
        await migrate(one, "0004_silences")
        user = await asyncpg.connect(one.dsn)
        transaction = user.transaction()
        await transaction.start()
        await user.execute("LOCK TABLE notifications IN ACCESS SHARE MODE")
        starting = asyncio.create_task(Store.open(one.dsn, FakeClock()))
        tries: set[object] = set()
        async with asyncio.timeout(30):
            while len(tries) < 2:
                tries.add(await one.value(BLOCKED))
                tries.discard(None)
        await transaction.rollback()
        await user.close()
        store = await starting
        await store.writable()
        await store.close()


async def test_a_database_of_another_program_is_left_as_it_is(pg: Postgres) -> None:
    async with database(pg, "CREATE TABLE incidents (precious text)") as one:
        with pytest.raises(StateError, match=r"holds tables of another program .incidents., or has lost"):
            await Store.open(one.dsn, FakeClock())
        tables = "SELECT string_agg(tablename, ',' ORDER BY 1) FROM pg_tables WHERE schemaname = 'public'"
        assert await one.value(tables) == "incidents"


Shape = dict[str, dict[str, tuple[str, bool]]]


def shape_of(engine: Engine) -> Shape:
    """Return the columns of every table: their types, and whether a row may leave them out."""
    found = inspect(engine)
    return {
        table: {
            column["name"]: (str(column["type"]), column["nullable"] or column["default"] is not None)
            for column in found.get_columns(table)
        }
        for table in found.get_table_names()
    }


def uniqueness_of(engine: Engine, tables: Shape) -> dict[str, list[tuple[str, ...]]]:
    """Return what must be unique, or must exist elsewhere, in each of some tables."""
    found = inspect(engine)
    return {
        table: sorted(
            [
                *(tuple(map(str, one["column_names"])) for one in found.get_indexes(table) if one["unique"]),
                *(tuple(map(str, one["column_names"])) for one in found.get_unique_constraints(table)),
                *(tuple(one["constrained_columns"]) for one in found.get_foreign_keys(table)),
            ]
        )
        for table in tables
    }


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Iterator[tuple[str, Engine]]]:
    """Return a database that is one revision further with each look."""
    engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    def advance() -> Iterator[tuple[str, Engine]]:
        for revision in REVISIONS:
            with engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
            yield revision, engine

    yield advance()
    engine.dispose()


def test_every_migration_only_adds_so_that_earlier_versions_work(
    steps: Iterator[tuple[str, Engine]],
) -> None:
    before: Shape = {}
    strict: dict[str, list[tuple[str, ...]]] = {}
    for revision, engine in steps:
        now = shape_of(engine)
        for table, columns in before.items():
            assert {name: now[table].get(name) for name in columns} == columns, revision
            new = {name: column for name, column in now[table].items() if name not in columns}
            assert all(left_out for _, left_out in new.values()), f"{revision}: {new}"
        assert uniqueness_of(engine, before) == strict, revision
        before, strict = now, uniqueness_of(engine, now)
    assert len(before) > 8
