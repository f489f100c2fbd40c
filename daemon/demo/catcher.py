"""The mail catcher: an SMTP server that keeps what it is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.smtp import SMTP


class Inbox:
    """The mails that came, in their order."""

    def __init__(self) -> None:
        self.port = 0
        self._mails: asyncio.Queue[EmailMessage] = asyncio.Queue()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail."""
        mail = BytesParser(policy=policy.default).parsebytes(envelope.content)
        self._mails.put_nowait(mail)
        return "250 kept"

    async def next(self) -> EmailMessage:
        """Return the next mail."""
        return await self._mails.get()


@asynccontextmanager
async def inbox() -> AsyncIterator[Inbox]:
    """Take mail on a free port while the context lasts."""
    found = Inbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(found, hostname="mail.grand-harbour.demo"), "127.0.0.1", 0
    )
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()
