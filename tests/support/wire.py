"""A wire between a client and a server that can be made to swallow whatever goes over it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Wire:
    """What lies between. Connections that are open when it begins to swallow never come back to life."""

    port: int = 0
    swallowed: int = 0
    _dead: set[int] = field(default_factory=set)
    _open: set[int] = field(default_factory=set)

    def swallow(self) -> None:
        """Let nothing through any more that is under way now."""
        self.swallowed = 0
        self._dead |= self._open

    def deliver(self) -> None:
        """Let new connections through; those that were lost stay so."""

    async def carry(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes one way."""
        try:
            while data := await reader.read(65536):
                if number in self._dead:
                    self.swallowed += len(data)
                    continue
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            if number not in self._dead:
                writer.close()


@asynccontextmanager
async def between(port: int) -> AsyncIterator[Wire]:
    """Lay a wire to a port of loopback."""
    wire, tasks, ends = Wire(), set[asyncio.Task[None]](), list[asyncio.StreamWriter]()
    numbers = iter(range(1_000_000))

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = next(numbers)
        wire._open.add(number)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        ends.extend((writer, far_writer))
        for one, other in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(wire.carry(number, one, other))
            tasks.add(task)

    listening = await asyncio.start_server(connect, "127.0.0.1", 0)
    wire.port = listening.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            end.transport.abort()
        await asyncio.sleep(0)
