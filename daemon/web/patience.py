"""How long somebody who asks for a change is kept waiting for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from daemon.store import StateError

PATIENCE = 5.0
"""Seconds."""

T = TypeVar("T")


class UnsettledError(StateError):
    """A change takes longer than anybody waits for it: `task` goes on."""

    def __init__(self, task: asyncio.Task[Any]) -> None:
        super().__init__("the state does not answer; what was asked for may still happen")
        self.task = task


async def patiently(work: Coroutine[Any, Any, T], patience: float = PATIENCE) -> T:
    """Return what a change comes to; raise UnsettledError when that takes too long.

    What has begun goes on even then, and when the one who asked is gone: it is never left half done.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(seen)
    return await settled(task, patience)


async def settled(task: asyncio.Task[T], patience: float = PATIENCE) -> T:
    """Return what a change that goes on already comes to, in the same way."""
    await asyncio.wait({task}, timeout=patience)
    if not task.done():
        raise UnsettledError(task)
    return task.result()


def seen(task: asyncio.Task[Any]) -> None:
    """Look at the outcome, lest one that nobody waits for any more be called forgotten."""
    if not task.cancelled():
        task.exception()
