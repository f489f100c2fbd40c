"""The command-line tools that come with Prometheus and Alertmanager."""

import asyncio
from pathlib import Path

from tests.support.nginx import needed

DEPLOY = Path(__file__).parents[2] / "deploy"


async def told(program: str, *arguments: str, within: float = 60.0) -> tuple[int, str]:
    """Return how a command ended and all it said; where it is not installed skip, and fail in CI."""
    process = await asyncio.create_subprocess_exec(
        needed(program),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(within):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, said.decode()
