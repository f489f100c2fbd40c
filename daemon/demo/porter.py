"""The daemon of the demo: the real command, in a process and a directory of its own."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

CONFIGURATION = """\
hotel: {{id: grand-harbour, name: Grand Harbour Hotel, timezone: Europe/Lisbon}}
state: sqlite:///{directory}/state.db
listen: 127.0.0.1:{port}
web: {{public_url: "http://127.0.0.1:{port}"}}

thresholds: {{failures: 3, successes: 2}}

integrations:
  booking_engine:
    url: {vendors}
    checks: {{health: {{interval: 1s}}}}
  payment:
    url: {vendors}
    checks: {{health: {{interval: 1s}}}}
    vendor: {{support: support@gateway.demo, phone: "+49 30 901820", account: H-1234}}
  channel_manager:
    url: {vendors}
    checks: {{health: {{interval: 1s}}}}
  door_locks:
    kind: generic
    checks:
      gateway: {{type: tcp, host: 127.0.0.1, port: {locks}, interval: 1s}}

mail:
  from: "Night Porter <nightporter@grand-harbour.demo>"
  relays:
    - {{host: 127.0.0.1, port: {relay}, security: none}}

escalation:
  levels:
    - {{level: 1, role: Integration Support Team, email: [integration-support@grand-harbour.demo]}}
"""

STARTS_WITHIN = 20.0
STOPS_WITHIN = 10.0


class PorterError(Exception):
    """The daemon of the demo did not start; the message holds what it said."""


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def porter(configuration: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the daemon while the context lasts; raise PorterError when it does not come up."""
    log = configuration.with_name("porter.log")
    with log.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "daemon",
            "--config",
            str(configuration),
            "run",
            stdout=stream,
            stderr=stream,
        )
        try:
            await _ready(process, port, log)
            yield process
        finally:
            await _end(process)


async def _ready(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    try:
        async with asyncio.timeout(STARTS_WITHIN), aiohttp.ClientSession() as session:
            while process.returncode is None:
                if await _answers(session, port):
                    return
                await asyncio.sleep(0.1)
    except TimeoutError:
        pass
    said = await asyncio.to_thread(log.read_text, errors="replace")
    raise PorterError(f"the porter did not start; it said:\n{said[-2000:]}")


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
