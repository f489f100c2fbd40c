"""A real Alertmanager on loopback, that passes on what it would tell people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.hook import Hook
from tests.support.nginx import needed
from tests.support.polling import until
from tests.support.servers import free_port
from tests.support.serving import serving

CONFIGURATION = """\
global: {{resolve_timeout: 1s}}
route: {{receiver: people, group_by: [incident], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - {{name: people, webhook_configs: [{{url: "{url}", send_resolved: true}}]}}
"""


@dataclass
class Alertmanager:
    """An Alertmanager that takes alerts for ended a second after it last heard of them, and its people."""

    url: str
    people: Hook

    async def alerts(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the alerts that fire, by incident and cause."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/api/v2/alerts") as answer:
            found = await answer.json()
        return {(one["labels"]["incident"], one["labels"]["alertname"]): one for one in found}

    def told(self) -> set[tuple[str, str, str]]:
        """Return what people were told so far: incident, cause, and `firing` or `resolved`."""
        return {
            (one["labels"]["incident"], one["labels"]["alertname"], one["status"])
            for post in self.people.posts
            for one in post.document["alerts"]
        }

    async def tells(self, *wanted: tuple[str, str, str]) -> None:
        """Wait until people were told these."""
        await until(lambda: set(wanted) <= self.told(), 30, f"{wanted}")


@asynccontextmanager
async def alertmanager(
    directory: Path, people: Hook, configuration: str = CONFIGURATION
) -> AsyncIterator[Alertmanager]:
    """Run one while the context lasts; without the program skip, and fail in CI.

    `{url}` in its configuration stands for the address of its people.
    """
    program, port = needed("prometheus-alertmanager"), free_port()
    (directory / "alertmanager.yml").write_text(configuration.format(url=people.url))
    url = f"http://127.0.0.1:{port}"
    arguments = (
        f"--config.file={directory}/alertmanager.yml",
        f"--storage.path={directory}/alertmanager",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )
    async with serving(url, directory / "alertmanager.log", program, *arguments):
        yield Alertmanager(url, people)
