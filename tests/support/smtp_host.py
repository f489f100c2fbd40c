"""A mail host for probes: real SMTP from a table of answers, with STARTTLS, and every rudeness there is."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HOST = "127.0.0.1"

ANSWERS: Mapping[str, bytes] = {
    "": b"220-mail.test\r\n220 at your service\r\n",
    "EHLO": b"250-mail.test\r\n250-STARTTLS\r\n250 AUTH LOGIN PLAIN\r\n",
    "STARTTLS": b"220 go on\r\n",
    "AUTH": b"235 2.7.0 welcome\r\n",
    "NOOP": b"250 ok\r\n",
    "QUIT": b"221 bye\r\n",
}


@dataclass
class MailHost:
    """Answers by the first word of a command; "" is the greeting, "*" whatever no other word fits.

    An empty answer is silence, one that ends with a NUL is the last before it hangs up. `secured` are those
    of the commands that came over TLS.
    """

    answers: Mapping[str, bytes]
    tls: ssl.SSLContext | None
    port: int = 0
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    secured: list[str] = field(default_factory=list)
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    def count(self, word: str) -> int:
        """Return how often a command was given."""
        return sum(command.split(" ")[0] == word for command in self.commands)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (OSError, EOFError):
            pass
        finally:
            writer.transport.abort()

    async def close(self) -> None:
        """End every conversation."""
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        word, secured = "", False
        while await self._answer(word, writer):
            if word == "STARTTLS" and self.tls is not None:
                await writer.start_tls(self.tls)
                secured = True
            line = (await reader.readuntil(b"\r\n")).decode().rstrip()
            self.commands.append(line)
            if secured:
                self.secured.append(line)
            word = line.split(" ")[0].upper()

    async def _answer(self, word: str, writer: asyncio.StreamWriter) -> bool:
        answer = self.answers.get(word, self.answers.get("*", b"500 what?\r\n"))
        writer.write(answer.removesuffix(b"\0"))
        await writer.drain()
        return not answer.endswith(b"\0")


@asynccontextmanager
async def mail_host(
    answers: Mapping[str, bytes] | None = None,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[MailHost]:
    """Serve while the context lasts; `answers` differ from those of a willing host."""
    found = MailHost({**ANSWERS, **(answers or {})}, starttls)
    server = await asyncio.start_server(found.serve, HOST, 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await found.close()
