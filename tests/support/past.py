"""A history over a real state: runs at any time, and a clock that is moved from one to the next."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from checks.check import Check
from checks.result import Reason, Result, failed
from daemon.history import History
from daemon.recorder import minute_of
from daemon.store import Store
from tests.support.boards import check
from tests.support.clock import START, FakeClock
from tests.support.stored import opened

HEALTH = check("payment", "health", hotel="h")
CACHE = check("booking_engine", "cache", hotel="h")
DOWN = failed(Reason.SERVER_ERROR, "answered 500")


@dataclass
class Past:
    """A history, its clock, the state that it is written to, and the hotels that it looks after."""

    history: History
    clock: FakeClock
    store: Store
    held: set[str] = field(default_factory=lambda: {"h"})

    @property
    def minute(self) -> int:
        """The present minute, as rows count them."""
        return minute_of(self.clock.now())

    def run(self, *results: Result, one: Check = HEALTH) -> None:
        """Have a check see these, now."""
        for result in results:
            self.history.note(one, result, result)

    async def live(self, minutes: int, *each: Result, one: Check = HEALTH) -> None:
        """Let minutes pass, in each of which a check sees the same, and write them down."""
        for _ in range(minutes):
            self.run(*each, one=one)
            self.clock.advance(60)
        await self.history.tick()

    async def counted(
        self, since: datetime, until: datetime, width: timedelta, one: Check = HEALTH
    ) -> list[tuple[int, int]]:
        """Return the runs and failures of each bucket."""
        rows = await self.history.buckets(
            one.id.hotel, one.id.integration, one.id.check, since=since, until=until, width=width
        )
        return [(bucket.runs, bucket.failures) for bucket in rows.get(one.id, [])]

    async def total(self, width: timedelta, one: Check = HEALTH) -> int:
        """Return all runs there ever were, and are within a day."""
        now = self.clock.now()
        rows = await self.history.buckets("h", since=START - timedelta(days=2), until=now, width=width)
        return sum(bucket.runs for bucket in rows.get(one.id, []))


@asynccontextmanager
async def a_past(
    where: Path | str, clock: FakeClock | None = None, held: Collection[str] = ("h",)
) -> AsyncIterator[Past]:
    """Open the state of a directory, or at an address, with a history over it."""
    clock = clock or FakeClock()
    hotels = set(held)
    async with opened(where, clock) as store:
        yield Past(History(store, clock, lambda: hotels), clock, store, hotels)
