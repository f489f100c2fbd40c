"""How long somebody who asks for a change is kept waiting for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from daemon.store import StateError

PATIENCE = 5.0
"""Seconds."""

T = TypeVar("T")


async def patiently(work: Coroutine[Any, Any, T], patience: float = PATIENCE) -> T:
    """Return what a change comes to; raise StateError when that takes too long.

    What has begun goes on even then, and when the one who asked is gone: it is never left half done.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(seen)
    await asyncio.wait({task}, timeout=patience)
    if not task.done():
        raise StateError("the state does not answer; what was asked for may still happen")
    return task.result()


def seen(task: asyncio.Task[Any]) -> None:
    """Look at the outcome, lest one that nobody waits for any more be called forgotten."""
    if not task.cancelled():
        task.exception()
