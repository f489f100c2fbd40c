"""The demo as a process of its own."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.process import COMMAND, processes_of


@asynccontextmanager
async def demo(
    directory: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the demo in a directory of its own while the context lasts."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        "demo",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(directory), **(env or {})},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def shows(process: asyncio.subprocess.Process, text: str, within: float = 30.0) -> str:
    """Wait until the demo prints a text; return all until then."""
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(within):
        while text not in said:
            line = await process.stdout.readline()
            assert line, f"it ended without {text!r}:\n{said}"
            said += line.decode()
    return said


def porters(directory: Path) -> list[int]:
    """Return the ids of the daemons whose configuration is in a directory."""
    return [pid for pid, words in processes_of(directory).items() if "nightporter.yml" in words]
