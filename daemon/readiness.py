"""Whether the porter can do its work, or why it cannot."""

import asyncio
from collections.abc import Callable, Sequence

from daemon.clock import Clock
from daemon.scheduler import Scheduler
from daemon.store import StateError, Store
from daemon.ticks import Loop

SILENT = 15.0
"""Seconds after which a loop that does not tick any more makes the porter unready."""


class Readiness:
    """Asks the loops, the schedule and the state. `redact` takes secrets out of what is shown."""

    def __init__(
        self,
        loops: Sequence[Loop],
        scheduler: Scheduler,
        store: Store,
        clock: Clock,
        redact: Callable[[str], str],
    ) -> None:
        self._loops = loops
        self._scheduler = scheduler
        self._store = store
        self._clock = clock
        self._redact = redact
        self._written: tuple[float, str | None] = (float("-inf"), None)

    async def __call__(self) -> str | None:
        """Return None when the porter can do its work, or why it cannot, without secrets."""
        # What the loops say of the state may be no more than that it does not answer.
        reason = await self._unwritable() or self._standstill()
        return reason and self._redact(reason)

    @property
    def ticking(self) -> bool:
        """Whether all loops come to the end of their ticks, be it to fail: a restart would not help then."""
        return self._scheduler.silent_for <= SILENT and not any(loop.stuck for loop in self._loops)

    def _standstill(self) -> str | None:
        for loop in self._loops:
            if loop.error is not None:
                return f"the {loop.name} fails: {loop.error}"
            if loop.stuck:
                return f"the {loop.name} has not finished a tick for {loop.silent_for:.0f} s"
        if self._scheduler.silent_for > SILENT:
            return f"the scheduler has not ticked for {self._scheduler.silent_for:.0f} s"
        return None

    async def _unwritable(self) -> str | None:
        """Return why the state cannot be written; asked often, it is tried once a second."""
        now = self._clock.monotonic()
        tried, reason = self._written
        if now - tried < 1.0:
            return reason
        reason = None
        try:
            async with asyncio.timeout(SILENT / 3):
                await self._store.writable()
        except StateError as error:
            reason = str(error)
        except TimeoutError:
            reason = self._heard() or str(self._store.silence())
        self._written = (now, reason)
        return reason

    def _heard(self) -> str | None:
        """Return what a loop that waited for longer has heard of the state, with its name."""
        errors = (loop.error or "" for loop in self._loops)
        return next((error for error in errors if error.startswith("state ")), None)
