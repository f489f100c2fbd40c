"""A message posted over HTTP: one connection, one deadline, no redirect, no proxy."""

import asyncio
import os
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from yarl import URL

from alerts.notification import DeliveryError, DeliveryReason
from alerts.notifiers.reaching import Resolve, reach
from alerts.notifiers.trusting import context
from checks.values import TlsTrust

DEADLINE = 30.0
"""Seconds for everything: the look-up, the connection, and the answer."""

FAREWELL = 1.0
"""Seconds in which the rest of an answer is taken, so that who writes it is not cut off."""

LONGEST_LINE = 8192
MOST_LINES = 100

FINAL = frozenset({400, 413, 415, 422})
"""Statuses that speak of the message itself; others pass, or are for the receiver's people to mend."""

REASONS = {
    401: DeliveryReason.CREDENTIALS,
    403: DeliveryReason.CREDENTIALS,
    407: DeliveryReason.CREDENTIALS,
    408: DeliveryReason.TIMEOUT,
    425: DeliveryReason.DEFERRED,
    429: DeliveryReason.RATE_LIMITED,
}
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?![0-9])")

Sending = Callable[[], Awaitable[None]]
"""Is called once the connection stands, before the message goes out."""


class Post:
    """Posts JSON to an address. `resolve` decides where that may lead; `agent` is what we call ourselves."""

    def __init__(
        self, url: str, trust: TlsTrust, resolve: Resolve, agent: str, deadline: float = DEADLINE
    ) -> None:
        self._url = URL(url)
        self._context = context(trust) if self._url.scheme == "https" else None
        self._resolve = resolve
        self._agent = agent
        self._deadline = deadline

    async def __call__(self, body: bytes, sending: Sending, headers: Mapping[str, str] | None = None) -> None:
        """Post a message, or raise DeliveryError, without a word of where to: the address may be a secret."""
        try:
            async with asyncio.timeout(self._deadline) as limit:
                status = await self._status(self._head(body, headers or {}) + body, sending, limit)
        except TimeoutError as error:
            detail = f"no answer within {self._deadline:g} s"
            raise DeliveryError(DeliveryReason.TIMEOUT, detail) from error
        except (OSError, ValueError) as error:
            raise _failure(error) from error
        if not 200 <= status < 300:
            raise _refusal(status)

    def _head(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        fields = {
            "Host": self._url.host_port_subcomponent,
            "User-Agent": self._agent,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **headers,
        }
        lines = (f"{name}: {value}" for name, value in fields.items())
        return "\r\n".join((f"POST {self._url.raw_path_qs} HTTP/1.1", *lines, "", "")).encode("latin-1")

    async def _status(self, request: bytes, sending: Sending, limit: asyncio.Timeout) -> int:
        host = (self._url.raw_host or "").rstrip(".")
        sock = await reach(host, self._url.port or 443, self._resolve)
        reader, writer = await asyncio.open_connection(
            sock=sock,
            ssl=self._context,
            server_hostname=host if self._context is not None else None,
            limit=LONGEST_LINE,
        )
        try:
            await sending()
            writer.write(request)
            # Who refuses a message may answer, and close, before all of it has come.
            with suppress(ConnectionError):
                await writer.drain()
            status = await _answered(reader)
            # What is answered is answered, however long the rest of it takes.
            limit.reschedule(None)
            await _let_finish(reader)
            return status
        finally:
            writer.transport.abort()


async def _answered(reader: asyncio.StreamReader) -> int:
    """Return the status of the answer, after those that only say that one will come."""
    for _ in range(MOST_LINES):
        line = await reader.readline()
        if not line:
            raise DeliveryError(DeliveryReason.CONNECT, "the connection was closed without an answer")
        found = _STATUS.match(line)
        if found is None:
            raise ValueError("no status line")
        if int(found[1]) >= 200:
            return int(found[1])
        while (await reader.readline()).strip():
            pass
    raise ValueError("no end of interim answers")


async def _let_finish(reader: asyncio.StreamReader) -> None:
    """Take what else is said, to no purpose but that it can be: some programs die when it cannot."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(FAREWELL):
            for _ in range(MOST_LINES):
                if not await reader.read(LONGEST_LINE):
                    return


def _failure(error: Exception) -> DeliveryError:
    """Return what went wrong before there was an answer."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return DeliveryError(DeliveryReason.DNS, "the host name of its `url` cannot be looked up")
    if isinstance(error, ssl.SSLCertVerificationError):
        detail = f"its certificate is not trusted: {error.verify_message}"
        return DeliveryError(DeliveryReason.TLS, detail)
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or type(error).__name__).replace("_", " ").lower()
        return DeliveryError(DeliveryReason.TLS, f"no TLS with it: {reason}")
    if isinstance(error, OSError):
        system = os.strerror(error.errno).lower() if error.errno else "it cannot be reached"
        return DeliveryError(DeliveryReason.CONNECT, f"no connection: {system}")
    return DeliveryError(DeliveryReason.PROTOCOL, "what answers there does not speak HTTP")


def _refusal(status: int) -> DeliveryError:
    """Return what an answer means that is not one of thanks."""
    if status < 400:
        detail = f"the answer was {status}, and no redirect is followed: write where it leads to as `url`"
        return DeliveryError(DeliveryReason.PROTOCOL, detail)
    if status in FINAL:
        detail = f"the answer was {status}: the message itself is refused"
        return DeliveryError(DeliveryReason.CONTENT_REFUSED, detail, permanent=True)
    usual = DeliveryReason.SERVER_ERROR if status >= 500 else DeliveryReason.PROTOCOL
    return DeliveryError(REASONS.get(status, usual), f"the answer was {status}")
