"""A PostgreSQL server whose restart a siege may call for."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from daemon.demo.ports import free_port
from daemon.demo.postgres import Postgres, postgres


class Server:
    """A server over a directory, on one port. `dsn` is its superuser's, for the database `postgres`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._port = free_port()
        self._running = AsyncExitStack()
        self._server: Postgres | None = None

    @property
    def dsn(self) -> str:
        """How the server is reached."""
        assert self._server is not None
        return self._server.dsn

    async def begin(self) -> None:
        """Start."""
        self._server = await self._running.enter_async_context(postgres(self._directory, self._port))

    async def end(self) -> None:
        """Stop, and throw everybody out."""
        await self._running.aclose()

    async def restart(self) -> None:
        """Stop, and start again over the same data."""
        await self.end()
        await self.begin()


@asynccontextmanager
async def server(directory: Path) -> AsyncIterator[Server]:
    """Run a server over a directory while the context lasts."""
    found = Server(directory)
    try:
        await found.begin()
        yield found
    finally:
        await found.end()
