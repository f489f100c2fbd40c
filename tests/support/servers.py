"""Servers that misbehave in one way each, over real sockets."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tests.support.certificates import Signed
from tests.support.polling import until


class Script(asyncio.Protocol):
    """One connection to a scripted server: what came in, and how to answer it."""

    def __init__(self, server: "Server") -> None:
        self.server = server
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self.transport = cast("asyncio.Transport", transport)
        self.server.open.add(self)
        self.server.connections += 1
        if self.server.greeting is not None:
            self.transport.write(self.server.greeting)

    def data_received(self, data: bytes) -> None:
        before, self.received = self.received, self.received + data
        if b"\r\n\r\n" in self.received and b"\r\n\r\n" not in before:
            self.server.requests.append(self.received)
            self.server.answer(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self.server.open.discard(self)

    def say(self, *pieces: bytes, close: bool = True) -> None:
        """Write pieces, and close unless told otherwise."""
        for piece in pieces:
            self.transport.write(piece)
        if close:
            self.transport.close()

    def reset(self) -> None:
        """End the connection with a RST."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def drip(self, piece: bytes, pause: float = 0.02) -> None:
        """Write the same piece for ever, a little at a time."""
        if not self.transport.is_closing():
            self.transport.write(piece)
            asyncio.get_running_loop().call_later(pause, self.drip, piece, pause)


Answer = Callable[[Script], None]


def nothing(_script: Script) -> None:
    """Never answer."""


@dataclass(eq=False)
class Server:
    """A scripted server on loopback."""

    answer: Answer = nothing
    greeting: bytes | None = None
    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    open: set[Script] = field(default_factory=set)

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        """Return a URL of this server."""
        return f"{scheme}://{host}:{self.port}{path}"

    async def all_closed(self) -> None:
        """Wait until every connection has ended."""
        await until(lambda: not self.open, 5, "all connections to end")


def http(status: str = "200 OK", body: bytes = b"", *fields: str) -> Answer:
    """Answer with a whole, well-formed response."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return lambda script: script.say("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)


def raw(*pieces: bytes, close: bool = True) -> Answer:
    """Answer with exactly these bytes."""
    return lambda script: script.say(*pieces, close=close)


@asynccontextmanager
async def server(
    answer: Answer = nothing,
    *,
    greeting: bytes | None = None,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
) -> AsyncIterator[Server]:
    """Serve while the context lasts."""
    one = Server(answer, greeting)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Script(one), host, 0, ssl=tls)
    one.port = listening.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        listening.close()
        for script in list(one.open):
            script.transport.abort()
        await one.all_closed()


def server_context(signed: Signed, directory: Path, name: str = "server") -> ssl.SSLContext:
    """Return the context of a server that shows this certificate."""
    chain, key = signed.save(directory, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
