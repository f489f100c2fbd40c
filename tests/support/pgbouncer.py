"""A real pgbouncer in transaction mode, on loopback and in a directory of its own."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from daemon.demo.children import with_us
from daemon.demo.ports import free_port
from daemon.demo.postgres import Postgres, as_nobody
from tests.support.nginx import needed

CONFIGURATION = """\
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {directory}/users.txt
pool_mode = transaction
default_pool_size = 2
logfile = {directory}/pgbouncer.log
"""


@dataclass(slots=True)
class PgBouncer:
    """A pooler in front of a server, which lends each transaction one of two connections."""

    port: int
    process: asyncio.subprocess.Process

    def before(self, dsn: str) -> str:
        """Return the address that leads to a database through the pooler."""
        parts = urlsplit(dsn)
        return parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{self.port}").geturl()

    async def stop(self) -> None:
        """End at once, whoever is being served."""
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()


@asynccontextmanager
async def pgbouncer(directory: Path, server: Postgres, port: int | None = None) -> AsyncIterator[PgBouncer]:
    """Serve while the context lasts."""
    program, number = needed("pgbouncer"), port or free_port()
    (directory / "users.txt").write_text(f'"postgres" "{server.password}"\n')
    text = CONFIGURATION.format(server=server.port, port=number, directory=directory)
    (directory / "pgbouncer.ini").write_text(text)
    process = await asyncio.create_subprocess_exec(
        *as_nobody(),
        *with_us(),
        program,
        "-q",
        str(directory / "pgbouncer.ini"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C"},
    )
    one = PgBouncer(number, process)
    try:
        await _accepts(one, directory)
        yield one
    finally:
        await one.stop()


async def _accepts(one: PgBouncer, directory: Path) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", one.port)
        except OSError:
            late = asyncio.get_running_loop().time() > deadline
            log = directory / "pgbouncer.log"
            assert not late, log.read_text() if log.exists() else "pgbouncer does not accept"
            assert one.process.returncode is None, log.read_text() if log.exists() else "pgbouncer ended"
            await asyncio.sleep(0.02)  # the poll's own pause
        else:
            writer.close()
            return
