"""The daemon of the demo: the real command, in a process and a directory of its own."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from daemon.demo.children import with_us

STARTS_WITHIN = 20.0
STOPS_WITHIN = 10.0


class PorterError(Exception):
    """The daemon of the demo did not start, or ended by itself; the message holds what it said."""


class Porter:
    """The daemon, running."""

    def __init__(self, configuration: Path, port: int, process: asyncio.subprocess.Process) -> None:
        self.configuration = configuration
        self.port = port
        self.process = process

    @property
    def log(self) -> Path:
        """Where it logs."""
        return log_of(self.configuration)

    def said(self) -> str:
        """Return the last of what it has logged."""
        return self.log.read_text(errors="replace")[-2000:].rstrip()

    def reload(self) -> None:
        """Have it read its configuration again."""
        self.process.send_signal(signal.SIGHUP)

    async def stays(self) -> None:
        """Wait for as long as it runs; raise PorterError when it ends by itself."""
        code = await self.process.wait()
        raise PorterError(f"The porter ended by itself, with exit code {code}. It said:\n{self.said()}")


def log_of(configuration: Path) -> Path:
    """Return where the daemon of a configuration logs."""
    return configuration.with_name("porter.log")


@asynccontextmanager
async def porter(configuration: Path, port: int) -> AsyncIterator[Porter]:
    """Run the daemon while the context lasts; raise PorterError when it does not come up."""
    # -P: a directory named `daemon` where the demo is started must not be taken for ours.
    command = (*with_us(), sys.executable, "-P", "-m", "daemon", "--config", str(configuration), "run")
    with log_of(configuration).open("wb") as stream:
        process = await asyncio.create_subprocess_exec(*command, stdout=stream, stderr=stream)
        found = Porter(configuration, port, process)
        try:
            await _ready(found)
            yield found
        finally:
            await _end(process)


async def _ready(found: Porter) -> None:
    try:
        async with asyncio.timeout(STARTS_WITHIN), aiohttp.ClientSession() as session:
            while found.process.returncode is None:
                if await _answers(session, found.port):
                    return
                await asyncio.sleep(0.1)
    except TimeoutError:
        pass
    raise PorterError(f"The porter did not start. It said:\n{found.said()}")


async def _answers(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/-/ready") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(STOPS_WITHIN):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
