"""Queries on a real PostgreSQL server: numbers, what is none, and databases that do not serve."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import asyncpg
import pytest

from checks.context import Tools
from checks.database import DatabaseError
from checks.result import Reason, Sign, State
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
    [
        ("SELECT 1.5::numeric", 1.5),
        ("SELECT -2::int2", -2.0),
        ("SELECT 1e3::float8, 'x'; ", 1e3),
        ("SELECT 4 -- as it is", 4.0),
        ("VALUES (5)", 5.0),
    ],
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
        ("COPY (SELECT 1) TO PROGRAM 'true'", Reason.QUERY, "syntax error"),
        ("COMMIT", Reason.QUERY, "syntax error"),
        ("LISTEN x", Reason.QUERY, "syntax error"),
        ("WITH gone AS (DELETE FROM jobs RETURNING 1) SELECT count(*) FROM gone", Reason.QUERY, "WITH"),
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
    result = await look("sql", deadline=6.0, tools=tools, query=query, dsn=db.dsn)
    assert (result.state, result.reason) == (State.UNKNOWN, reason), result
    assert said in result.message
    assert await db.value("SELECT count(*) FROM jobs") == 7


async def test_a_grant_that_is_missing_is_unknown(db: Database, tools: Tools) -> None:
    await db.run(f"CREATE ROLE looker LOGIN PASSWORD '{db.server.password}'", "CREATE TABLE secret (x int)")
    try:
        dsn = db.server.to(db.name, "looker")
        result = await look("sql", tools=tools, query="SELECT count(*) FROM secret", dsn=dsn)
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.PERMISSION)
        assert result.signs == frozenset()
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
    assert result.signs == {Sign.DATABASE_DOWN}


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


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://porter:Sec/ret77@127.0.0.1/pms",
        "postgresql://porter:Sec#ret77@127.0.0.1/pms",
        "postgresql://porter:Sec?ret77=x@127.0.0.1/pms",
        "postgresql://porter@127.0.0.1:99999/pms",
        "postgresql://porter@127.0.0.1:{port}/pms?target_session_attrs=standby",
        "mysql://porter:Secret77@127.0.0.1/pms",
        "",
    ],
)
async def test_a_dsn_that_cannot_be_used_is_never_quoted(db: Database, tools: Tools, dsn: str) -> None:
    result = await look("sql", tools=tools, query="SELECT 1", dsn=dsn.format(port=db.server.port) or "x")
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert not re.search("sec|ret77", result.message.replace("password", ""), re.IGNORECASE)
