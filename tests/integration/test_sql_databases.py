"""The way to a database: few connections, the same question once, and nothing that waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import asyncpg
import pytest

from checks.database import CONNECTIONS, DatabaseError, Databases
from checks.result import Reason
from daemon.demo.postgres import Postgres
from tests.support.polling import until
from tests.support.postgres import Database, database
from tests.support.wire import between

OURS = "FROM pg_stat_activity WHERE application_name = 'nightporter' AND datname = current_database()"


@pytest.fixture
async def db(pg: Postgres) -> AsyncIterator[Database]:
    async with database(pg) as one:
        yield one


async def test_many_questions_hold_few_connections(db: Database) -> None:
    databases = Databases()
    most = 0

    async def ask(number: int) -> None:
        nonlocal most
        rows = await databases.fetch(
            db.dsn,
            f"SELECT (SELECT count(*) {OURS}), {number}",
            within=20,
        )
        most = max(most, rows[0][0])

    try:
        await asyncio.gather(*(ask(number) for number in range(200)))
    finally:
        await databases.close()
    assert 1 <= most <= CONNECTIONS


async def test_a_lost_connection_is_cut_and_replaced(db: Database) -> None:
    """A flow that swallows everything, in the middle of a question: nothing may wait for its goodbye."""
    databases = Databases()
    try:
        async with between(db.server.port) as wire:
            dsn = db.dsn.replace(str(db.server.port), str(wire.port))
            assert (await databases.fetch(dsn, "SELECT 1", within=5))[0][0] == 1
            wire.swallow()
            started = monotonic()
            with pytest.raises(DatabaseError) as caught:
                await databases.fetch(dsn, "SELECT 2", within=0.5)
            assert (caught.value.reason, caught.value.down) == (Reason.TIMEOUT, True)
            assert monotonic() - started < 2
            wire.deliver()
            assert (await databases.fetch(dsn, "SELECT 3", within=5))[0][0] == 3
            wire.swallow()
            waiting = asyncio.create_task(databases.fetch(dsn, "SELECT 4", within=30))
            await until(lambda: wire.swallowed, 5, "the question")
            started = monotonic()
            await databases.close()
            assert monotonic() - started < 2
            with pytest.raises(DatabaseError):
                await waiting
    finally:
        await databases.close()


async def test_our_own_slow_questions_are_no_fault_of_the_database(db: Database) -> None:
    databases = Databases()
    try:
        slow = [
            asyncio.create_task(databases.fetch(db.dsn, f"SELECT pg_sleep(0.4)::text, {number}", within=5))
            for number in range(4)
        ]
        await asyncio.sleep(0)
        with pytest.raises(DatabaseError, match="our own questions") as caught:
            await databases.fetch(db.dsn, "SELECT 1", within=0.3)
        assert not caught.value.down
        started = monotonic()
        await databases.fetch(db.dsn, "SELECT 1", within=5, way="health")
        assert monotonic() - started < 0.4
        await asyncio.gather(*slow)
    finally:
        await databases.close()


async def test_an_answer_is_not_shared_with_one_who_has_more_time(db: Database) -> None:
    databases = Databases()
    try:
        query = "SELECT pg_sleep(0.5)::text, 1"
        hurried = asyncio.create_task(databases.fetch(db.dsn, query, within=0.3))
        patient = asyncio.create_task(databases.fetch(db.dsn, query, within=5))
        with pytest.raises(DatabaseError):
            await hurried
        assert (await patient)[0][1] == 1
    finally:
        await databases.close()


async def test_no_statement_has_a_name_that_a_pooler_could_mix_up(db: Database) -> None:
    databases = Databases()
    try:
        rows = await databases.fetch(
            db.dsn, "SELECT count(*) FROM pg_prepared_statements WHERE $1", True, within=5
        )
        assert rows[0][0] == 0
    finally:
        await databases.close()


async def test_the_same_question_is_asked_once(db: Database) -> None:
    databases = Databases()
    query = "SELECT clock_timestamp()"
    try:
        asked = (databases.fetch(db.dsn, query, within=5, fresh=30) for _ in range(20))
        answers = await asyncio.gather(*asked)
        assert len({rows[0][0] for rows in answers}) == 1
        kept = await databases.fetch(db.dsn, query, within=5, fresh=30)
        assert kept[0][0] == answers[0][0][0]
        anew = await databases.fetch(db.dsn, query, within=5)
        assert anew[0][0] > kept[0][0]
    finally:
        await databases.close()


async def test_a_question_that_failed_is_asked_again(db: Database) -> None:
    databases = Databases()
    try:
        with pytest.raises(DatabaseError):
            await databases.fetch(db.dsn, "SELECT count(*) FROM later", within=5, fresh=30)
        await db.run("CREATE TABLE later (x int)")
        rows = await databases.fetch(db.dsn, "SELECT count(*) FROM later", within=5, fresh=30)
        assert rows[0][0] == 0
    finally:
        await databases.close()


async def test_giving_up_does_not_take_the_answer_from_others(db: Database) -> None:
    databases = Databases()
    try:
        query = "SELECT pg_sleep(0.3)::text, 1"
        first = asyncio.create_task(databases.fetch(db.dsn, query, within=5))
        second = asyncio.create_task(databases.fetch(db.dsn, query, within=5))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second)[0][1] == 1
    finally:
        await databases.close()


async def test_a_server_of_our_own_lets_nobody_in_without_its_password(pg: Postgres) -> None:
    for login in ("postgres", "postgres:wrong"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://{login}@127.0.0.1:{pg.port}/postgres", timeout=5)
