"""The simulated vendors: HTTP endpoints as the owner's document names them, which can be made to fail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

HEALTHY = ("/api/health", "/v1/status", "/api/sync/status")


class Vendors:
    """Answers for all vendors; an endpoint named in `broken` answers 503 instead."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """Where they are."""
        return f"http://127.0.0.1:{self.port}"

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path in self.broken:
            return web.json_response({"status": "down", "error": "the database is away"}, status=503)
        return web.json_response({"status": "ok"})


@asynccontextmanager
async def vendors() -> AsyncIterator[Vendors]:
    """Serve the vendors on a free port while the context lasts."""
    found = Vendors()
    app = web.Application()
    for path in HEALTHY:
        app.router.add_get(path, found._answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.port = runner.addresses[0][1]
        yield found
    finally:
        await runner.cleanup()
