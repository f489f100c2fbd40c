"""The role that deploy/postgres/state.sql makes: porters migrate and work with it, and it may do no more."""

import re
from pathlib import Path

import asyncpg
import pytest

from daemon.demo.postgres import Postgres
from tests.support.inbox import inbox
from tests.support.postgres import database
from tests.support.replicas import replicas
from tests.support.vendor import vendor

SHIPPED = Path(__file__).parents[2] / "deploy" / "postgres" / "state.sql"


async def test_a_porter_runs_with_the_rights_of_the_shipped_role(tmp_path: Path, pg: Postgres) -> None:
    async with database(pg) as one, vendor() as gateway, inbox() as mails:
        role = f"state_of_{one.name}"
        shipped = SHIPPED.read_text().replace("nightporter_state", role)
        await one.run(shipped, shipped, f"ALTER ROLE {role} PASSWORD '{pg.password}'")
        try:
            state = pg.to(one.name, role)
            names = ["first", "second"]
            async with replicas(
                tmp_path, names, ["h"], state=state, url=gateway.url, relay=mails.port
            ) as porters:
                for porter in porters:
                    await porter.start()
                gateway.status = 503
                told = await porters[0].poll("/api/v1/incidents", lambda answer: answer["incidents"])
                assert told["incidents"][0]["hotel"] == "h"
                await mails.expect("problem", to="night@h.example")
                assert [await porter.stop() for porter in porters] == [0, 0]
            assert {mail["To"] for mail in mails.take()} <= {"night@h.example"}
            assert await one.value(f"SELECT count(*) FROM pg_tables WHERE tableowner = '{role}'")
            assert not await one.value(
                f"SELECT has_database_privilege('{role}', '{one.name}', 'CREATE, TEMP')"
            )
            powers = "rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls"
            assert await one.value(f"SELECT {powers} FROM pg_roles WHERE rolname = '{role}'") is False
            await _others_are_kept_out(pg, one.name)
        finally:
            await one.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


async def test_a_database_that_others_use_is_left_as_it_was(pg: Postgres) -> None:
    async with database(pg) as one:
        role = f"state_of_{one.name}"
        shipped = SHIPPED.read_text().replace("nightporter_state", role)
        await one.run("CREATE TABLE reservations (id int)")
        with pytest.raises(asyncpg.RaiseError, match="is not for the porter alone"):
            await one.run(shipped)
        assert await one.value(f"SELECT has_database_privilege('public', '{one.name}', 'CONNECT')")
        assert await one.value(f"SELECT count(*) FROM pg_roles WHERE rolname = '{role}'") == 0


async def test_functions_of_others_are_not_run_as_the_superuser(pg: Postgres) -> None:
    async with database(pg) as one:
        role = f"state_of_{one.name}"
        shipped = SHIPPED.read_text().replace("nightporter_state", role)
        trap = "CREATE FUNCTION public.format(text, name) RETURNS text LANGUAGE plpgsql AS "
        await one.run(f"{trap} $$ BEGIN RAISE EXCEPTION 'theirs'; END $$")
        try:
            await one.run(shipped)
            assert await one.value(f"SELECT has_database_privilege('{role}', '{one.name}', 'CONNECT')")
        finally:
            await one.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


async def _others_are_kept_out(pg: Postgres, name: str) -> None:
    admin = await asyncpg.connect(pg.dsn)
    try:
        await admin.execute(f"CREATE ROLE stranger_{name} LOGIN PASSWORD '{pg.password}'")
        with pytest.raises(
            asyncpg.InsufficientPrivilegeError, match=re.escape("permission denied for database")
        ):
            await asyncpg.connect(pg.to(name, f"stranger_{name}"))
        await admin.execute(f"DROP ROLE stranger_{name}")
    finally:
        await admin.close()
