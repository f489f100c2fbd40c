"""What goes wrong with a state in PostgreSQL is told with its remedy, and got over by itself."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi as driver

from daemon.demo.ports import free_port
from daemon.demo.postgres import Postgres, postgres
from daemon.store import StateError, Store
from daemon.store.postgres_database import BOUNDS, PostgresDatabase, open_database
from tests.support.clock import FakeClock
from tests.support.postgres import Database, database, needed_server, state_database
from tests.support.stored import incident, notification, opened, opening

PASSWORD = "of-the-role"
KILL_THE_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""


async def refused(url: str) -> str:
    """Return why a state cannot be opened, having looked that the password is not told."""
    with pytest.raises(StateError) as caught:
        await Store.open(url, FakeClock())
    parts = urlsplit(url)
    where = f"state postgresql://{parts.hostname}:{parts.port}{parts.path}: "
    assert str(caught.value).startswith(where)
    assert parts.password is not None
    assert parts.password not in f"{caught.value} {caught.value.__cause__}"
    return str(caught.value).removeprefix(where)


def as_role(one: Database, role: str, password: str | None = None) -> str:
    parts = urlsplit(one.dsn)
    return parts._replace(netloc=f"{role}:{password or PASSWORD}@{parts.hostname}:{parts.port}").geturl()


@asynccontextmanager
async def role(one: Database, *grants: str) -> AsyncIterator[str]:
    """Make a role of no rights but some, and return its name."""
    name = f"role_of_{one.name}"
    await one.run(
        f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'", *(grant.format(name) for grant in grants)
    )
    try:
        yield name
    finally:
        await one.run(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


async def test_an_address_that_leads_nowhere_is_refused_without_its_password() -> None:
    with pytest.raises(StateError, match="must be postgresql://user@host/database") as caught:
        await Store.open("postgresql://porter:s3cret@db", FakeClock())
    assert "s3cret" not in str(caught.value)


async def test_a_server_that_does_not_run_says_so() -> None:
    said = await refused(f"postgresql://porter:s3cret@127.0.0.1:{free_port()}/np")
    assert said.startswith(
        "the server cannot be reached; look whether it runs, and at host, port and firewall"
    )


async def test_a_host_that_does_not_exist_says_so() -> None:
    said = await refused("postgresql://porter:s3cret@no-such-host.invalid:5432/np")
    assert said.startswith("the server cannot be reached")


async def test_a_server_that_is_silent_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StateError, match=f":{port}/np: no answer in time; look at the server"):
            await open_database(f"postgresql://porter@127.0.0.1:{port}/np", within=0.05)


async def test_a_wrong_password_says_so(pg: Postgres) -> None:
    async with database(pg) as one:
        assert "the server refuses the password" in await refused(as_role(one, "postgres", "wr0ng-s3cret"))


async def test_a_database_that_does_not_exist_says_how_to_create_it(pg: Postgres) -> None:
    said = await refused(pg.to("no_such_database"))
    assert said.startswith("the database does not exist; create it: CREATE DATABASE … OWNER …")


async def test_a_role_without_rights_says_what_to_grant(pg: Postgres) -> None:
    async with database(pg) as one, role(one) as name:
        said = await refused(as_role(one, name))
        assert "lacks a right; make the porter's role its owner" in said
        assert "permission denied for schema public" in said


async def test_the_grants_that_are_named_are_enough(pg: Postgres) -> None:
    grants = (
        "GRANT ALL ON SCHEMA public TO {}",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {}",
    )
    async with state_database(pg) as one:
        async with role(one) as name:
            assert "permission denied for table" in await refused(as_role(one, name))
        async with role(one, *grants) as name, opened(as_role(one, name)) as store:
            await store.commit(opening(notification()))


async def test_a_role_may_have_too_few_connections(pg: Postgres) -> None:
    async with database(pg) as one, role(one, "ALTER ROLE {} CONNECTION LIMIT 0") as name:
        assert "has no connection left; raise its max_connections" in await refused(as_role(one, name))


async def test_a_database_that_can_only_be_read_names_the_primary(pg: Postgres) -> None:
    async with state_database(pg) as one:
        await one.run(f"ALTER DATABASE {one.name} SET default_transaction_read_only = on")
        assert "can only be read (a standby?); name the primary" in await refused(one.dsn)


async def test_what_became_a_standby_is_left_for_the_primary(pg: Postgres) -> None:
    async with state_database(pg) as one, opened(one.dsn) as store:
        await one.run(f"ALTER DATABASE {one.name} SET default_transaction_read_only = on", KILL_THE_OTHERS)
        with pytest.raises(StateError, match="can only be read"):
            await anyhow(store)
        admin = "SET default_transaction_read_only = off"
        await one.run(admin, f"ALTER DATABASE {one.name} RESET default_transaction_read_only")
        await store.writable()


async def anyhow(store: Store) -> None:
    """Write, and once more if the connection had just been lost."""
    try:
        await store.writable()
    except StateError as error:
        if "ended the connection" not in str(error) and "broke off" not in str(error):
            raise
        await store.writable()


async def test_connections_that_were_cut_are_replaced(pg: Postgres) -> None:
    async with state_database(pg) as one, opened(one.dsn) as store:
        await store.commit(opening(notification()))
        await store.open_incidents()
        await one.run(KILL_THE_OTHERS)
        await anyhow(store)
        with suppress(StateError):
            # Whoever reads may be the first to notice, too.
            await store.open_incidents()
        assert await store.open_incidents() == [incident()]


async def test_a_connection_of_which_the_driver_has_lost_track_is_replaced(pg: Postgres) -> None:
    def lose(*_: object) -> None:
        said = "cannot switch to state 15; another operation (2) is in progress"
        cause = asyncpg.InternalClientError(said)
        raise driver.InternalClientError(said, cause)  # type: ignore[no-untyped-call] # of SQLAlchemy

    def number(connection: Connection) -> int:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())

    async with state_database(pg) as one, opened(one.dsn) as store:
        place = store._transactions.place
        assert isinstance(place, PostgresDatabase)
        before = await store._transactions.write(number)
        event.listen(place.writer.sync_engine, "do_execute", lose, once=True)
        with pytest.raises(StateError, match="the connection broke off; it is opened again by itself"):
            await store.writable()
        assert await store._transactions.write(number) != before


async def test_a_connection_that_is_cut_in_the_middle_writes_nothing(pg: Postgres) -> None:
    def cut(connection: Connection) -> None:
        connection.execute(text("UPDATE pulse SET at = 7"))
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    async with state_database(pg) as one, opened(one.dsn) as store:
        with pytest.raises(StateError, match="the connection broke off; it is opened again by itself"):
            await store._transactions.write(cut)
        assert await one.value("SELECT at FROM pulse") != 7
        await store.writable()


async def test_every_transaction_is_bounded_and_leaves_no_setting_behind(pg: Postgres) -> None:
    names = ", ".join(f"current_setting('{name}')" for name in BOUNDS)

    def settings(connection: Connection) -> list[str]:
        return list((connection.execute(text(f"SELECT {names}"))).one())

    async with state_database(pg) as one, opened(one.dsn) as store:
        assert await store._transactions.write(settings) == list(BOUNDS.values())
        assert await store._transactions.read(settings) == list(BOUNDS.values())
        place = store._transactions.place
        assert isinstance(place, PostgresDatabase)
        async with place.writer.connect() as connection:
            assert await connection.run_sync(settings) == ["0", "0", "0"]


async def test_what_reads_cannot_write(pg: Postgres) -> None:
    async with state_database(pg) as one, opened(one.dsn) as store:
        with pytest.raises(StateError, match="can only be read"):
            await store._transactions.read(lambda connection: connection.execute(text("DELETE FROM events")))


async def test_a_server_that_is_restarted_is_used_again(tmp_path: Path) -> None:
    needed_server()
    async with AsyncExitStack() as stack:
        async with postgres(tmp_path) as server:
            store = await stack.enter_async_context(opened(server.dsn))
            await store.commit(opening(notification()))
        for work in (store.writable(), store.open_incidents(), store.claim(9)):
            with pytest.raises(StateError, match=f"state postgresql://127.0.0.1:{server.port}/postgres: the"):
                await work
        await stack.enter_async_context(postgres(tmp_path, server.port))
        await store.writable()
        assert await store.open_incidents() == [incident()]
        assert len(await store.claim(9)) == 1
        await store.close()
