"""The installed command as a subprocess: a porter on duty, and one-off commands."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.nursery import Child, born
from tests.support.polling import until

HEAD = """\
hotel: {{id: grand-harbour, name: Grand Harbour Hotel, timezone: Europe/Lisbon}}
state: sqlite:///{directory}/state.db
listen: 127.0.0.1:{port}
thresholds: {{failures: 2, successes: 2}}
"""
PEOPLE = """\
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{{host: 127.0.0.1, port: {relay}, security: none}}]
escalation:
  levels: [{{level: 1, role: Support, email: [a@hotel.example, b@hotel.example]}}]
"""
A, B = "a@hotel.example", "b@hotel.example"
COMMAND = str(Path(sys.executable).with_name("nightporter"))


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass(slots=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


async def command(
    *arguments: str,
    within: float = 30.0,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    by_fork: bool = True,
) -> Outcome:
    """Run a command to its end: by fork, or by an interpreter of its own where it gets an environment.

    The demo, which is long to load and looks at its environment late, is forked with one, too.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        process: asyncio.subprocess.Process | Child
        if not by_fork or (env and "demo" not in arguments):
            process = await asyncio.create_subprocess_exec(
                COMMAND, *arguments, stdin=given, stdout=out, stderr=err,
                env={**os.environ, **(env or {})}, cwd=cwd,
            )  # fmt: skip
        else:
            streams = (given.fileno(), out.fileno(), err.fileno())
            process = await born(arguments, streams, {**os.environ, **(env or {})}, cwd)
        try:
            async with asyncio.timeout(within):
                code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        out.seek(0)
        err.seek(0)
        return Outcome(code, out.read().decode(), err.read().decode())


class Porter:
    """A porter that may be started, killed and started again over the same state."""

    def __init__(self, directory: Path, body: str) -> None:
        self.directory = directory
        self.port = free_port()
        self.config = directory / "nightporter.yml"
        self.body = ""
        self.write(body)
        self.process: asyncio.subprocess.Process | Child | None = None
        self.environment: dict[str, str] = {}
        self.around: tuple[str, ...] = ()
        self.options: tuple[str, ...] = ()
        self.by_fork = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write(self, body: str) -> None:
        """Write the configuration: the common head, and `body`."""
        self.body = body
        self.config.write_text(HEAD.format(directory=self.directory, port=self.port) + body)

    def log(self) -> list[dict[str, Any]]:
        """Return what the porter has logged."""
        return self._lines("")

    def logged(self, *events: str) -> list[dict[str, Any]]:
        """Return the log lines of these events, none of the others read: it is asked for again and again."""
        return [line for line in self._lines(*(f'"{one}"' for one in events)) if line["event"] in events]

    def _lines(self, *words: str) -> list[dict[str, Any]]:
        text = (self.directory / "porter.log").read_text(errors="replace")
        some = [line for line in text.splitlines() if any(one in line for one in words)]
        return [json.loads(line) for line in some if line.startswith("{")]

    async def start(self, *, ready: bool = True) -> None:
        """Start, and wait until it is ready."""
        words = ("--config", str(self.config), "run", *self.options)
        env = {**os.environ, **self.environment}
        with (self.directory / "porter.log").open("ab") as log:
            if self.by_fork and not self.around and not self.environment:
                self.process = await born(words, (0, log.fileno(), log.fileno()), env)
            else:
                self.process = await asyncio.create_subprocess_exec(
                    *(*self.around, COMMAND, *words), stdout=log, stderr=log, env=env
                )
        if ready:
            await self._wait_ready()

    async def _wait_ready(self) -> None:
        async def look() -> bool:
            try:
                return (await self.get("/-/ready"))[0] == 200
            except aiohttp.ClientError:
                return False

        deadline = asyncio.get_running_loop().time() + 60
        while not await look():
            assert self.process is not None
            running = self.process.returncode is None and asyncio.get_running_loop().time() < deadline
            assert running, (self.directory / "porter.log").read_text(errors="replace")
            await asyncio.sleep(0.05)  # the poll's own pause

    async def get(self, path: str, **options: Any) -> tuple[int, str]:
        """Return status and text of an answer."""
        return await self.ask("GET", path, **options)

    async def post(self, path: str, **options: Any) -> tuple[int, str]:
        """Return status and text of an answer."""
        return await self.ask("POST", path, **options)

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Return status and text of an answer to any method."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, **options) as one,
        ):
            return one.status, await one.text()

    async def json(self, path: str) -> Any:
        """Return a JSON answer."""
        status, text = await self.get(path)
        assert status == 200, text
        return json.loads(text)

    async def incidents(self) -> list[dict[str, Any]]:
        """Return the incidents, newest first."""
        found: list[dict[str, Any]] = (await self.json("/api/v1/incidents"))["incidents"]
        return found

    async def poll(self, path: str, condition: Any, within: float = 20.0) -> Any:
        """Return the first JSON answer that fulfils a condition."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            answer = await self.json(path)
            if condition(answer):
                return answer
            assert asyncio.get_running_loop().time() < deadline, answer
            await asyncio.sleep(0.05)  # the poll's own pause

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    async def ended(self, within: float = 12.0) -> int:
        """Return the exit code once it has ended."""
        assert self.process is not None
        async with asyncio.timeout(within):
            return await self.process.wait()

    async def kill(self) -> None:
        """End it as a crash would."""
        self.send(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """End it as an operator would."""
        self.send(signal.SIGTERM)
        return await self.ended()


@asynccontextmanager
async def porter(
    directory: Path, body: str, *, start: bool = True, by_fork: bool = True
) -> AsyncIterator[Porter]:
    """Have a porter on duty while the context lasts; one by fork is not known by its command line."""
    one = Porter(directory, body)
    one.by_fork = by_fork
    try:
        if start:
            await one.start()
        yield one
    finally:
        if one.process is not None and one.process.returncode is None:
            await one.kill()


async def states(one: Porter, integration: str, check: str, state: str, within: float = 20.0) -> None:
    """Wait until a check is in a state."""

    def there(answer: Any) -> bool:
        checks = answer["hotels"]["grand-harbour"]["integrations"][integration]["checks"]
        return bool(checks[check]["state"] == state)

    await one.poll("/api/v1/status", there, within)


def processes_of(directory: Path) -> dict[int, str]:
    """Return the processes whose command line names something in a directory, by their ids."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        if str(directory) in words:
            found[int(path.parent.name)] = words
    return found


async def port_is_free(port: int, within: float = 5.0) -> None:
    """Wait until nobody listens on a port any more."""

    def free() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    await until(free, within, f"port {port} to be free")
