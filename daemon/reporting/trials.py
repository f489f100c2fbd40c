"""What fails for one hotel, or takes too long, is tried again later, and keeps no other from its own."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

import structlog

log = structlog.get_logger()

DEADLINE = 120.0
"""Seconds for one hotel's work; two thousand integrations take a tenth of it."""

PAUSE, LONGEST = 60.0, 3600.0
"""Seconds until a hotel is tried again, twice as many after each failure, and at the most."""


@dataclass(slots=True)
class _Failure:
    error: str
    pause: float
    until: float


class Trials:
    """Does work for one hotel after the other; `monotonic` tells the time."""

    def __init__(self, monotonic: Callable[[], float], deadline: float = DEADLINE) -> None:
        self._monotonic = monotonic
        self._deadline = deadline
        self._failures: dict[str, _Failure] = {}

    def waits(self, hotel: str) -> bool:
        """Tell whether a hotel's work failed so lately that it is not tried yet."""
        found = self._failures.get(hotel)
        return found is not None and self._monotonic() < found.until

    def forgive(self) -> None:
        """Try all of them at once: what they failed by may have been set right."""
        for one in self._failures.values():
            one.until, one.pause = float("-inf"), PAUSE

    async def attempt(self, hotel: str, work: Coroutine[object, object, None]) -> Exception | None:
        """Do some work; return why it failed, which was logged if it is news, None if it did not."""
        task = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=self._deadline)
        except asyncio.CancelledError:
            await ended(task)
            raise
        error: BaseException | None
        if done:
            error = None if task.cancelled() else task.exception()
        else:
            await ended(task)
            error = TimeoutError(f"not done within {self._deadline:g} s")
        if error is None:
            if self._failures.pop(hotel, None) is not None:
                log.info("report.recovered", hotel=hotel)
            return None
        if not isinstance(error, Exception):
            raise error
        self._failed(hotel, error)
        return error

    def _failed(self, hotel: str, error: Exception) -> None:
        before, said = self._failures.get(hotel), str(error) or type(error).__name__
        pause = PAUSE if before is None else min(LONGEST, 2 * before.pause)
        self._failures[hotel] = _Failure(said, pause, self._monotonic() + pause)
        if before is None or before.error != said:
            log.error("report.failed", hotel=hotel, error=said, again_in=pause, exc_info=error)


async def ended(task: asyncio.Future[None]) -> None:
    """Have a task end, however it does."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
