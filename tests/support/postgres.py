"""A real PostgreSQL server for the tests: one for the session, a database of its own for each test."""

import asyncio
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from daemon.demo.postgres import Postgres, PostgresError, binaries, postgres
from daemon.store import Store
from tests.support.clock import FakeClock


@dataclass(frozen=True, slots=True)
class Database:
    """A database of its own. `dsn` is its owner's."""

    server: Postgres
    name: str

    @property
    def dsn(self) -> str:
        return self.server.to(self.name)

    async def run(self, *statements: str) -> None:
        """Run statements as the owner."""
        connection = await asyncpg.connect(self.dsn)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def value(self, query: str) -> object:
        """Return the first column of the first row."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()


TEMPLATE = "state_without_rows"
"""A database in which the state's schema stands already."""

MEMORY, ENOUGH = Path("/dev/shm"), 1024**3  # noqa: S108 - a directory of its own is made in it
"""Where files are kept in memory, and the bytes of it that a server may need."""


def needed_server() -> None:
    """Skip a test where no PostgreSQL server is installed, and fail it in CI."""
    if binaries() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs a PostgreSQL server")
        pytest.skip("no PostgreSQL server is installed")


def roomy() -> Path | None:
    """Return where a server's files are best kept: to copy a database on a disk takes ten times the work."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server in a thread with a loop of its own, so that it serves tests on any loop."""
    needed_server()
    found: list[Postgres | PostgresError] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        with tempfile.TemporaryDirectory(
            prefix="np-pg-", dir=roomy(), ignore_cleanup_errors=True
        ) as directory:
            try:
                async with postgres(Path(directory)) as server:
                    found.append(server)
                    ready.set()
                    await asyncio.to_thread(done.wait)
            except PostgresError as error:
                found.append(error)
                ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    try:
        if isinstance(found[0], PostgresError):
            raise found[0]
        yield found[0]
    finally:
        done.set()
        thread.join()


@asynccontextmanager
async def state_database(server: Postgres) -> AsyncIterator[Database]:
    """Make a database that holds a state without rows, and drop it at the end."""
    admin = await asyncpg.connect(server.dsn)
    try:
        if not await admin.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", TEMPLATE):
            await admin.execute(f"CREATE DATABASE {TEMPLATE}")
            await (await Store.open(server.to(TEMPLATE), FakeClock())).close()
    finally:
        await admin.close()
    async with database(server, template=TEMPLATE) as made:
        yield made


@asynccontextmanager
async def database(
    server: Postgres, *statements: str, template: str = "template1"
) -> AsyncIterator[Database]:
    """Make a database, run statements in it, and drop it at the end."""
    name = f"t_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(server.dsn)
    try:
        # Before PostgreSQL 15 there is no other way, nor a word for it.
        copied = " STRATEGY FILE_COPY" if admin.get_server_version().major >= 15 else ""
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}{copied}")
        one = Database(server, name)
        await one.run(*statements)
        try:
            yield one
        finally:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()
