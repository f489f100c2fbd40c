"""What checks see of how things are set up, and which errors are new: changes are kept, and nothing else."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Protocol

import structlog

from alerts.reports.drift import NEW_ERROR
from checks.check import Check
from checks.result import CheckId, Result, State
from daemon.clock import Clock
from daemon.store.sightings import Sighting

log = structlog.get_logger()

BATCH = 500
"""Rows written in one transaction, which letters may have to wait for."""

TAKEN_UP = 20
"""Hotels taken up in one tick."""

OF_A_NAME, OF_A_CHECK = 12, 60
"""Changes of one setting, and of all that a check tells, that are kept in a day: what changes at every look
tells nobody anything. The next day begins with what is seen then."""

OWED = 8
"""Changes of one setting that wait to be written at the most: the first, and the latest."""
NAMES = 20_000
"""Settings and kinds of error that wait at the most."""

Name = tuple[CheckId, str]


class Book(Protocol):
    """Where sightings are kept; whatever does not work raises StateError."""

    async def add(self, found: Collection[Sighting]) -> None:
        """Write sightings down; what stands there already stays."""
        ...

    async def since(self, hotel: str, since: datetime) -> Collection[Sighting]:
        """Return what was seen of a hotel since then, and the last before it, the oldest first."""
        ...


class Sighted:
    """Takes every run in, and writes down what is another value than before.

    `held` are the hotels looked after here. Nothing is written of a hotel before it is known what was seen
    last.
    """

    def __init__(self, book: Book, clock: Clock, held: Callable[[], Collection[str]]) -> None:
        self._book = book
        self._clock = clock
        self._held = held
        self._known: dict[str, dict[Name, str]] = {}
        self._early: dict[Name, tuple[datetime, str]] = {}
        self._owed: dict[Name, list[Sighting]] = {}
        self._spent: Counter[Name] = Counter()
        self._day = 0

    def note(self, check: Check, result: Result) -> None:
        """Take in a run; one that could not look changes nothing."""
        found = result.findings
        if result.state is State.UNKNOWN or not (found.settings or found.news):
            return
        now = self._clock.now()
        for name, value in found.settings.items():
            self._take((check.id, name), value, now)
        for kind, text in found.news.items():
            self._take((check.id, f"{NEW_ERROR}{kind}"), text, now)

    async def tick(self) -> None:
        """Learn what was seen last in hotels that came, forget those that went, and write what changed."""
        held = set(self._held())
        for hotel in self._known.keys() - held:
            del self._known[hotel]
        for hotel in sorted(held - self._known.keys())[:TAKEN_UP]:
            await self._take_up(hotel)
        while await self._write():
            pass

    async def _take_up(self, hotel: str) -> None:
        found = await self._book.since(hotel, self._clock.now())
        self._known[hotel] = {(one.check, one.name): one.value for one in found}
        for name in [name for name in self._early if name[0].hotel == hotel]:
            at, value = self._early.pop(name)
            self._take(name, value, at)

    def _take(self, name: Name, value: str, at: datetime) -> None:
        known = self._known.get(name[0].hotel)
        if known is None:
            if name in self._early or len(self._early) < NAMES:
                self._early[name] = (at, value)
        elif known.get(name) != value and self._is_worth_it(name, at):
            known[name] = value
            self._owe(name, Sighting(*name, at, value))

    def _is_worth_it(self, name: Name, at: datetime) -> bool:
        """Say whether a change may be kept today, and count it."""
        if at.toordinal() != self._day:
            self._day = at.toordinal()
            self._spent.clear()
        whole = (name[0], "")
        if self._spent[name] >= OF_A_NAME or self._spent[whole] >= OF_A_CHECK:
            return False
        self._spent.update((name, whole))
        return True

    def _owe(self, name: Name, sighting: Sighting) -> None:
        if name not in self._owed and len(self._owed) >= NAMES:
            return
        row = self._owed.setdefault(name, [])
        row.append(sighting)
        if len(row) > OWED:
            del row[1]

    async def _write(self) -> bool:
        """Write a batch of what is owed; say whether there may be more."""
        batch = list(self._next())
        if not batch:
            return False
        await self._book.add(batch)
        for one in batch:
            row = self._owed[one.check, one.name]
            if one in row:
                row.remove(one)
            if not row:
                del self._owed[one.check, one.name]
        log.debug("sightings.written", count=len(batch))
        return True

    def _next(self) -> Iterator[Sighting]:
        left = BATCH
        for row in self._owed.values():
            yield from row[:left]
            left -= len(row[:left])
            if not left:
                return
