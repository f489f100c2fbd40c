"""A vendor over HTTP that answers as the test wants."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class Vendor:
    """Answers 200 everywhere, unless `status` says otherwise; counts requests by path."""

    def __init__(self) -> None:
        self.port = 0
        self.status = 200
        self.headers: dict[str, str] = {}
        self.requests: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.Response:
        self.requests[request.path] += 1
        status = "ok" if self.status == 200 else "down"
        return web.json_response({"status": status}, status=self.status, headers=self.headers)


@asynccontextmanager
async def vendor() -> AsyncIterator[Vendor]:
    """Serve a vendor on a free port while the context lasts."""
    found = Vendor()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.port = runner.addresses[0][1]
        yield found
    finally:
        await runner.cleanup()
