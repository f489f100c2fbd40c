"""30 targets that accept and never answer, beside 100 healthy ones on a 1 s interval."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.polling import until
from tests.support.process import porter
from tests.support.vendor import vendor

HEALTHY, HANGING, SECONDS = 100, 30, 15
"""How many targets of each sort, and for how long they are watched."""


class Silent(asyncio.Protocol):
    """Accepts and never answers; all connections are cut when the test ends."""

    def __init__(self, held: set[asyncio.Transport]) -> None:
        self._held = held

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._held.add(transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self._held.discard(self._transport)


@asynccontextmanager
async def silent() -> AsyncIterator[int]:
    """Serve silence while the context lasts; give its port."""
    held: set[asyncio.Transport] = set()
    server = await asyncio.get_running_loop().create_server(lambda: Silent(held), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for transport in list(held):
            transport.abort()
        await until(lambda: not held, 5)


def bodies(url: str, port: int) -> str:
    """Return a configuration of healthy and of hanging targets."""
    check = 'c{n}: {{type: http, url: "{url}/{n}", interval: 1s}}'
    well = [check.format(n=number, url=url) for number in range(HEALTHY)]
    stuck = [check.format(n=number, url=f"http://127.0.0.1:{port}") for number in range(HANGING)]
    return f"""\
integrations:
  well: {{kind: generic, checks: {{{", ".join(well)}}}}}
  stuck: {{kind: generic, checks: {{{", ".join(stuck)}}}}}
"""


async def test_healthy_checks_run_as_often_as_they_are_due(tmp_path: Path) -> None:
    async with silent() as port, vendor() as gateway, porter(tmp_path, bodies(gateway.url, port)) as one:
        loop = asyncio.get_running_loop()
        await until(lambda: len(gateway.requests) == HEALTHY, 20, "a first look at every target")
        gateway.requests.clear()
        began = loop.time()
        goal = HEALTHY * SECONDS
        await until(lambda: gateway.requests.total() >= goal, SECONDS * 1.5, f"{goal} runs")
        took = loop.time() - began
        fewest = min(gateway.requests[f"/{number}"] for number in range(HEALTHY))
        _, metrics = await one.get("/metrics")

    assert abs(took - SECONDS) <= 0.05 * SECONDS, f"{goal} runs, due in {SECONDS} s, took {took:.1f} s"
    assert fewest >= SECONDS * 0.95 - 1, "every one of them"
    waiting = re.findall(
        r'^nightporter_check_failures_total{.*reason="timeout"} (\d+)', metrics, re.MULTILINE
    )
    assert sum(map(int, waiting)) >= HANGING, "the others did hang"
