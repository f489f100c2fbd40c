"""A real SMTP server whose inbox fails the test on mail nobody expected."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.support.polling import until


class Inbox:
    """Mails that came in; take what is expected with `expect`.

    `stall` keeps it silent before a mail is kept, `hold` after; `refuse` is the answer in place of keeping.
    `refused` are answers by recipient, and `offered` counts how often each of them was offered a mail.
    """

    def __init__(self) -> None:
        self.port = 0
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.refuse: str | None = None
        self.stall: asyncio.Event | None = None
        self.hold: asyncio.Event | None = None
        self.refused: dict[str, str] = {}
        self.offered: Counter[str] = Counter()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.offered[address] += 1
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 go on"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.stall is not None:
            await self.stall.wait()
        if self.refuse is not None:
            return self.refuse
        self.raw.append(envelope.content)
        self.mails.append(BytesParser(policy=policy.default).parsebytes(envelope.content))
        if self.hold is not None:
            await self.hold.wait()
        return "250 kept"

    async def expect(self, kind: str, *, to: str, within: float = 20.0) -> EmailMessage:
        """Return, and take out, the one mail of this kind to this recipient."""

        def wanted() -> list[EmailMessage]:
            return [one for one in self.mails if one["X-Nightporter-Kind"] == kind and one["To"] == to]

        await until(wanted, within, f"a {kind} mail to {to}; there are {self.subjects()}")
        found = wanted()
        assert len(found) == 1, f"{len(found)} {kind} mails to {to}"
        self.mails.remove(found[0])
        return found[0]

    def take(self) -> list[EmailMessage]:
        """Return, and take out, all that has come."""
        taken, self.mails = self.mails, []
        return taken

    def subjects(self) -> list[str]:
        """Return what has come and not been taken."""
        return [f"{one['To']}: {one['Subject']}" for one in self.mails]


@asynccontextmanager
async def inbox(port: int = 0) -> AsyncIterator[Inbox]:
    """Take mail while the context lasts; unexpected mail fails."""
    found = Inbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(found, hostname="inbox.test"), "127.0.0.1", port)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        for gate in (found.stall, found.hold):
            if gate is not None:
                gate.set()
        server.close()
        await server.wait_closed()
    assert not found.mails, f"mail nobody expected: {found.subjects()}"
