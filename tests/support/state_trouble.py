"""A hotel whose porter is about to lose its state, and ways to take the state away."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.inbox import Inbox, inbox
from tests.support.polling import look_until, until
from tests.support.process import Porter, states
from tests.support.vendor import Vendor, vendor

CARD = "2026-11-29T03:00:00Z INFO [payment] paid with 4111 1111 1111 1111, thank you\n"
BODY = """\
integrations:
  payment:
    url: {url}
    checks: {{health: {{interval: 1s}}}}
  house:
    kind: generic
    checks:
      audit: {{type: log, path: {log}, success: done, interval: 1s}}
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{{host: 127.0.0.1, port: {relay}, security: none}}]
escalation:
  levels:
    - {{level: 1, role: Support, email: [a@hotel.example]}}
    - {{level: 2, role: Lead, email: [lead@hotel.example]}}
"""
A, LEAD = "a@hotel.example", "lead@hotel.example"


class Elsewhere(Porter):
    """A porter whose state is where the test wants it, and that may live on a small disk of its own."""

    def __init__(self, directory: Path, state: str) -> None:
        self.state = state
        super().__init__(directory, "")

    def write(self, body: str) -> None:
        """Write the configuration: the common head with another state, and `body`."""
        super().write(body)
        head = f"state: sqlite:///{self.directory}/state.db"
        self.config.write_text(self.config.read_text().replace(head, f"state: {self.state}"))


class Scene:
    """The porter, what it watches, and whom it tells."""

    def __init__(self, one: Porter, gateway: Vendor, mails: Inbox, log: Path) -> None:
        self.porter = one
        self.gateway = gateway
        self.mails = mails
        self._log = log

    async def unready(self, within: float = 15.0) -> str:
        """Wait until the porter says that it is not ready; return why."""
        return await self._becomes(503, within)

    async def ready(self, within: float = 40.0) -> None:
        """Wait until the porter is ready again."""
        await self._becomes(200, within)

    async def says(self, words: str, within: float = 40.0) -> None:
        """Wait until the porter says so of its readiness."""
        await look_until(self._readiness, lambda found: words in found[1], within)

    async def _becomes(self, wanted: int, within: float) -> str:
        _, text = await look_until(self._readiness, lambda found: found[0] == wanted, within)
        return text

    async def _readiness(self) -> tuple[int, str]:
        return await self.porter.get("/-/ready")

    @asynccontextmanager
    async def leaking(self) -> AsyncIterator[None]:
        """Have card numbers written into a log, an emergency, while the context lasts."""
        over = False

        def leak() -> bool:
            with self._log.open("a") as log:
                log.write(CARD)
            return over

        task = asyncio.create_task(until(leak, 300))
        try:
            yield
        finally:
            over = True
            await task

    async def is_told(self) -> dict[str, str]:
        """Wait for the mails about the emergency; return their Message-IDs by recipient."""
        first = await self.mails.expect("problem", to=A, within=40)
        second = await self.mails.expect("escalation", to=LEAD)
        assert {one["X-Nightporter-Severity"] for one in (first, second)} == {"emergency"}
        self.incident = str(first["X-Nightporter-Incident"])
        return {A: str(first["Message-ID"]), LEAD: str(second["Message-ID"])}

    async def is_told_of_the_end(self) -> None:
        """End the emergency, as nothing else can once no look finds it; wait for the mails about it."""

        def clean(answer: Any) -> bool:
            found = answer["hotels"]["grand-harbour"]["integrations"]["house"]["checks"]["audit"]
            return bool(found["state"] == "ok")

        await self.porter.poll("/api/v1/status", clean)
        asked = f"/api/v1/incidents/{self.incident}/resolve"
        assert (await self.porter.post(asked, json={"by": "Ann"}))[0] == 200
        for who in (A, LEAD):
            await self.mails.expect("resolved", to=who)

    async def decided(self, integration: str) -> None:
        """Wait until the porter knows of an incident of an integration, stored or not."""

        def known(answer: Any) -> bool:
            found = answer["hotels"]["grand-harbour"]["integrations"][integration]["incident"]
            return found is not None

        await self.porter.poll("/api/v1/status", known)

    async def is_written_down(self, mailed: dict[str, str]) -> None:
        """Hold the state to what was mailed: it is there, once, and marked as sent."""

        def sent(answer: Any) -> bool:
            return {row["state"] for row in answer["notifications"]} == {"sent"}

        story = await self.porter.poll(f"/api/v1/incidents/{self.incident}", sent)
        written = {row["recipient"]: row["message_id"] for row in story["notifications"]}
        assert written == mailed, written
        assert [line["kind"] for line in story["timeline"]].count("opened") == 1


@asynccontextmanager
async def scene(
    directory: Path, state: str | None = None, around: tuple[str, ...] = ()
) -> AsyncIterator[Scene]:
    """Have a porter on duty, and all well."""
    log = directory / "audit.log"
    log.write_text("2026-11-29T02:00:00Z INFO [audit] done\n")
    one = Elsewhere(directory, state or f"sqlite:///{directory}/state.db")
    one.around = around
    async with vendor() as gateway, inbox() as mails:
        one.write(BODY.format(url=gateway.url, relay=mails.port, log=log))
        try:
            await one.start()
            await states(one, "payment", "health", "ok")
            await states(one, "house", "audit", "ok")
            yield Scene(one, gateway, mails, log)
        finally:
            if one.process is not None and one.process.returncode is None:
                await one.kill()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a state as another program would that has a transaction open."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=20)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def small_disk(directory: Path) -> tuple[str, ...]:
    """Return what to put before a command to give it 2 MiB of its own there; skip where that cannot be."""
    alone = ("unshare", "-rm", "sh", "-c")
    mount = 'mount -t tmpfs -o size=2m none "$0" && exec "$@"'
    directory.mkdir()
    found = shutil.which("unshare") is not None
    if not found or subprocess.run([*alone, mount, str(directory), "true"], check=False).returncode:  # noqa: S603 - our own words
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs a host that lets a small disk be mounted")
        pytest.skip("this host lets nobody mount a small disk")
    return (*alone, mount, str(directory))


@contextmanager
def full(process: int, directory: Path) -> Iterator[None]:
    """Leave no room on the small disk of a process."""
    filler = Path(f"/proc/{process}/root{directory}/filler")
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    try:
        yield
    finally:
        filler.unlink()
