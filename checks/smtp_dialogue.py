"""One conversation with an SMTP server (RFC 5321): a command out, a bounded reply in."""

import asyncio
import ipaddress
import re
from collections import deque
from dataclasses import dataclass
from typing import cast

from checks.connection import Unreachable
from checks.expectation import excerpt
from checks.result import Reason, Sign

LONGEST_LINE = 4096
"""Bytes of one line; RFC 5321 allows 512, and servers are not that strict."""

MOST_LINES = 128

_LINE = re.compile(r"([2-5][0-9]{2})(?:([ -])(.*))?", re.ASCII | re.DOTALL)
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)", re.ASCII)
_TLS_RECORD = (b"\x15\x03", b"\x16\x03")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server replied: the code, and the texts of its lines."""

    code: int
    lines: tuple[str, ...]

    @property
    def enhanced(self) -> str:
        """The enhanced status code (RFC 3463), such as `5.7.8`; empty when there is none."""
        match = _ENHANCED.match(self.lines[0])
        return match[1] if match else ""

    @property
    def text(self) -> str:
        """All of it on one line, without the enhanced codes that begin its lines."""
        return " ".join(_ENHANCED.sub("", line, count=1).strip() for line in self.lines).strip()

    @property
    def codes(self) -> str:
        """Both codes, such as `535 5.7.8`."""
        return f"{self.code} {self.enhanced}".strip()


class Dialogue(asyncio.Protocol):
    """Speaks with a server. Whoever lays TLS over the transport puts the new one into `transport`.

    Once a secret was sent nothing the server says is quoted any more: it could be that secret.
    """

    transport: asyncio.Transport | None = None

    def __init__(self) -> None:
        self.name = "[127.0.0.1]"
        """What we call ourselves: our own address (RFC 5321, 4.1.3)."""
        self.discreet = False
        self._lines: deque[bytes] = deque()
        self._rest = b""
        self._fault: tuple[Reason, str, tuple[Sign, ...]] | None = None
        self._closed = False
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self.transport = cast("asyncio.Transport", transport)
        own = transport.get_extra_info("sockname")
        self.name = _literal(own[0]) if isinstance(own, tuple) else self.name

    def data_received(self, data: bytes) -> None:
        if self._fault:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines.extend(lines)
        if self._rest.startswith(_TLS_RECORD) and not self._lines:
            self._give_up(Reason.TLS, "speaks TLS where plain SMTP was expected", Sign.TLS_MODE)
        elif len(self._lines) > MOST_LINES:
            self._give_up(Reason.PROTOCOL, f"says more than {MOST_LINES} lines at once")
        elif max(len(self._rest), *map(len, lines), 0) > LONGEST_LINE:
            self._give_up(Reason.PROTOCOL, f"sends a line of more than {LONGEST_LINE} bytes")
        self._news.set()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._rest:
            self._lines.append(self._rest)
            self._rest = b""
        self._closed = True
        self._news.set()

    async def ask(self, command: str) -> Reply:
        """Return the reply to a command."""
        return await self._exchange(command, command.split(" ", 1)[0])

    async def confide(self, secret: str) -> Reply:
        """Return the reply to a command that must not show up in a message."""
        self.discreet = True
        return await self._exchange(secret, "AUTH")

    async def _exchange(self, command: str, called: str) -> Reply:
        farewell = bool(self._lines) and self._lines[0].startswith(b"421")
        if self.pending and not farewell:
            raise Unreachable(Reason.PROTOCOL, f"the server speaks without being asked, before {called}")
        if self.transport is not None:
            self.transport.write(command.encode() + b"\r\n")
        return await self.reply(f"in answer to {called}")

    def end(self) -> None:
        """Break the connection off."""
        if self.transport is not None:
            self.transport.abort()

    @property
    def pending(self) -> bool:
        """Whether something was said that nobody has read."""
        return bool(self._lines or self._rest)

    async def reply(self, when: str) -> Reply:
        """Return the next reply, or raise `Unreachable`; `when` says in messages what it answers."""
        code = ""
        texts: list[str] = []
        while len(texts) < MOST_LINES:
            line = await self._line(when)
            match = _LINE.fullmatch(line)
            if match is None or code not in {"", match[1]}:
                quoted = "" if self.discreet else f": {excerpt(line)}"
                raise Unreachable(Reason.PROTOCOL, f"the server does not speak SMTP {when}{quoted}")
            code = match[1]
            texts.append(match[3] or "")
            if match[2] != "-":
                return Reply(int(code), tuple(texts))
        raise Unreachable(Reason.PROTOCOL, f"the server says more than {MOST_LINES} lines {when}")

    async def _line(self, when: str) -> str:
        while not self._lines or self._fault:
            if self._fault:
                reason, what, signs = self._fault
                raise Unreachable(reason, f"the server {what}, {when}", *signs)
            if self._closed:
                raise Unreachable(Reason.PROTOCOL, f"the connection was closed {when}")
            self._news.clear()
            await self._news.wait()
        return self._lines.popleft().decode("utf-8", "replace").rstrip("\r")

    def _give_up(self, reason: Reason, what: str, *signs: Sign) -> None:
        self._fault = reason, what, signs
        self._lines.clear()
        self.end()


def _literal(own: str) -> str:
    address = ipaddress.ip_address(own.partition("%")[0])
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
