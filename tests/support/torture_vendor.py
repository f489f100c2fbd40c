"""Vendors that fail and heal by turns, each on a plan of its own drawn from a seed, until they are healed."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from aiohttp import web

WELL, ILL = (3.0, 14.0), (4.0, 14.0)
"""Seconds, at least and at most, that a vendor works and fails at the usual pace."""


class _Turns:
    """One vendor's plan: works and fails by turns."""

    def __init__(self, seed: str, pace: float) -> None:
        self._random = Random(seed)  # noqa: S311 - no secret, but the same each time
        self._pace = pace
        self._until = self._random.uniform(0.0, WELL[1]) / pace
        self._works = True

    def works(self, at: float) -> bool:
        """Return whether it works at a moment, in seconds from the beginning; moments only grow."""
        while at >= self._until:
            self._works = not self._works
            self._until += self._random.uniform(*(WELL if self._works else ILL)) / self._pace
        return self._works


class Vendors:
    """Answers 200 or 503 at every path: by the path's own plan, or all alike when `broken` says so."""

    def __init__(self, seed: int | None, pace: float) -> None:
        self.port = 0
        self.broken: bool | None = None if seed is not None else False
        self.paths: set[str] = set()
        self._seed = seed
        self._pace = pace
        self._began = time.monotonic()
        self._plans: dict[str, _Turns] = {}

    def url(self, number: int = 0) -> str:
        """Return a URL by which a vendor of a number is reached: each has a host of its own."""
        return f"http://127.{1 + number // 250}.{1 + number % 250}.1:{self.port}"

    async def answer(self, request: web.Request) -> web.Response:
        self.paths.add(request.path)
        works = self._works(request.path) if self.broken is None else not self.broken
        return web.json_response({"status": "ok" if works else "down"}, status=200 if works else 503)

    def _works(self, path: str) -> bool:
        plan = self._plans.get(path)
        if plan is None:
            plan = self._plans[path] = _Turns(f"{self._seed}:{path}", self._pace)
        return plan.works(time.monotonic() - self._began)


@asynccontextmanager
async def vendors(seed: int | None, pace: float = 1.0) -> AsyncIterator[Vendors]:
    """Serve all vendors on a free port while the context lasts; without a seed all are well."""
    found = Vendors(seed, pace)
    app = web.Application()
    app.router.add_get("/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "0.0.0.0", 0).start()
        found.port = runner.addresses[0][1]
        yield found
    finally:
        await runner.cleanup()
