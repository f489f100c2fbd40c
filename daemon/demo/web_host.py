"""A web host of the simulated hotel: on a port it keeps, and with every kind of bad day."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from aiohttp import web

from daemon.demo.authority import Authority, Kind

HOST = "127.0.0.1"
EVERYWHERE = "*"
MOST_BYTES = 65_536

Handler = Callable[[web.Request], Awaitable[web.Response]]
Answer = Callable[[], web.Response]


@dataclass(eq=False)
class WebHost:
    """Serves `routes`, by method and path. `answers` are what it says instead at a path, or everywhere.

    Without an authority it serves plain HTTP. `delay` is how many seconds each answer takes, `asked` how
    often it was asked.
    """

    routes: Mapping[tuple[str, str], Handler]
    authority: Authority | None = None
    port: int = 0
    delay: float = 0.0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: int = 0
    _tls: ssl.SSLContext | None = None
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'https' if self.authority else 'http'}://localhost:{self.port}"

    async def start(self) -> None:
        """Serve; on the port it had before, if it was stopped."""
        if self._tls is None and self.authority is not None:
            self._tls = self.authority.context()
        app = web.Application(client_max_size=MOST_BYTES)
        for (method, path), handler in self.routes.items():
            app.router.add_route(method, path, partial(self._moody, handler))
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port, ssl_context=self._tls, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuse connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def certificate(self, kind: Kind) -> None:
        """Show a certificate of a kind from now on."""
        if self._tls is not None and self.authority is not None:
            self.authority.present(self._tls, kind)

    async def _moody(self, handler: Handler, request: web.Request) -> web.Response:
        self.asked += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        instead = self.answers.get(request.path) or self.answers.get(EVERYWHERE)
        return instead() if instead else await handler(request)
