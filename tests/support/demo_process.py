"""The demo as a process of its own."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.nursery import Child, born
from tests.support.process import processes_of


@dataclass(frozen=True)
class Demo:
    """A demo that runs, and what it prints."""

    process: Child
    said: asyncio.StreamReader


@asynccontextmanager
async def demo(directory: Path, *arguments: str, env: Mapping[str, str] | None = None) -> AsyncIterator[Demo]:
    """Run the demo in a directory of its own while the context lasts."""
    ours, its = os.pipe()
    surroundings = {**os.environ, "TMPDIR": str(directory), **(env or {})}
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours, "rb")
    )
    try:
        process = await born(("demo", *arguments), (0, its, 2), surroundings)
    finally:
        os.close(its)
    try:
        yield Demo(process, reader)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        transport.close()


async def shows(one: Demo, text: str, within: float = 30.0) -> str:
    """Wait until a demo prints a text; return all until then."""
    said = ""
    async with asyncio.timeout(within):
        while text not in said:
            line = await one.said.readline()
            assert line, f"it ended without {text!r}:\n{said}"
            said += line.decode()
    return said


def porters(directory: Path) -> list[int]:
    """Return the ids of the daemons whose configuration is in a directory."""
    return [pid for pid, words in processes_of(directory).items() if "nightporter.yml" in words]


def on_duty(directory: Path, said: str) -> None:
    """Hold a demo that has begun to what it says: one porter is on duty."""
    assert "the porter is on duty" in said.lower()
    assert len(porters(directory)) == 1


async def ends(one: Demo, directory: Path, number: signal.Signals) -> None:
    """End a demo by a signal, and find that nothing of it remains."""
    one.process.send_signal(number)
    await shows(one, "Good night", within=60)
    assert await asyncio.wait_for(one.process.wait(), 10) == 0
    assert list(directory.iterdir()) == []
    assert processes_of(directory) == {}


def without_postgresql(directory: Path) -> dict[str, str]:
    """Return the environment of a demo in a directory that finds no PostgreSQL."""
    return {"TMPDIR": str(directory), "TEST_PG_BINDIR": str(directory / "none")}
