"""Blocking looks at files, without one file system that hangs holding up the others.

A read that hangs cannot be interrupted, and the event loop's few threads are soon all in one. Here every look
has a thread of its own, and a check never more than one. What a look found and what it wants remembered come
back together: when nobody waits any more, neither counts, and the next look reads the same again.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, TypeVar

from checks.context import Context
from checks.memory import Memory
from checks.result import Reason, Result, failed

PATIENCE = 0.9
"""The part of its time a look may take: the rest is for saying that it took too long."""

Seen = tuple[Result, Mapping[str, Any] | None]
"""A verdict, and what to remember; None leaves that as it is."""

T = TypeVar("T")


class StillLooking(Exception):  # noqa: N818 - it is no error, only not over
    """A look takes too long, or that of an earlier run does not end."""

    @property
    def result(self) -> Result:
        """What it means."""
        return failed(Reason.PERMISSION, "the file system does not answer: it could not be looked at in time")


async def look(work: Callable[[], Seen], context: Context) -> Result:
    """Return what the work finds, and remember what it says; unknown when it takes too long."""
    try:
        result, remembered = await run(work, context)
    except StillLooking as still:
        return still.result
    if remembered is not None:
        context.memory.keep(remembered)
    return result


async def run(work: Callable[[], T], context: Context) -> T:
    """Return what the work returns, or raise what it raises; or StillLooking."""
    underway = [one for one in threading.enumerate() if isinstance(one, _Thread) and not one.over]
    if any(one.memory is context.memory for one in underway):
        raise StillLooking
    answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    turn = underway[0].turn if underway else threading.Lock()
    _Thread(work, answer, context.memory, turn).start()
    try:
        return await asyncio.wait_for(answer, PATIENCE * context.timeout)
    except TimeoutError:
        raise StillLooking from None


def turn() -> AbstractContextManager[object]:
    """Return what to hold while reckoning, never while waiting for a file: one look at a time has its turn.

    Several would take the interpreter from the event loop again and again.
    """
    thread = threading.current_thread()
    return thread.turn if isinstance(thread, _Thread) else nullcontext()


class _Thread(threading.Thread):
    """The look of the check with that memory. A daemon: no file system may keep the porter from ending."""

    def __init__(
        self, work: Callable[[], Any], answer: "asyncio.Future[Any]", memory: Memory, turn: threading.Lock
    ) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._answer = answer
        self.memory = memory
        self.turn = turn
        self.over = False

    def run(self) -> None:
        """Work, and tell whoever waits."""
        try:
            found = self._work()
        except BaseException as error:  # noqa: BLE001 - it is raised again, where the look was asked for
            self._tell(self._answer.set_exception, error)
        else:
            self._tell(self._answer.set_result, found)

    def _tell(self, how: Callable[[Any], None], what: Any) -> None:
        self.over = True
        # The loop may have ended meanwhile: then nobody waits any more.
        with suppress(RuntimeError):
            self._answer.get_loop().call_soon_threadsafe(_unless_over, self._answer, how, what)


def _unless_over(answer: "asyncio.Future[Any]", how: Callable[[Any], None], what: Any) -> None:
    if not answer.done():
        how(what)
