"""The porter's judgement over days in fast-forward: real board, observer and engine, a clock moved by hand.

The schedule is mimicked: intervals, first runs spread over them, the look-again that an observation asks
for, checks that are hastened, and how long a look takes.
"""

import heapq
import math
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Protocol

from alerts.decision import Decision
from alerts.incident import Incident
from alerts.message import Renderer
from checks.check import Check
from checks.result import CheckId, Result
from daemon.board import Board
from daemon.desks import correspondent, desks
from daemon.engine import Engine, Signals
from daemon.ledger import Ledger
from daemon.names import names_of
from daemon.observer import Observer
from daemon.scheduler import SLOT, SPREAD, phase
from daemon.settings import Settings, checks_of
from tests.support.clock import FakeClock

BREATH = 1.0
"""Seconds between two ticks of the engine while it has something on its mind."""

MINDFUL = 7.0
"""Seconds after a wake-up for which it ticks: longer than a breach waits for its siblings."""

See = Callable[[Check, datetime], Result]


class Post(Protocol):
    """Delivers what waits."""

    async def __call__(self, now: datetime) -> None: ...


@dataclass(slots=True)
class _Entry:
    check: Check
    first: float
    due: float
    running: bool = False
    again: bool = False


class Porter:
    """A porter who looks at a hotel as `see` shows it. `seconds` have passed since its start.

    `looks` counts the results taken in.
    """

    def __init__(self, settings: Settings, see: See, ledger: Ledger, post: Post, start: datetime) -> None:
        self.clock = FakeClock(start)
        self.board = Board()
        self.looks = 0
        self.seconds = 0.0
        self._see = see
        self._post = post
        self._start = start
        self._ids = count(1)
        self._letters = False
        self._awake_until = 0.0
        self._woken = False
        signals = Signals(self._hasten, self._wake, self._posted)
        self.engine = Engine(self.board, ledger, lambda: f"incident-{next(self._ids)}", self.clock, signals)
        self._observer = Observer(self.board, self.clock, self.engine.moved)
        self._entries: dict[CheckId, _Entry] = {}
        self._turns: list[tuple[float, int, _Entry, Result | None]] = []
        self._count = count()
        self._appointments: list[tuple[float, int, Callable[[], Awaitable[None]]]] = []
        self._employ(settings)

    def _employ(self, settings: Settings) -> None:
        zones = {hotel.id: hotel.timezone for hotel in settings.hotels}
        self.engine.quiet.configure((), zones)
        self.engine.configure(
            correspondent(settings, Renderer(), b"k" * 32), desks(settings), names_of(settings)
        )
        checks = checks_of(settings)
        self.board.watch(checks, {hotel.id: hotel.name for hotel in settings.hotels})
        for check in checks:
            first = min(check.interval, SPREAD) * phase(check.id)
            entry = self._entries[check.id] = _Entry(check, first, first)
            self._push(entry, first)

    def at(self, moment: datetime, act: Callable[[], Awaitable[None]]) -> None:
        """Let something be done at a moment."""
        due = (moment - self._start).total_seconds()
        heapq.heappush(self._appointments, (due, next(self._count), act))

    async def act(self, incident: str, make: Callable[[Incident, datetime], Decision]) -> Incident | None:
        """Let a person act on an incident."""
        found = await self.engine.act(incident, make)
        await self._deliver()
        return found

    async def work(self, until: datetime) -> None:
        """Be on duty until a moment."""
        end = (until - self._start).total_seconds()
        while self._turns and self._turns[0][0] < end:
            await self._idle(self._turns[0][0])
            due, _, entry, result = heapq.heappop(self._turns)
            self._move(due)
            if result is None:
                result = self._begin(entry, due)
            if result is not None:
                self._finish(entry, result)
                await self._think()
        await self._idle(end)

    def _begin(self, entry: _Entry, due: float) -> Result | None:
        """Look; return what was seen, or None where that is known only later, or another turn counts."""
        if entry.running or due != entry.due:
            return None
        result = self._see(entry.check, self.clock.now())
        if result.duration < SLOT:
            return result
        entry.running = True
        heapq.heappush(self._turns, (due + result.duration, next(self._count), entry, result))
        return None

    def _finish(self, entry: _Entry, result: Result) -> None:
        self.looks += 1
        entry.running = False
        pause = self._observer.observe(entry.check, result)
        now = self.seconds
        if entry.again:
            entry.again = False
            self._push(entry, now)
        elif pause is not None:
            self._push(entry, now + pause)
        else:
            turns = math.floor((now - entry.first) / entry.check.interval + 1e-9) + 1
            self._push(entry, entry.first + turns * entry.check.interval)

    def _push(self, entry: _Entry, due: float) -> None:
        entry.due = due
        heapq.heappush(self._turns, (due, next(self._count), entry, None))

    def _hasten(self, checks: Iterable[CheckId]) -> None:
        for check in checks:
            entry = self._entries.get(check)
            if entry is not None and entry.running:
                entry.again = True
            elif entry is not None:
                self._push(entry, self.seconds)

    def _wake(self) -> None:
        self._woken = True
        self._awake_until = self.seconds + MINDFUL

    def _posted(self) -> None:
        self._letters = True

    async def _think(self) -> None:
        """Tick as often as the engine is woken."""
        while self._woken:
            self._woken = False
            await self.engine.tick()
            await self._deliver()

    async def _idle(self, until: float) -> None:
        """Let time pass: tick every second while there is something to think of, and keep appointments."""
        while True:
            busy = bool(self.board.incidents) or self.seconds < self._awake_until
            following = self.seconds + BREATH if busy else until
            if self._appointments and self._appointments[0][0] <= min(following, until):
                due, _, act = heapq.heappop(self._appointments)
                self._move(max(due, self.seconds))
                await act()
                await self._think()
                continue
            if not busy or following >= until:
                return
            self._move(following)
            await self.engine.tick()
            await self._deliver()
            await self._think()

    def _move(self, seconds: float) -> None:
        if seconds > self.seconds:
            self.clock.advance(seconds - self.seconds)
            self.seconds = seconds

    async def _deliver(self) -> None:
        if self._letters:
            self._letters = False
            await self._post(self.clock.now())
