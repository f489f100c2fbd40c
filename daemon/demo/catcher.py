"""The mail catcher: an SMTP server that keeps what it is given."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiosmtpd.smtp import SMTP

from daemon.clock import SystemClock
from daemon.demo.letter import Letter, read

MOST_BYTES = 1_048_576
"""Of one mail; a greater one is refused."""

MOST_MAILS = 300
"""Mails that are kept; the oldest go first."""


class Inbox:
    """The mails that came, in their order; `count` is how many that were."""

    def __init__(self) -> None:
        self.port = 0
        self.count = 0
        self._kept: deque[Letter] = deque(maxlen=MOST_MAILS)
        self._news = asyncio.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail."""
        self.keep(envelope.content, envelope.rcpt_tos)
        return "250 kept"

    def keep(self, raw: bytes, to: Sequence[str]) -> None:
        """Keep a mail, and tell those who wait for one."""
        self.count += 1
        self._kept.append(read(raw, to, self.count, SystemClock().now()))
        self._news.set()
        self._news = asyncio.Event()

    def letters(self) -> Sequence[Letter]:
        """Return the mails that are kept, newest first."""
        return tuple(reversed(self._kept))

    def letter(self, number: int) -> Letter | None:
        """Return a mail by its number, or None when it is not kept."""
        return next((one for one in self._kept if one.number == number), None)

    async def after(self, number: int) -> Letter:
        """Return the first mail after the one of that number, once there is one."""
        while True:
            found = next((one for one in self._kept if one.number > number), None)
            if found is not None:
                return found
            await self._news.wait()


@asynccontextmanager
async def inbox() -> AsyncIterator[Inbox]:
    """Take mail on a free port while the context lasts."""
    found = Inbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(found, hostname="mail.grand-harbour.demo", data_size_limit=MOST_BYTES), "127.0.0.1", 0
    )
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()
