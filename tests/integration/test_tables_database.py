"""The PMS's database itself: whether it answers, and what time it thinks it is."""

from datetime import UTC, datetime, timedelta

import pytest

from checks.context import Tools
from checks.integrations.built_in import Tuning
from checks.integrations.looks_tables import database, delivery
from checks.result import RESPONSE_TIME, Reason, State
from checks.tables.database_health import SKEW, judge
from daemon.clock import SystemClock
from daemon.demo.ports import free_port
from daemon.demo.postgres import Postgres
from tests.support.pms import Hotel
from tests.support.postgres import database as a_database
from tests.support.probing import look
from tests.support.servers import server


async def test_a_database_that_answers_is_healthy(pg: Postgres) -> None:
    async with a_database(pg) as one:
        result = await Hotel(one).look(database)
    assert result.state is State.OK
    assert 0 < result.measurements[RESPONSE_TIME] < 5000
    assert abs(result.measurements[SKEW]) < 5


@pytest.mark.parametrize(("minutes", "side"), [(-5, "ahead of"), (5, "behind")])
async def test_a_clock_that_is_wrong_is_a_warning(pg: Postgres, minutes: int, side: str) -> None:
    clock = SystemClock()
    tools = Tools.new(lambda: clock.now() + timedelta(minutes=minutes))
    try:
        async with a_database(pg) as one:
            result = await Hotel(one).look(database, tools=tools)
    finally:
        await tools.close()
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    assert f"its clock is 300 s {side} ours, at most 60 s are expected" in result.message


def test_a_slow_answer_is_not_taken_for_a_wrong_clock() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC).timestamp()
    assert judge(now + 64, now, 9.0).state is State.OK
    assert judge(now + 66, now, 9.0).state is State.WARNING


@pytest.mark.parametrize(
    ("user", "name", "reason", "decisive"),
    [
        ("nobody", "postgres", Reason.CREDENTIALS, True),
        ("postgres", "no_such_database", Reason.MISSING, False),
    ],
)
async def test_a_database_that_does_not_let_us_in_is_critical(
    pg: Postgres, user: str, name: str, reason: Reason, decisive: bool
) -> None:
    async with a_database(pg) as one:
        result = await Hotel(one).look(database, pg.to(name, user))
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, reason, decisive)


async def test_a_database_that_is_down_is_critical_here_and_only_here(pg: Postgres) -> None:
    async with a_database(pg) as one:
        result = await Hotel(one).look(database, f"postgresql://porter@127.0.0.1:{free_port()}/pms")
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONNECT, False)


async def test_a_database_that_hangs_is_critical(pg: Postgres) -> None:
    async with a_database(pg) as one, server() as hanging:
        site = Hotel(one).site(f"postgresql://porter@127.0.0.1:{hanging.port}/pms")
        kind, options = database(site, Tuning())
        result = await look(kind, deadline=0.5, **dict(options))
    assert (result.state, result.reason) == (State.CRITICAL, Reason.TIMEOUT)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("text::int", "22P02: invalid input syntax for type integer"),
        ("text::date", "22007: invalid input syntax for type date"),
        ("text::json::text", "22P02: invalid input syntax for type json"),
        ("(text || '99999999999')::numeric::int", "22P02: invalid input syntax for type numeric"),
        ("1 / (length(text) - length(text))", "22012: division by zero"),
    ],
)
async def test_an_error_of_wrong_data_quotes_no_guest(pg: Postgres, column: str, said: str) -> None:
    async with a_database(pg, "CREATE TABLE guests AS SELECT 'anna \"x\": guest@web.example' AS text") as one:
        result = await Hotel(one).look(delivery, query=f"SELECT {column} AS mails FROM guests")
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert result.message == f"the query fails: {said}"


async def test_a_zone_that_is_mistyped_is_named(pg: Postgres) -> None:
    async with a_database(pg) as one:
        result = await Hotel(one).look(delivery, one.dsn + "?timezone=Europ/Lisbon", query="SELECT 1")
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert 'parameter "TimeZone": "Europ/Lisbon"' in result.message
