"""A porter in a container: as `Porter`, but that podman starts it, and a volume holds its state."""

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.containers import IMAGE, Containers
from tests.support.process import Porter

HEAD = """\
hotel: {{id: grand-harbour, name: Grand Harbour Hotel, timezone: Europe/Lisbon}}
listen: 0.0.0.0:{port}
web: {{token_file: token}}
thresholds: {{failures: 2, successes: 2}}
"""
USER = 10001
"""Who the porter is within its image."""


class Contained(Porter):
    """A porter that may be started, killed and started again over the same volume."""

    def __init__(self, directory: Path, body: str, containers: Containers, *options: str) -> None:
        self.containers = containers
        self.name = f"porter-{secrets.token_hex(4)}"
        self.token = secrets.token_hex(20)
        self.place = directory / "configuration"
        self.place.mkdir()
        token = self.place / "token"
        token.write_text(f"{self.token}\n")
        os.chown(token, USER, USER)
        token.chmod(0o400)
        self.given, self.state = options, "rw"
        super().__init__(directory, body)

    def write(self, body: str) -> None:
        """Write the configuration, which stays readable for everybody."""
        self.body = body
        self.config = self.place / "nightporter.yml"
        self.config.write_text(HEAD.format(port=self.port) + body)
        self.config.chmod(0o644)

    def mounts(self) -> tuple[str, ...]:
        """Return what is mounted: the configuration, and the state's volume."""
        state = f"{self.name}-state:/var/lib/nightporter:{self.state}"
        return ("--volume", f"{self.place}:/etc/nightporter:ro", "--volume", state, *self.given)

    async def start(self, *, ready: bool = True) -> None:
        """Start, and wait until it is ready."""
        words = self.containers.confined("--name", self.name, *self.mounts(), IMAGE)
        with (self.directory / "porter.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(*words, stdout=log, stderr=log)
        if ready:
            await self._wait_ready()

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Return status and text of an answer to whoever has the token."""
        return await super().ask(method, path, headers={"Authorization": f"Bearer {self.token}"}, **options)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the container's first process."""
        self.containers.said("kill", "--signal", str(int(number)), self.name)


@asynccontextmanager
async def on_duty(one: Contained) -> AsyncIterator[Contained]:
    """Have it on duty while the context lasts, and forget its volume."""
    try:
        await one.start()
        yield one
    finally:
        if one.process is not None and one.process.returncode is None:
            await one.kill()
        one.containers.said("volume", "rm", "--force", f"{one.name}-state")


@asynccontextmanager
async def contained(
    directory: Path, body: str, containers: Containers, *options: str
) -> AsyncIterator[Contained]:
    """Have a porter of this configuration on duty in a container while the context lasts."""
    async with on_duty(Contained(directory, body, containers, *options)) as one:
        yield one
