"""The front door: listens, and cuts off who connects and says nothing.

aiohttp waits without end for the first request of a connection. Here each one has a few seconds for it; later
ones have the keep-alive time, and every answer `guard.REQUEST_DEADLINE`.
"""

import asyncio
import logging
import sys
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

FIRST_REQUEST = 10.0
"""Seconds in which a connection must have sent the head of its first request."""

KEEP_ALIVE = 30.0
LINE = FIELD = 8190
"""Bytes of a request line and of a header at the most; aiohttp itself takes 128 headers."""

UNHEARD = web.AppKey("unheard", dict[int, asyncio.TimerHandle])
"""The connections that have not asked anything yet, by the id of their protocol."""


@web.middleware
async def heard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Note that a connection has asked something."""
    timer = request.app[UNHEARD].pop(id(request.protocol), None)
    if timer is not None:
        timer.cancel()
    return await handler(request)


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


class ListenError(Exception):
    """The address to listen on cannot be had."""


class Front:
    """Serves an application on one address."""

    def __init__(self, app: web.Application, *, first_request: float = FIRST_REQUEST) -> None:
        self._app = app
        self._first_request = first_request
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
        if self._runner.server is None:
            raise RuntimeError("the front door is closed")
        protocol: Any = self._runner.server()
        unheard = self._app[UNHEARD]

        def turn_away() -> None:
            unheard.pop(id(protocol), None)
            if protocol.transport is not None:
                protocol.transport.abort()

        timer = asyncio.get_running_loop().call_later(self._first_request, turn_away)
        unheard[id(protocol)] = timer
        connection: asyncio.Protocol = protocol
        return connection
