"""One conversation with an IMAP server (RFC 3501): a command out, bounded lines in, up to its answer."""

import asyncio
import re
from collections import deque
from typing import cast

from alerts.message_text import clean

LONGEST_LINE = 16_384
MOST_LINES = 500
"""Bytes of a line, and lines of an answer, at the most: whoever says more is no mailbox for drills."""

_LITERAL = re.compile(rb"\{[0-9]+\+?\}\r?$")
_QUOTABLE = re.compile(r"[ -~]*")


class ImapError(Exception):
    """The mailbox cannot be read. The message says why, and holds no secret."""


class ImapDialogue(asyncio.Protocol):
    """Speaks with a server. Whoever lays TLS over the transport puts the new one into `transport`."""

    transport: asyncio.Transport | None = None

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self._rest = b""
        self._fault = ""
        self._closed = False
        self._number = 0
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._fault:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines.extend(lines)
        if max(len(self._rest), *map(len, lines), 0) > LONGEST_LINE:
            self._give_up(f"sends a line of more than {LONGEST_LINE} bytes")
        elif len(self._lines) > MOST_LINES:
            self._give_up(f"says more than {MOST_LINES} lines at once")
        elif any(_LITERAL.search(line) for line in lines):
            # We ask for nothing that has to be told in one, and trust no length that we are told.
            self._give_up("announces data that nobody asked for")
        self._news.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self._closed = True
        self._news.set()

    @property
    def pending(self) -> bool:
        """Whether something was said that nobody has read."""
        return bool(self._lines or self._rest)

    async def greeting(self) -> None:
        """Wait for the server's first line; raise ImapError when it does not want us."""
        line = await self._line("in place of a greeting")
        if not line.upper().startswith("* OK"):
            raise ImapError(f"the server does not greet as an IMAP server does: {clean(line, 100)}")

    async def ask(self, command: str, *, secret: bool = False) -> list[str]:
        """Return the lines that answer a command, or raise ImapError; of a secret one nothing is quoted."""
        called = command.split(" ", 1)[0]
        self._number += 1
        tag = f"n{self._number}"
        if self.transport is not None:
            self.transport.write(f"{tag} {command}\r\n".encode("ascii"))
        said: list[str] = []
        while len(said) < MOST_LINES:
            line = await self._line(f"in answer to {called}")
            if line.startswith(f"{tag} "):
                status, _, words = line[len(tag) + 1 :].partition(" ")
                if status.upper() == "OK":
                    return said
                quoted = "" if secret else f": {clean(words, 100)}"
                raise ImapError(f"the server refuses {called}{quoted}")
            said.append(line)
        raise ImapError(f"the server says more than {MOST_LINES} lines in answer to {called}")

    def end(self) -> None:
        """Break the connection off."""
        if self.transport is not None:
            self.transport.abort()

    async def _line(self, when: str) -> str:
        while not self._lines or self._fault:
            if self._fault:
                raise ImapError(f"the server {self._fault}, {when}")
            if self._closed:
                raise ImapError(f"the connection was closed {when}")
            self._news.clear()
            await self._news.wait()
        return self._lines.popleft().decode("ascii", "replace").rstrip("\r")

    def _give_up(self, what: str) -> None:
        self._fault = what
        self._lines.clear()
        self.end()


def quoted(text: str) -> str:
    """Return a text as IMAP quotes it; raise ImapError for what cannot be quoted."""
    if not _QUOTABLE.fullmatch(text):
        raise ImapError("user name, password and folder must be of ASCII characters for IMAP")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
