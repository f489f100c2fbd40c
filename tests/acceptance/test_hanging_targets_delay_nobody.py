"""30 targets that accept and never answer, beside 100 healthy ones on a 1 s interval."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.polling import until
from tests.support.process import porter
from tests.support.vendor import vendor

HEALTHY, HANGING, SECONDS = 100, 30, 20


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


def runs(metrics: str, integration: str) -> int:
    found = re.findall(
        rf'^nightporter_check_runs_total\{{[^}}]*integration="{integration}"[^}}]*\}} (\S+)$',
        metrics,
        re.MULTILINE,
    )
    return sum(int(float(value)) for value in found)


async def test_healthy_checks_run_as_often_as_they_are_due(tmp_path: Path) -> None:
    async with silent() as port, vendor() as gateway:
        well = [
            f'      c{number}: {{type: http, url: "{gateway.url}/{number}", interval: 1s}}'
            for number in range(HEALTHY)
        ]
        stuck = [
            f'      c{number}: {{type: http, url: "http://127.0.0.1:{port}/{number}", interval: 1s}}'
            for number in range(HANGING)
        ]
        body = "integrations:\n  well: {kind: generic, checks: {\n" + ",\n".join(well) + "}}\n"
        body += "  stuck: {kind: generic, checks: {\n" + ",\n".join(stuck) + "}}\n"
        async with porter(tmp_path, body) as one:
            loop = asyncio.get_running_loop()
            await one.poll("/api/v1/status", lambda answer: answer["status"] != "unknown")
            began, before = loop.time(), runs((await one.get("/metrics"))[1], "well")
            async with asyncio.timeout(SECONDS + 20):
                while loop.time() - began < SECONDS:
                    await one.poll("/api/v1/status", lambda _answer: True)
                    await asyncio.sleep(0.5)  # the poll's own pause
            after, ended = runs((await one.get("/metrics"))[1], "well"), loop.time()
    due = HEALTHY * (ended - began)
    assert abs(after - before - due) <= 0.05 * due, f"{after - before} runs, {due:.0f} due"
