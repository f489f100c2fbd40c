"""Every command can be loaded without the others: tests start many by fork from a process that has all."""

import asyncio
import sys

from daemon.cli.grammar import COMMANDS

ALONE = """
import os, sys
from importlib import import_module
for name in sys.argv[1:]:
    if (child := os.fork()) == 0:
        import_module(f"daemon.cli.{name}").main
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{name} cannot be loaded alone")
"""

STARTED = {"run", "demo"}
"""Which other tests start by an interpreter of their own."""


async def test_every_command_is_loaded_alone() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ALONE, *COMMANDS.keys() - STARTED, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        _, said = await process.communicate()
    assert (process.returncode, said) == (0, b"")
