"""DNS over UDP and TCP, on one port of loopback: carries questions to whoever answers them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

HOST = "127.0.0.1"

Answer = Callable[[bytes, str], bytes | None]
"""Takes a message and how it came (udp or tcp); returns the answer, or None for silence."""


class _Tcp:
    """The conversations that are under way, and the tasks that hold them."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._under_way: dict[asyncio.StreamWriter, asyncio.Task[Any] | None] = {}

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the other side has enough."""
        self._under_way[writer] = asyncio.current_task()
        try:
            while length := await reader.readexactly(2):
                answer = self._answer(await reader.readexactly(int.from_bytes(length, "big")), "tcp")
                if answer is not None:
                    writer.write(len(answer).to_bytes(2, "big") + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            del self._under_way[writer]
            writer.close()

    async def hang_up(self) -> None:
        """End every conversation."""
        tasks = [task for task in self._under_way.values() if task is not None]
        for writer in self._under_way:
            writer.transport.abort()
        if tasks:
            await asyncio.wait(tasks)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, sender: tuple[str | Any, int]) -> None:
        answer = self._answer(data, "udp")
        if answer is not None:
            self._transport.sendto(answer, sender)


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[int]:
    """Let it answer over UDP and TCP, on one free port, while the context lasts."""
    loop, conversations = asyncio.get_running_loop(), _Tcp(answer)
    while True:
        tcp = await asyncio.start_server(conversations.converse, HOST, 0)
        port: int = tcp.sockets[0].getsockname()[1]
        try:
            udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(answer), (HOST, port))
        except OSError:  # somebody has the UDP port of that number
            tcp.close()
            continue
        break
    try:
        yield port
    finally:
        udp.close()
        tcp.close()
        await conversations.hang_up()
