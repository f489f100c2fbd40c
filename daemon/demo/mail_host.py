"""The hotel's own mail server: STARTTLS, a login, and the bad days of such servers."""

import asyncio
import hmac
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from daemon.demo.authority import Authority

HOST = "127.0.0.1"
NAME = "smtp.grand-harbour.demo"
USER, PASSWORD = "reservations@grand-harbour.demo", "abcdefghijklmnop"

WRONG = "535 5.7.8 Username and Password not accepted"
TOO_OFTEN = "454 4.7.0 Too many login attempts, please try again later"

Way = Literal["starttls", "plain", "tls"]


class MailHost:
    """Serves on a port it keeps. `refusal` is what every login is answered with, if not empty."""

    def __init__(self, authority: Authority) -> None:
        self.port = 0
        self.password = PASSWORD
        self.refusal = ""
        self.taken = 0
        self._tls: ssl.SSLContext = authority.context()
        self._server: asyncio.Server | None = None
        self._held: list[socket.socket] = []
        self._open: set[SMTP] = set()

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail, and forget it."""
        self.taken += 1
        return "250 2.0.0 OK"

    async def start(self, way: Way = "starttls") -> None:
        """Serve with STARTTLS, in plain text only, or over TLS from the start."""
        tls = self._tls if way == "tls" else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: self._protocol(way), HOST, self.port, ssl=tls, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections."""
        while self._held:
            self._held.pop().close()
        if self._server is not None:
            self._server.close()
            for one in self._open:
                if isinstance(one.transport, asyncio.Transport):
                    one.transport.abort()
            self._open.clear()
            await self._server.wait_closed()
            self._server = None

    async def vanish(self) -> None:
        """Let connections go nowhere, as a firewall does that drops them."""
        await self.stop()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, self.port))
        listening.listen(0)
        self._held.append(listening)
        for _ in range(3):
            # Whoever comes once these wait to be accepted is not answered at all.
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex((HOST, self.port))
            self._held.append(waiting)

    def _protocol(self, way: Way) -> SMTP:
        self._open = {one for one in self._open if one.transport is not None}
        found = SMTP(
            self,
            hostname=NAME,
            ident="ready",
            tls_context=self._tls if way == "starttls" else None,
            require_starttls=way == "starttls",
            authenticator=self._authenticate,
        )
        self._open.add(found)
        return found

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and hmac.compare_digest(data.login, USER.encode())
        if self.refusal:
            return AuthResult(success=False, handled=False, message=self.refusal)
        if not known or not hmac.compare_digest(data.password, self.password.encode()):
            return AuthResult(success=False, handled=False, message=WRONG)
        return AuthResult(success=True)


@asynccontextmanager
async def mail_host(authority: Authority) -> AsyncIterator[MailHost]:
    """Serve on a free port while the context lasts."""
    found = MailHost(authority)
    await found.start()
    try:
        yield found
    finally:
        await found.stop()
