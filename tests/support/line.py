"""A line to a server that can be cut, and held up, and mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

HOST = "127.0.0.1"


class Line:
    """Carries bytes to a port. Cut, it refuses and breaks off; held up, it accepts and is silent."""

    def __init__(self, to: int) -> None:
        self.port = 0
        self._to = to
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()
        self._free = asyncio.Event()
        self._free.set()

    async def mend(self) -> None:
        """Carry, from the same port as before."""
        self._free.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break off what there is, and refuse what comes."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in list(self._carrying):
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def hold_up(self) -> None:
        """Carry nothing any more, and say nothing of it."""
        self._free.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        try:
            with suppress(OSError):
                there, back = await asyncio.open_connection(HOST, self._to)
                try:
                    await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
                finally:
                    back.transport.abort()
        finally:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65536):
                await self._free.wait()
                writer.write(chunk)
                await writer.drain()
            writer.close()


@asynccontextmanager
async def line(to: int) -> AsyncIterator[Line]:
    """Have a line to a port while the context lasts."""
    one = Line(to)
    await one.mend()
    try:
        yield one
    finally:
        await one.cut()
