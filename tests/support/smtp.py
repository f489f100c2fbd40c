"""SMTP servers for tests: a real one that refuses when told to, and a scripted one below the protocol."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came over the wire, dots unstuffed, and its envelope."""

    sender: str
    recipient: str
    content: bytes
    options: tuple[str, ...]


@dataclass
class Post:
    """A real SMTP server. `on_rcpt` and `on_data` are answers to give before it accepts, each once."""

    port: int = 0
    login: tuple[str, str] | None = None
    methods: list[str] = field(default_factory=list)
    on_rcpt: list[str] = field(default_factory=list)
    on_data: list[str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    logins: int = 0
    quits: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.offered.append(address)
        if self.on_rcpt:
            return self.on_rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 go on"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: object, envelope: Envelope
    ) -> str:
        content = envelope.original_content
        assert content is not None
        if self.on_data:
            return self.on_data.pop(0)
        (recipient,) = envelope.rcpt_tos
        options = tuple(envelope.mail_options)
        self.received.append(Received(str(envelope.mail_from), recipient, content, options))
        return "250 kept"

    async def handle_QUIT(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        self.quits += 1
        return "221 bye"

    def authenticate(
        self, _server: SMTP, _session: object, _envelope: object, mechanism: str, data: object
    ) -> AuthResult:
        """Say whether a login is right."""
        self.logins += 1
        self.methods.append(mechanism)
        assert isinstance(data, LoginPassword)
        given = data.login.decode(), data.password.decode()
        return AuthResult(success=given == self.login, handled=False)


@asynccontextmanager
async def post(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    **options: Any,
) -> AsyncIterator[Post]:
    """Serve SMTP while the context lasts; with `login`, mail is taken only after it."""
    found = Post(login=login)

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            # aiosmtpd cannot know that the listener has TLS already, and says so.
            warnings.simplefilter("ignore")
            return SMTP(
                found,
                hostname="relay.test",
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=found.authenticate if login else None,
                auth_required=login is not None,
                auth_require_tls=starttls is not None,
                **options,
            )

    server = await asyncio.get_running_loop().create_server(protocol, HOST, 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()


class Trick(Enum):
    """What a scripted server does in place of an answer."""

    DROP = "closes the connection"
    HANG = "says nothing more"
    DRIP = "sends the answer a byte at a time, for ever"


ANSWERS: dict[str, str | Trick] = {
    "": "220 scripted.test",
    "EHLO": "250 scripted.test",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 kept",
    "QUIT": "221 bye",
}


@dataclass
class Scripted:
    """A server that answers from a table of commands; "" is the greeting, "." the end of the message."""

    answers: dict[str, str | Trick]
    port: int = 0
    commands: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    _end: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def close(self) -> None:
        """End every conversation."""
        self._end.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = ""
        while await self._answer(command, writer):
            if command == "DATA":
                self.messages.append(await reader.readuntil(b"\r\n.\r\n"))
                command = "."
                continue
            line = await reader.readuntil(b"\r\n")
            self.commands.append(line.decode().strip())
            command = line.decode().split()[0].upper()

    async def _answer(self, command: str, writer: asyncio.StreamWriter) -> bool:
        answer = self.answers.get(command, "500 what?")
        if isinstance(answer, str):
            writer.write(answer.encode() + b"\r\n")
            await writer.drain()
            return True
        if answer is Trick.HANG:
            await self._end.wait()
        while answer is Trick.DRIP and not self._end.is_set():
            writer.write(b"2")
            await writer.drain()
            try:
                await asyncio.wait_for(self._end.wait(), 0.02)
            except TimeoutError:
                continue
        return False


@asynccontextmanager
async def scripted(answers: dict[str, str | Trick] | None = None) -> AsyncIterator[Scripted]:
    """Serve by a script while the context lasts; `answers` differ from those of a willing relay."""
    found = Scripted(ANSWERS | (answers or {}))
    server = await asyncio.start_server(found.serve, HOST, 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        await found.close()
        server.close()
        await server.wait_closed()


class Authority:
    """A private authority, and the contexts of servers it vouches for."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self.pem = self._ca.cert_pem.bytes()

    def server(self, names: Sequence[str] = (HOST, "localhost")) -> ssl.SSLContext:
        """Return the context of a server with these names."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._ca.issue_cert(*names).configure_cert(context)
        return context
