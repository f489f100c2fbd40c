"""Which check is due: slots of time that fan out to checks.

APScheduler gives the clock: one job wakes at the next slot in which something is due, never one job a
check. Due times are monotonic; APScheduler's are wall time, so `nudge` wakes it when the wall clock was set
back.
"""

import asyncio
import heapq
import math
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from checks.check import Check
from checks.result import CheckId
from daemon.clock import Clock

SLOT = 0.1
"""Seconds: due times are rounded up to multiples of it, so that checks share wake-ups."""

LONGEST_SLEEP = 1.0
SPREAD = 30.0
"""Seconds that first runs are spread over at the most."""

Look = Callable[[Check], Awaitable[float | None]]
"""Runs a check; returns in how many seconds to look again, or None for the check's own next turn."""


@dataclass(slots=True)
class Entry:
    """A check's place in the schedule. `first` is the monotonic time its turns are counted from."""

    check: Check
    first: float
    due: float
    running: bool = False
    again_at: float | None = None


_Turn = tuple[float, int, Entry]
"""When, a number that no other turn has (so that entries are never compared), and whose."""


class _NextSlot(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Fires when the schedule has something due, and at least once a second."""

    def __init__(self, sleep: Callable[[], float]) -> None:
        self._sleep = sleep

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + timedelta(seconds=self._sleep())


class Scheduler:
    """Starts each check when it is due; a check never runs twice at once.

    `on_late` is told by how many seconds each run was late.
    """

    def __init__(self, look: Look, clock: Clock, on_late: Callable[[float], None]) -> None:
        self._look = look
        self._clock = clock
        self._on_late = on_late
        self._entries: dict[CheckId, Entry] = {}
        self._turns: list[_Turn] = []
        self._count = 0
        self._wakes_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_slot = clock.monotonic()
        self._aps = AsyncIOScheduler(
            timezone=UTC,
            executors={"default": AsyncIOExecutor()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1000},
        )

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def silent_for(self) -> float:
        """Seconds since the last slot: well above `LONGEST_SLEEP` means that the schedule stands still."""
        return self._clock.monotonic() - self._last_slot

    def watch(self, checks: Iterable[Check]) -> None:
        """Schedule exactly `checks`; one that stays as it was keeps its turn."""
        before, self._entries = self._entries, {}
        now, listed = self._clock.monotonic(), list(checks)
        # The first of all runs at once: whoever has just begun to watch waits for it.
        lead = 0.0 if before else min(map(_wait, listed), default=0.0)
        for check in listed:
            entry = before.pop(check.id, None)
            if entry is None or entry.check.interval != check.interval:
                entry = self._enter(check, now - lead)
            entry.check = check
            self._entries[check.id] = entry
        if self._aps.running:
            self._wake()

    def _enter(self, check: Check, start: float) -> Entry:
        first = start + _wait(check)
        entry = Entry(check, first, first)
        self._push(entry, first)
        return entry

    def hasten(self, checks: Iterable[CheckId]) -> None:
        """Run these checks now; one that is running already is run once more after it."""
        now = self._clock.monotonic()
        for check in checks:
            entry = self._entries.get(check)
            if entry is None:
                continue
            if entry.running:
                entry.again_at = now
            else:
                self._push(entry, now)
        self._wake()

    def start(self) -> None:
        """Begin; must be called where the event loop runs."""
        self._aps.start()
        self._aps.add_job(self._slot, _NextSlot(self._sleep), id="slots")

    async def stop(self, grace: float) -> None:
        """Start no more runs, give those in flight `grace` seconds, then cancel them."""
        if self._aps.running:
            self._aps.shutdown(wait=False)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def nudge(self) -> None:
        """Wake the schedule if the wall clock, having been set back, has put it to sleep."""
        if self._aps.running and self.silent_for > 2 * LONGEST_SLEEP:
            self._wake()

    def _wake(self) -> None:
        if self._aps.running:
            self._aps.modify_job("slots", next_run_time=self._clock.now())

    def _sleep(self) -> float:
        """Return the seconds until the next slot in which something is due.

        What is due already is being started: APScheduler asks when a slot begins, not when it is over.
        """
        now = self._clock.monotonic()
        next_slot = (math.floor(now / SLOT) + 1) * SLOT
        due = max(self._turns[0][0], next_slot) if self._turns else math.inf
        pause = min(max(due - now, 0.001), LONGEST_SLEEP)
        self._wakes_at = now + pause
        return pause

    def _push(self, entry: Entry, due: float) -> None:
        entry.due = math.ceil(due / SLOT) * SLOT
        self._count += 1
        heapq.heappush(self._turns, (entry.due, self._count, entry))
        if entry.due < self._wakes_at:
            self._wakes_at = entry.due
            self._wake()

    async def _slot(self) -> None:
        """Start every check that is due."""
        now = self._last_slot = self._clock.monotonic()
        while self._turns and self._turns[0][0] <= now:
            due, _, entry = heapq.heappop(self._turns)
            if entry.running or due != entry.due or self._entries.get(entry.check.id) is not entry:
                continue
            self._on_late(now - due)
            entry.running = True
            task = asyncio.create_task(self._run(entry))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, entry: Entry) -> None:
        pause: float | None = None
        try:
            pause = await self._look(entry.check)
        finally:
            entry.running = False
            if self._entries.get(entry.check.id) is entry:
                self._push(entry, self._next(entry, pause))

    def _next(self, entry: Entry, pause: float | None) -> float:
        now = self._clock.monotonic()
        if entry.again_at is not None:
            entry.again_at = None
            return now
        if pause is not None:
            return now + pause
        turns = math.floor((now - entry.first) / entry.check.interval) + 1
        return entry.first + turns * entry.check.interval


def _wait(check: Check) -> float:
    return min(check.interval, SPREAD) * phase(check.id)


def phase(check: CheckId) -> float:
    """Return a check's own place within its interval, from 0 to 1: the same at every start."""
    return zlib.crc32(str(check).encode()) / 2**32
