"""The front door: listens, cuts off who connects and says nothing, and lets in as many as there is room for.

aiohttp waits without end for the first request of a connection. Here each one has a few seconds for it; later
ones have the keep-alive time, and every answer `guard.REQUEST_DEADLINE`. Where many come at once, those that
have said nothing for longest make room, so that strangers can take neither the pages nor the descriptors that
checks and mails need.
"""

import asyncio
import logging
import sys
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

FIRST_REQUEST = 10.0
"""Seconds in which a connection must have sent the head of its first request."""

KEEP_ALIVE = 30.0
MOST = 256
"""Connections at a time: with all the probes there may be they need less than the usual 1,024 descriptors."""

CROWDED = 0.75
"""The part of them from which on none is kept for a further request."""

LINE = FIELD = 8190
"""Bytes of a request line and of a header at the most; aiohttp itself takes 128 headers."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A connection that has not asked anything yet, and when that is enough."""

    protocol: Any
    timer: asyncio.TimerHandle

    def turn_away(self) -> None:
        """Cut it off."""
        self.timer.cancel()
        if self.protocol.transport is not None:
            self.protocol.transport.abort()


UNHEARD = web.AppKey("unheard", dict[int, Silent])
"""The connections that have not asked anything yet, by the id of their protocol, the oldest first."""

BUSY = web.AppKey("busy", set[int])
"""The connections that are being answered, by the id of their protocol."""

log = structlog.get_logger()


@web.middleware
async def heard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Note that a connection has asked something, and is being answered."""
    number, busy = id(request.protocol), request.app[BUSY]
    silent = request.app[UNHEARD].pop(number, None)
    if silent is not None:
        silent.timer.cancel()
    busy.add(number)
    try:
        return await handler(request)
    finally:
        busy.discard(number)


class _Discreet(logging.LoggerAdapter[logging.Logger]):
    """The server's log, without what strangers send: a line that is no HTTP may hold a link's token."""

    def log(self, level: int, msg: object, *args: object, **rest: Any) -> None:
        """Log a fault; of a request that cannot be read only its kind, for those who look for it."""
        given = rest.get("exc_info")
        error = given if isinstance(given, BaseException) else sys.exc_info()[1]
        if isinstance(error, HttpProcessingError | web.RequestPayloadError):
            self.logger.debug("a request could not be read: %s", type(error).__name__)
        else:
            self.logger.log(level, msg, *args, **rest)


class _Full(asyncio.Protocol):
    """Turns away a connection for which there is no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it at once."""
        if isinstance(transport, asyncio.Transport):
            transport.abort()


class ListenError(Exception):
    """The address to listen on cannot be had."""


class Front:
    """Serves an application on one address."""

    def __init__(
        self, app: web.Application, *, first_request: float = FIRST_REQUEST, most: int = MOST
    ) -> None:
        self._app = app
        app[UNHEARD], app[BUSY] = {}, set()
        self._first_request = first_request
        self._most = most
        self._full = False
        self._server: asyncio.Server | None = None
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=1,
            keepalive_timeout=KEEP_ALIVE,
            lingering_time=2,
            max_line_size=LINE,
            max_field_size=FIELD,
            logger=_Discreet(logging.getLogger("aiohttp.server"), {}),
        )

    async def open(self, host: str, port: int) -> int:
        """Listen and return the port, or raise ListenError when the address cannot be had."""
        await self._runner.setup()
        try:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._greet, host, port, reuse_address=True)
        except (OSError, UnicodeError) as error:
            await self._runner.cleanup()
            raise ListenError(getattr(error, "strerror", None) or str(error)) from error
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, give answers in flight a second, and close."""
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()

    def _greet(self) -> asyncio.Protocol:
        server = self._runner.server
        if server is None:
            raise RuntimeError("the front door is closed")
        if not self._room(server):
            return _Full()
        protocol: Any = server()
        unheard = self._app[UNHEARD]

        def enough() -> None:
            silent = unheard.pop(id(protocol), None)
            if silent is not None:
                silent.turn_away()

        timer = asyncio.get_running_loop().call_later(self._first_request, enough)
        unheard[id(protocol)] = Silent(protocol, timer)
        connection: asyncio.Protocol = protocol
        return connection

    def _room(self, server: web.Server) -> bool:
        """Make room for one more; say whether there is any."""
        unheard = self._app[UNHEARD]
        # Only these have asked something; a connection that is gone again may still be among the others.
        heard = [one for one in server.connections if id(one) not in unheard]
        taken = len(heard) + len(unheard)
        if taken >= self._most * CROWDED:
            taken -= _close_idle(heard, self._app[BUSY])
        was_full, self._full = self._full, taken >= self._most and not unheard
        if self._full and not was_full:
            log.warning("web.connections.exhausted", most=self._most)
        if taken >= self._most and unheard:
            unheard.pop(next(iter(unheard))).turn_away()
        return not self._full


def _close_idle(connections: list[Any], busy: set[int]) -> int:
    """Close those that wait for a further request; return how many there were."""
    idle = [one for one in connections if id(one) not in busy]
    for one in idle:
        one.force_close()
    return len(idle)
