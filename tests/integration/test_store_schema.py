"""The tables, the migrations that make them, and who may know of them."""

import ast
import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

import daemon.store.migrations
from daemon.store.migrations import REVISIONS
from daemon.store.schema import metadata
from daemon.store.sqlite_file import WRITER, _bring_up_to_date, _hand
from tests.support.stored import alter, opened, opening, url_of

ROOT = Path(__file__).parents[2]

OPEN = """
import asyncio, sys
from daemon.clock import SystemClock
from daemon.store import Store

async def main():
    store = await Store.open(sys.argv[1], SystemClock())
    await store.close()

asyncio.run(main())
print([name for name in sys.modules if name.partition(".")[0] in ("alembic", "mako")])
"""


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_make_the_tables_of_the_schema(tmp_path: Path) -> None:
    def compare(connection: Connection) -> list[object]:
        return differences(connection)

    async with opened(tmp_path) as store:
        assert await store._transactions.read(compare) == []


def test_the_list_of_revisions_is_that_of_the_files() -> None:
    scripts = ScriptDirectory(str(Path(daemon.store.migrations.__file__).parent))
    found = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS
    files = sorted(path.stem for path in Path(scripts.versions).glob("*.py"))
    assert tuple(files) == REVISIONS


async def test_a_migration_that_fails_halfway_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    alter(file, "CREATE TABLE standings (precious)", "INSERT INTO standings VALUES ('kept')")
    hand = _hand(file, "rw", "BEGIN IMMEDIATE", WRITER, 1)
    try:
        with pytest.raises(OperationalError, match="standings already exists"):
            await hand.do(_bring_up_to_date)
    finally:
        await hand.dispose()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("standings",)]
        assert connection.execute("SELECT precious FROM standings").fetchall() == [("kept",)]


async def test_a_state_that_is_up_to_date_opens_without_alembic(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.commit(opening())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OPEN, url_of(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    shown, _ = await process.communicate()
    assert shown == b"[]\n"


@pytest.mark.parametrize("package", ["daemon", "checks", "alerts"])
def test_nothing_but_the_store_knows_of_the_database(package: str) -> None:
    own = ROOT / "daemon" / "store"
    for file in (ROOT / package).rglob("*.py"):
        if own in file.parents:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"sqlalchemy", "alembic"}, file
