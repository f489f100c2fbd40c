"""A server of somebody else's that runs while a context lasts, from when it says that it is ready."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

READY = 30.0
"""Seconds in which it must be ready."""


@asynccontextmanager
async def serving(url: str, log: Path, program: str, *arguments: str) -> AsyncIterator[None]:
    """Run a program until the context ends; what it says goes to the log. Ready is what `/-/ready` says."""
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(program, *arguments, stdout=file, stderr=file)
    try:
        await _ready(url, process, log)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    deadline = asyncio.get_running_loop().time() + READY
    async with aiohttp.ClientSession() as session:
        while not await _says_so(session, url):
            assert process.returncode is None, log.read_text()
            assert asyncio.get_running_loop().time() < deadline, log.read_text()
            await asyncio.sleep(0.05)  # the poll's own pause


async def _says_so(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
