"""Every check on the PMS's tables: on a healthy hotel, an empty one, and on answers that are none."""

import re
from collections.abc import AsyncIterator
from inspect import isfunction
from pathlib import Path

import pytest

from checks.context import Tools
from checks.integrations import looks_tables
from checks.integrations.built_in import Look, StockTuning
from checks.result import MESSAGE_LENGTH, Reason, State
from daemon.clock import SystemClock
from daemon.demo.ports import free_port
from daemon.demo.postgres import Postgres
from tests.support.pms import COLUMNS, HEALTHY, Hotel, a_hotel
from tests.support.postgres import database

ON_TABLES: dict[str, Look] = {
    name: getattr(looks_tables, name)
    for name in (
        "availability", "room_mapping", "reservations", "import_errors", "rates", "rate_mapping",
        "modification_queue", "modification_orphans", "queue", "transactions", "delivery", "quota",
    )
}  # fmt: skip
DEPLOY = Path(__file__).parents[2] / "deploy" / "postgres"
EMPTY = {"availability", "room_mapping", "rates", "rate_mapping"}


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    async with a_hotel(pg, *HEALTHY) as one:
        yield one


def test_no_look_at_the_tables_is_left_out() -> None:
    public = {
        name
        for name, one in vars(looks_tables).items()
        if isfunction(one) and one.__module__ == looks_tables.__name__ and not name.startswith("_")
    }
    assert public == {*ON_TABLES, "database"}


async def test_a_healthy_hotel_is_healthy(hotel: Hotel) -> None:
    for name, one in ON_TABLES.items():
        result = await hotel.look(one)
        assert result.state is State.OK, (name, result)
        assert result.message, name
        assert all(value >= 0 for value in result.measurements.values()), (name, result)


async def test_every_check_gives_the_measurement_it_is_named_for(hotel: Hotel) -> None:
    for name, one in ON_TABLES.items():
        kind, _ = one(hotel.site(), StockTuning())
        assert kind.measurement in (await hotel.look(one)).measurements, name


async def test_an_empty_hotel_lacks_only_what_it_cannot_do_without(pg: Postgres) -> None:
    async with a_hotel(pg) as hotel:
        for name, one in ON_TABLES.items():
            result = await hotel.look(one)
            wanted = (State.CRITICAL, Reason.MISSING) if name in EMPTY else (State.OK, None)
            assert (result.state, result.reason) == wanted, (name, result)


async def test_times_without_a_zone_are_read_in_the_sessions(hotel: Hotel) -> None:
    for table in ("reservations", "channel_manager_queue", "email_logs", "payments"):
        await hotel.run(f"ALTER TABLE {table} ALTER created_at TYPE timestamp")
    for name, one in ON_TABLES.items():
        assert (await hotel.look(one)).state is State.OK, name


async def test_times_without_a_zone_west_of_the_sessions_name_the_way_out(hotel: Hotel) -> None:
    await hotel.run(
        "ALTER TABLE reservations ALTER created_at TYPE timestamp "
        "USING created_at AT TIME ZONE 'Pacific/Kiritimati'"
    )
    result = await hotel.look(looks_tables.reservations, hotel.db.dsn + "?timezone=UTC")
    assert result.state is State.OK
    query = QUEUE.format(pending=1, oldest="-50000", error="NULL")
    result = await hotel.look(looks_tables.queue, query=query)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert result.message.endswith("add the hotel's to the DSN: ?timezone=Area/City")


async def test_a_column_that_is_not_there_takes_a_query_of_ones_own(hotel: Hotel) -> None:
    await hotel.run("ALTER TABLE email_logs DROP COLUMN suppressed_at")
    for one in (looks_tables.delivery, looks_tables.quota):
        result = await hotel.look(one)
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
        assert result.message.endswith("a schema that differs needs a `query:` of its own")


@pytest.mark.parametrize(("seconds", "state"), [(3600, State.OK), (4000, State.UNKNOWN)])
async def test_the_hour_that_summer_time_repeats_is_borne(hotel: Hotel, seconds: int, state: State) -> None:
    query = QUEUE.format(pending=1, oldest=f"-{seconds}", error="NULL")
    assert (await hotel.look(looks_tables.queue, query=query)).state is state


async def test_tables_that_are_not_there_are_unknown(pg: Postgres) -> None:
    async with database(pg) as empty:
        hotel = Hotel(empty)
        for name, one in ON_TABLES.items():
            result = await hotel.look(one)
            assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY), (name, result)
            assert "no such table" in result.message, name
            assert result.message.endswith("a schema that differs needs a `query:` of its own"), name


async def test_a_grant_that_is_missing_is_unknown(hotel: Hotel) -> None:
    await hotel.run(f"CREATE ROLE blind LOGIN PASSWORD '{hotel.db.server.password}'")
    tools = Tools.new(SystemClock().now)
    try:
        for name, one in ON_TABLES.items():
            result = await hotel.look(one, hotel.db.server.to(hotel.db.name, "blind"), tools)
            assert (result.state, result.reason) == (State.UNKNOWN, Reason.PERMISSION), (name, result)
    finally:
        await tools.close()
        await hotel.run("DROP ROLE blind")


async def test_the_role_we_ship_may_read_what_the_checks_read_and_no_more(hotel: Hotel) -> None:
    shipped = (DEPLOY / "grants.sql").read_text().replace("nightporter", "porter")
    granted = re.findall(r"GRANT SELECT \(([^)]+)\)\s+ON (\w+)", shipped)
    assert {table: columns for columns, table in granted} == COLUMNS
    await hotel.run(shipped, shipped, f"ALTER ROLE porter PASSWORD '{hotel.db.server.password}'")
    for statement in (DEPLOY / "indexes.sql").read_text().strip().removesuffix(";").split(";"):
        await hotel.run(statement)
    tools = Tools.new(SystemClock().now)
    try:
        for name, one in (ON_TABLES | {"database": looks_tables.database}).items():
            result = await hotel.look(one, hotel.db.server.to(hotel.db.name, "porter"), tools)
            assert result.state is State.OK, (name, result)
    finally:
        await tools.close()
        await hotel.run("DROP OWNED BY porter", "DROP ROLE porter")


async def test_a_database_that_is_down_is_unknown(hotel: Hotel) -> None:
    nowhere = f"postgresql://porter@127.0.0.1:{free_port()}/pms"
    for name, one in ON_TABLES.items():
        result = await hotel.look(one, nowhere)
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY), (name, result)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1 AS nonsense", "no column"),
        ("SELECT 1 WHERE false", "no row"),
        ("SELECT generate_series(1, 3)", "3 rows"),
        ("SELECT generate_series(1, 1000000)", "more than 1000 rows"),
        ("SELEKT", "syntax"),
    ],
)
async def test_a_query_of_ones_own_must_give_the_same_columns(hotel: Hotel, query: str, said: str) -> None:
    for name, one in ON_TABLES.items():
        result = await hotel.look(one, query=query)
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY), (name, result)
        if name != "transactions":
            assert said in result.message, (name, result)


QUEUE = (
    "SELECT {pending} AS pending, 0 AS processing, 0 AS stuck, 0 AS failed, 0 AS failed_hour, "
    "0 AS done_hour, 0 AS unsettled, 0 AS arrived, 0 AS drained, NULL AS statuses, "
    "{oldest} AS oldest_pending, NULL::float8 AS newest_processed, {error} AS error"
)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("pending", "NULL::int"),
        ("pending", "'seven'"),
        ("pending", "true"),
        ("pending", "-1"),
        ("pending", "1.5"),
        ("pending", "'NaN'::float8"),
        ("pending", "1e400::numeric"),
        ("pending", "now()"),
        ("oldest", "'old'"),
        ("oldest", "-4000"),
        ("error", "7"),
    ],
)
async def test_what_is_no_count_is_never_guessed(hotel: Hotel, column: str, value: str) -> None:
    good = {"pending": "1", "oldest": "5", "error": "NULL"}
    assert (await hotel.look(looks_tables.queue, query=QUEUE.format(**good))).state is State.OK
    query = QUEUE.format(**good | {column: value}).replace("0 AS failed", "1 AS failed")
    result = await hotel.look(looks_tables.modification_queue, query=query)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY), result
    assert "column" in result.message


async def test_hostile_text_is_cut(hotel: Hotel) -> None:
    query = QUEUE.format(pending=1, oldest=5, error="repeat('x', 5000000)").replace(
        "0 AS failed", "1 AS failed"
    )
    result = await hotel.look(looks_tables.modification_queue, query=query)
    assert result.state is State.CRITICAL
    assert len(result.message) <= MESSAGE_LENGTH
