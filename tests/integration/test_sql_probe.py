"""Queries on a real PostgreSQL server: numbers, what is none, and databases that do not serve."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import asyncpg
import pytest

from checks.context import Tools
from checks.database import CONNECTIONS, DatabaseError, Databases
from checks.result import Reason, State
from daemon.clock import SystemClock
from daemon.demo.ports import free_port
from daemon.demo.postgres import Postgres, postgres
from tests.support.postgres import Database, database
from tests.support.probing import look
from tests.support.servers import server

OURS = "FROM pg_stat_activity WHERE application_name = 'nightporter' AND datname = current_database()"
QUEUE = "CREATE TABLE jobs (state text)", "INSERT INTO jobs SELECT 'new' FROM generate_series(1, 7)"


@pytest.fixture
async def db(pg: Postgres) -> AsyncIterator[Database]:
    async with database(pg, *QUEUE) as one:
        yield one


@pytest.fixture
async def tools() -> AsyncIterator[Tools]:
    one = Tools.new(SystemClock().now)
    yield one
    await one.close()


async def test_a_query_gives_its_number(db: Database, tools: Tools) -> None:
    result = await look("sql", tools=tools, query="SELECT count(*) FROM jobs", dsn=db.dsn)
    assert (result.state, result.measurements) == (State.OK, {"value": 7.0})


@pytest.mark.parametrize(
    ("query", "value"),
    [("SELECT 1.5::numeric", 1.5), ("SELECT -2::int2", -2.0), ("SELECT 1e3::float8, 'x'", 1e3)],
)
async def test_any_kind_of_number_is_one(db: Database, tools: Tools, query: str, value: float) -> None:
    result = await look("sql", tools=tools, query=query, dsn=db.dsn)
    assert result.measurements == {"value": value}


@pytest.mark.parametrize(
    ("query", "reason", "said"),
    [
        ("SELECT NULL::int", Reason.QUERY, "gave NULL"),
        ("SELECT 1 WHERE false", Reason.QUERY, "no row"),
        ("SELECT generate_series(1, 10000000)", Reason.QUERY, "several rows"),
        ("SELECT", Reason.QUERY, "without columns"),
        ("SELECT 'seven'", Reason.QUERY, "gave str"),
        ("SELECT true", Reason.QUERY, "gave bool"),
        ("SELECT 'NaN'::float8", Reason.QUERY, "finite"),
        ("SELECT now()", Reason.QUERY, "gave datetime"),
        ("SELECT count(*) FROM nowhere", Reason.QUERY, "no such table"),
        ("SELECT colour FROM jobs", Reason.QUERY, "no such column"),
        ("SELECT pg_sleep(60)", Reason.QUERY, "did not finish"),
        ("DELETE FROM jobs RETURNING 1", Reason.QUERY, ""),
        ("SELEKT 1", Reason.QUERY, "syntax error"),
        ("SELECT $1::int", Reason.QUERY, ""),
        ("SELECT 1; SELECT 2", Reason.QUERY, ""),
    ],
)
async def test_what_is_no_number_is_unknown(
    db: Database, tools: Tools, query: str, reason: Reason, said: str
) -> None:
    result = await look("sql", deadline=1.5, tools=tools, query=query, dsn=db.dsn)
    assert (result.state, result.reason) == (State.UNKNOWN, reason), result
    assert said in result.message
    assert await db.value("SELECT count(*) FROM jobs") == 7


async def test_a_grant_that_is_missing_is_unknown(db: Database, tools: Tools) -> None:
    await db.run("CREATE ROLE looker LOGIN", "CREATE TABLE secret (x int)")
    try:
        dsn = db.server.to(db.name, "looker")
        result = await look("sql", tools=tools, query="SELECT count(*) FROM secret", dsn=dsn)
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.PERMISSION)
        await tools.databases.close()
    finally:
        await db.run("DROP OWNED BY looker", "DROP ROLE looker")


async def test_a_lock_is_not_waited_for(db: Database, tools: Tools) -> None:
    holder = await asyncpg.connect(db.dsn)
    async with holder.transaction():
        await holder.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
        result = await look("sql", tools=tools, query="SELECT count(*) FROM jobs", dsn=db.dsn)
    await holder.close()
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert "holds a lock" in result.message


async def test_a_database_that_is_not_there_is_unknown_to_everybody_else(tools: Tools) -> None:
    dsn = f"postgresql://porter:s3cret-word@127.0.0.1:{free_port()}/pms"
    result = await look("sql", tools=tools, query="SELECT 1", dsn=dsn, secrets=("s3cret-word",))
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert "cannot be connected to" in result.message


async def test_a_database_that_hangs_ends_in_time(tools: Tools) -> None:
    async with server() as hanging:
        started = monotonic()
        dsn = f"postgresql://porter@127.0.0.1:{hanging.port}/pms"
        result = await look("sql", deadline=0.5, tools=tools, query="SELECT 1", dsn=dsn)
        assert monotonic() - started < 2
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)


async def test_a_wrong_database_and_a_wrong_role_are_told_apart(pg: Postgres, tools: Tools) -> None:
    for dsn, reason, down in (
        (pg.to("nowhere"), Reason.MISSING, True),
        (pg.to("postgres", "nobody"), Reason.CREDENTIALS, True),
    ):
        with pytest.raises(DatabaseError) as caught:
            await tools.databases.fetch(dsn, "SELECT 1", within=5)
        assert (caught.value.reason, caught.value.down) == (reason, down)


async def test_a_killed_connection_is_replaced(db: Database, tools: Tools) -> None:
    assert (await look("sql", tools=tools, query="SELECT 1", dsn=db.dsn)).state is State.OK
    await db.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nightporter'"
    )
    result = await look("sql", tools=tools, query="SELECT 2", dsn=db.dsn)
    assert result.measurements == {"value": 2.0}


async def test_a_server_that_was_restarted_is_asked_again(tmp_path: Path, tools: Tools) -> None:
    port = free_port()
    async with postgres(tmp_path, port) as one:
        dsn = one.dsn
        assert (await look("sql", tools=tools, query="SELECT 1", dsn=dsn)).state is State.OK
    assert (await look("sql", tools=tools, query="SELECT 2", dsn=dsn)).state is State.UNKNOWN
    async with postgres(tmp_path, port):
        assert (await look("sql", tools=tools, query="SELECT 3", dsn=dsn)).measurements == {"value": 3.0}


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


async def test_the_same_question_is_asked_once(db: Database) -> None:
    databases = Databases()
    query = "SELECT clock_timestamp()"
    try:
        answers = await asyncio.gather(*(databases.fetch(db.dsn, query, within=5) for _ in range(20)))
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
