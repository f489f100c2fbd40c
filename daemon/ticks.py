"""Loops that tick: each with a period, a wake-up, a deadline and a guard."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from alerts.attempt import QueueError
from daemon.clock import Clock

log = structlog.get_logger()

REPORT_EVERY = 60.0
"""Seconds between two log lines about a loop that goes on failing in the same way."""


@dataclass(slots=True)
class Loop:
    """One of the porter's loops. `error` says why its last tick failed, None after a good one.

    `last_end` is the monotonic time at which a tick came to an end, whether it failed or not.
    """

    name: str
    tick: Callable[[], Awaitable[object]]
    clock: Clock
    period: float = 1.0
    deadline: float = 30.0
    error: str | None = None
    last_end: float = field(init=False)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _reported: float = float("-inf")

    def __post_init__(self) -> None:
        self.last_end = self.clock.monotonic()

    def wake(self) -> None:
        """Tick soon, without waiting for the period to end."""
        self._wake.set()

    @property
    def silent_for(self) -> float:
        """Seconds since a tick came to an end."""
        return self.clock.monotonic() - self.last_end

    @property
    def stuck(self) -> bool:
        """Say whether ticks no longer come to an end in their time."""
        return self.silent_for > self.period + self.deadline + 5.0

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            self._wake.clear()
            await self.once()
            try:
                async with asyncio.timeout(self.period):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def once(self) -> None:
        """Tick once; a failure is logged and remembered, never raised."""
        try:
            async with asyncio.timeout(self.deadline):
                await self.tick()
        except Exception as error:  # noqa: BLE001 - one bad tick must not end the loop
            self._failed(error)
        else:
            if self.error is not None:
                log.info("loop.recovered", loop=self.name)
            self.error, self._reported = None, float("-inf")
        self.last_end = self.clock.monotonic()

    def _failed(self, error: Exception) -> None:
        text = str(error) or type(error).__name__
        now = self.clock.monotonic()
        news = text != self.error or now - self._reported >= REPORT_EVERY
        self.error = text
        if news:
            self._reported = now
            # What the state says names the trouble and the remedy; where it was asked does not matter.
            known = isinstance(error, QueueError)
            log.error("loop.failed", loop=self.name, error=text, exc_info=None if known else error)
