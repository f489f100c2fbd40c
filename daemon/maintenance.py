"""The ledger of recurring tasks, over all hotels of the configuration, whoever looks after them."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo

from alerts.credentials import Credential, Keeping, Need, register
from alerts.maintenance import Entry, Standing, Task, standing, ticks
from alerts.recurrence import Due, Rhythm
from alerts.reports.report import Kind, Report
from daemon.clock import Clock
from daemon.store.errors import StateError

TOGETHER = 50
"""Hotels that are read at once: everybody else waits for no longer than that."""

FRESH, PATIENCE = 60.0, 5.0
"""Seconds for which what was seen is good, and how long it is waited for: a tick must not fail for it."""

LATELY = 20.0
"""Seconds for which is remembered how much is overdue: pages that are looked at ask again and again."""

LOOKS = 64
"""Looks that are remembered at the most."""

KINDS: Mapping[Rhythm, Kind] = MappingProxyType(
    {Rhythm.DAILY: Kind.DAILY, Rhythm.WEEKLY: Kind.WEEKLY, Rhythm.MONTHLY: Kind.MONTHLY}
)
"""Which report tells of the tasks of a rhythm."""

NOTHING_SEEN: Mapping[str, str] = MappingProxyType({})

TaskId = tuple[str, str]
"""A hotel and a task."""

Look = Callable[[str, Kind], Awaitable[Report | None]]


async def _blind(_hotel: str, _kind: Kind) -> Report | None:
    return None


class Known(Protocol):
    """What is written of a task."""

    @property
    def since(self) -> datetime:
        """Since when it is asked for."""
        ...

    @property
    def last(self) -> Entry | None:
        """When it was last done, if ever."""
        ...


class Book(Protocol):
    """The part of the store that keeps the ledger; whatever does not work raises StateError."""

    async def ask_for(self, wanted: Sequence[TaskId]) -> None:
        """Note of each task that is new that it is asked for from now on."""
        ...

    async def enter(self, entry: Entry) -> None:
        """Write down that a task was done."""
        ...

    async def known(self, hotels: Sequence[str]) -> Mapping[TaskId, Known]:
        """Return what is known of every task of some hotels."""
        ...

    async def entries(
        self, hotel: str, task: str, *, limit: int = 50, before: str | None = None
    ) -> Sequence[Entry]:
        """Return who did a task, the latest first; `before` is the id of the last of the page before."""
        ...


class TaskOptions(Protocol):
    """What the configuration says of a hotel."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def timezone(self) -> ZoneInfo:
        """By which clocks it lives."""
        ...

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What is to be done again and again."""
        ...

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """What is known of its keys and passwords."""
        ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """A hotel's page of the ledger: how each of its tasks stands, and each of its credentials."""

    hotel: str
    name: str
    zone: ZoneInfo
    tasks: tuple[Standing, ...]
    credentials: tuple[Keeping, ...] = ()

    def count(self, state: Due) -> int:
        """Return how many tasks stand so."""
        return sum(one.state is state for one in self.tasks)

    @property
    def keys_overdue(self) -> int:
        """How many credentials should have been changed by now."""
        return sum(one.need is Need.OVERDUE for one in self.credentials)

    def task(self, name: str) -> Standing | None:
        """Return how a task stands, or None where the hotel has no such task."""
        return next((one for one in self.tasks if one.task.id == name), None)


class Maintenance:
    """What is to be done in every hotel, and what was; `new_id` names entries.

    `look` returns the report of a hotel as of now, None where none are made: what it says of a task is what
    was seen of it by itself.
    """

    def __init__(self, book: Book, clock: Clock, new_id: Callable[[], str], look: Look = _blind) -> None:
        self._book = book
        self._clock = clock
        self._new_id = new_id
        self.look = look
        self._counts: dict[str | None, tuple[float, tuple[int, int, int]]] = {}
        self._looks: dict[tuple[str, Kind], tuple[float, Mapping[str, str]]] = {}
        self._hotels: dict[str, TaskOptions] = {}
        self._unasked: list[TaskId] = []

    def configure(self, hotels: Iterable[TaskOptions]) -> None:
        """Keep the ledger of these hotels from now on."""
        self._hotels = {hotel.id: hotel for hotel in hotels}
        self._counts.clear()
        self._unasked = [(hotel.id, task.id) for hotel in self._hotels.values() for task in hotel.tasks]

    @property
    def hotels(self) -> Collection[str]:
        """The hotels that the ledger is of."""
        return self._hotels.keys()

    async def ask(self) -> None:
        """Write down, once after a change of the configuration, since when new tasks are asked for."""
        if self._unasked:
            asked = self._unasked
            await self._book.ask_for(asked)
            if self._unasked is asked:
                self._unasked = []

    async def sheets(self) -> list[Sheet]:
        """Return the pages of all hotels, by their ids."""
        found: list[Sheet] = []
        places = [self._hotels[hotel] for hotel in sorted(self._hotels)]
        for start in range(0, len(places), TOGETHER):
            some, now = places[start : start + TOGETHER], self._clock.now()
            known = await self._book.known([hotel.id for hotel in some])
            found += [self._sheet(hotel, known, now) for hotel in some]
        return found

    async def counts(self, hotel: str | None = None) -> tuple[int, int, int]:
        """Return how many tasks are overdue and due, and how many credentials overdue, as of a moment ago."""
        now = self._clock.monotonic()
        at, found = self._counts.get(hotel, (-LATELY, (0, 0, 0)))
        if now - at >= LATELY:
            one = await self.sheet(hotel) if hotel is not None else None
            sheets = await self.sheets() if hotel is None else [one] if one else []
            overdue, due = (sum(each.count(state) for each in sheets) for state in (Due.OVERDUE, Due.DUE))
            found = (overdue, due, sum(each.keys_overdue for each in sheets))
            self._counts[hotel] = (now, found)
        return found

    async def sheet(self, hotel: str) -> Sheet | None:
        """Return a hotel's page, or None where there is no such hotel."""
        if hotel not in self._hotels:
            return None
        return self._sheet(self._hotels[hotel], await self._book.known([hotel]), self._clock.now())

    async def enter(self, hotel: str, task: str, *, by: str, note: str) -> None:
        """Write down that somebody has just done a task that the hotel has, and what was seen of it."""
        seen = await self.evidence(hotel, task)
        await self._book.enter(Entry(self._new_id(), hotel, task, self._clock.now(), by, note, seen))
        self._counts.clear()

    async def evidence(self, hotel: str, task: str) -> str:
        """Return what was seen of a task by itself in its day, week or month so far; nothing of none."""
        place = self._hotels.get(hotel)
        found = next((one for one in place.tasks if one.id == task), None) if place else None
        kind = KINDS.get(found.every) if found and not found.own else None
        return "" if kind is None else (await self._evidence(hotel, kind)).get(task, "")

    async def _evidence(self, hotel: str, kind: Kind) -> Mapping[str, str]:
        """Return what is seen of the tasks of a rhythm; a look is good for a while."""
        key, now = (hotel, kind), self._clock.monotonic()
        at, seen = self._looks.get(key, (-FRESH, NOTHING_SEEN))
        if now - at < FRESH:
            return seen
        try:
            async with asyncio.timeout(PATIENCE):
                report = await self.look(hotel, kind)
        except (StateError, TimeoutError):
            return NOTHING_SEEN
        if len(self._looks) >= LOOKS:
            self._looks.clear()
        self._looks[key] = (now, report.evidence if report else NOTHING_SEEN)
        return self._looks[key][1]

    def tick_by_report(self, report: Report) -> tuple[Entry, ...]:
        """Return what the porter ticks by a report that was made; `enter_all` of the store writes it down."""
        hotel = self._hotels.get(report.hotel)
        return ticks(report, hotel.tasks) if hotel else ()

    async def entries(self, hotel: str, task: str, limit: int, before: str | None = None) -> Sequence[Entry]:
        """Return who did a task when, the latest first."""
        return await self._book.entries(hotel, task, limit=limit, before=before)

    def _sheet(self, hotel: TaskOptions, known: Mapping[TaskId, Known], now: datetime) -> Sheet:
        found = []
        for task in hotel.tasks:
            one = known.get((hotel.id, task.id))
            since, last = (one.since, one.last) if one else (now, None)
            found.append(standing(task, hotel.timezone, since=since, last=last, now=now))
        kept = register(hotel.credentials, hotel.timezone, now)
        return Sheet(hotel.id, hotel.name, hotel.timezone, tuple(found), kept)
