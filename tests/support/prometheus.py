"""A real Prometheus on loopback, with what is shipped for it: only addresses and times are others."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.nginx import needed
from tests.support.process import free_port
from tests.support.promtool import DEPLOY
from tests.support.serving import serving

SHIPPED = DEPLOY / "prometheus"


class QueryError(Exception):
    """What Prometheus has against a query."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One that runs."""

    url: str
    session: aiohttp.ClientSession

    async def ask(self, path: str, **parameters: str) -> Any:
        """Return the data of an answer of the API; raise QueryError."""
        async with self.session.get(f"{self.url}/api/v1/{path}", params=parameters) as answer:
            found = await answer.json()
        if found["status"] != "success":
            raise QueryError(found["error"])
        return found["data"]

    async def series(self, expr: str) -> list[dict[str, Any]]:
        """Return the series that a query gives now."""
        data = await self.ask("query", query=expr)
        found: list[dict[str, Any]] = data["result"]
        return found if data["resultType"] == "vector" else [{"metric": {}, "value": data["result"]}]

    async def gives(self, expr: str, within: float = 60.0) -> list[dict[str, Any]]:
        """Return the series of a query, once there are some."""
        deadline = asyncio.get_running_loop().time() + within
        while not (found := await self.series(expr)):
            assert asyncio.get_running_loop().time() < deadline, f"nothing from {expr}"
            await asyncio.sleep(0.2)  # the poll's own pause
        return found


def _adapted(directory: Path, porter: int, alertmanager: str, own: int) -> None:
    text = (SHIPPED / "prometheus.yml").read_text()
    text = text.replace("127.0.0.1:9187", f"127.0.0.1:{porter}").replace("127.0.0.1:9093", alertmanager)
    text = text.replace("127.0.0.1:9090", f"127.0.0.1:{own}")
    text = re.sub(r"(scrape_interval|scrape_timeout|evaluation_interval): \d+s", r"\1: 1s", text)
    (directory / "prometheus.yml").write_text(text)
    (directory / "rules").mkdir()
    for path in (SHIPPED / "rules").glob("*.yml"):
        rules = re.sub(r"^( +interval|        for): \w+$", r"\1: 1s", path.read_text(), flags=re.MULTILINE)
        (directory / "rules" / path.name).write_text(rules)


@asynccontextmanager
async def prometheus(directory: Path, porter: int, alertmanager: str) -> AsyncIterator[Prometheus]:
    """Run one while the context lasts, that scrapes a porter every second; `alertmanager` is HOST:PORT."""
    program, port = needed("prometheus"), free_port()
    directory.mkdir()
    _adapted(directory, porter, alertmanager, port)
    url = f"http://127.0.0.1:{port}"
    arguments = (
        f"--config.file={directory}/prometheus.yml",
        f"--storage.tsdb.path={directory}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    async with serving(url, directory / "log", program, *arguments), aiohttp.ClientSession() as session:
        yield Prometheus(url, session)
