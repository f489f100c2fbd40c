"""The demo: sets the scene, lets a play go on in it, and leaves nothing behind."""

import asyncio
import logging
import signal
import tempfile
from collections.abc import Awaitable
from pathlib import Path

from daemon.demo.frame import say
from daemon.demo.porter import Porter, PorterError
from daemon.demo.scene import Play, introduce, scene
from daemon.demo.site import SiteError

INTERRUPTED = 130


def main(play: Play, *, ends: bool = False, port: int | None = None) -> int:
    """Run the demo until its play is over or a signal ends it, and return an exit code.

    A play that `ends` by itself is broken off by a signal; of another that is the usual end.
    """
    # Its server talks of its own deprecations there, to nobody who could do anything about them.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    try:
        return asyncio.run(_demo(play, port))
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("Good night. The porter has left, and nothing of the demo remains.")
        return INTERRUPTED if ends else 0
    except (PorterError, SiteError) as error:
        say(str(error))
        return 1


async def _demo(play: Play, port: int | None) -> int:
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with tempfile.TemporaryDirectory(prefix="nightporter-demo-") as directory:
        async with scene(Path(directory), port) as found:
            introduce(found)
            return 0 if await _while_on_duty(found.porter, play(found)) else 1


async def _while_on_duty(found: Porter, play: Awaitable[bool]) -> bool:
    """Return what a play returns; raise PorterError when the porter ends before it."""
    told = False
    try:
        async with asyncio.TaskGroup() as group:
            end = group.create_task(found.stays())
            told = await play
            end.cancel()
    except* PorterError as failed:
        raise failed.exceptions[0] from None
    return told
