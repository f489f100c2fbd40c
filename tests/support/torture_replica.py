"""One of the processes that share a state: started, stopped in its tracks, killed, and started again."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.support.process import free_port
from tests.support.torture_daemon import Doom

ROOT = Path(__file__).parents[2]
KEPT = {"PYTHONDONTWRITEBYTECODE": ""}
"""What was compiled once is kept: a process that is killed every few seconds has to be back soon."""

START_WITHIN, END_WITHIN = 60.0, 20.0


@dataclass
class Replica:
    """A daemon over a state that others may share; `environment` is added to ours."""

    directory: Path
    state: str
    name: str = "porter"
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def config(self) -> Path:
        """Its configuration's file."""
        return self.directory / f"{self.name}.yml"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.directory / f"{self.name}.log"

    @property
    def alive(self) -> bool:
        """Say whether the process has not ended."""
        return self.process is not None and self.process.returncode is None

    @property
    def fell(self) -> bool:
        """Say whether it was killed, and did not end by itself."""
        return self.process is not None and self.process.returncode == -signal.SIGKILL

    async def start(self, doom: Doom | None = None, *, timings: Path | None = None) -> None:
        """Start; do not wait for anything."""
        words = ["--config", str(self.config)]
        if doom is not None:
            words += ["--doom", f"{doom.point.name}:{doom.passes}"]
        if timings is not None:
            words += ["--timings", str(timings)]
        environment = {**os.environ, **KEPT, **self.environment}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.support.torture_daemon", *words,
                cwd=ROOT, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    async def ready(self) -> bool:
        """Wait until it can do its work; return False when it ends before, or does nothing any more."""
        deadline = time.monotonic() + START_WITHIN
        while self.alive:
            if await self.ask("GET", "/-/ready") == 200:
                return True
            if time.monotonic() > deadline:
                # It says what it is doing.
                self.send(signal.SIGUSR1)
                await self.ended(1.0)
                return False
            await self.ended(0.05)
        return False

    async def ask(self, method: str, path: str) -> int:
        """Return the status of an answer, 0 where there is none."""
        limit = aiohttp.ClientTimeout(total=30)
        with suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.request(method, f"http://127.0.0.1:{self.port}{path}") as answer,
            ):
                return answer.status
        return 0

    async def ended(self, within: float) -> bool:
        """Return whether it ends within so many seconds."""
        assert self.process is not None
        try:
            async with asyncio.timeout(within):
                await self.process.wait()
        except TimeoutError:
            return False
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it still lives."""
        if self.alive:
            assert self.process is not None
            self.process.send_signal(number)

    async def kill(self) -> None:
        """End it as a crash would."""
        self.send(signal.SIGKILL)
        assert await self.ended(END_WITHIN), "SIGKILL did not end it"

    async def stop(self) -> int:
        """End it as an operator would, and return its exit code."""
        self.send(signal.SIGTERM)
        assert await self.ended(END_WITHIN), self.last_words()
        assert self.process is not None
        return self.process.returncode or 0

    def last_words(self) -> str:
        """Return the end of what it said."""
        return self.log.read_text(errors="replace")[-3000:]
