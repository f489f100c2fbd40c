"""The history: how checks did over time, from what is written down and what is not yet.

Minutes are written once they are over. They become hours and hours become days, in UTC; each is kept for as
long as `daemon.store.histories.KEPT` says.
"""

import asyncio
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from checks.check import Check
from checks.result import CheckId, Result
from daemon.buckets import Bucket, Series, Span, coarsest, series, sorted_in
from daemon.clock import Clock
from daemon.recorder import Recorder, minute_of
from daemon.store import Store
from daemon.store.histories import Ends, Wanted, kept_at
from daemon.tally import DAY, HOUR, MINUTE, Stored, Tally

__all__ = ["Bucket", "History", "Series", "Span"]

log = structlog.get_logger()

K = TypeVar("K")

WRITE_EVERY = 5.0
"""Seconds between two looks whether a minute is over."""

BATCH = 500
"""Rows written in one transaction, which letters may have to wait for."""

GRACE = 2
"""Minutes after its end that an hour, or a day, is made: what is written late does not often come later."""

STRANGERS = DAY
"""The same for hotels that nobody here looks after: whoever does comes first."""

HOTELS = 20
"""Hotels whose hours are made in one tick."""

JUMP = timedelta(hours=1)
"""By how much the wall clock may move by itself and be believed when it says that something is old."""

DOUBT = 86_400.0
"""Seconds after a jump for which nothing is forgotten."""

PROBATION = 3600.0
"""The same after the start: a host without a clock of its own learns the time when it is up."""


class History:
    """Takes runs in, writes them down in batches, and tells how things were."""

    def __init__(self, store: Store, clock: Clock, held: Callable[[], Collection[str]]) -> None:
        self._store = store.history
        self._clock = clock
        self._held = held
        self.recorder = Recorder(clock)
        self._ends: dict[str, Ends] = {}
        self._settled: dict[str, int] = {}
        self._stranger = ""
        self._tended = -1
        self._offset = self._apart()
        self._doubtful_until = clock.monotonic() + PROBATION

    @property
    def held(self) -> Collection[str]:
        """The hotels that are looked after here."""
        return self._held()

    def note(self, check: Check, result: Result, verdict: Result) -> None:
        """Take in a run that has just ended."""
        self.recorder.note(check, result, verdict)

    async def tick(self) -> None:
        """Write down the minutes that are over; make hours and days that are, and forget what is too old."""
        await self.recorder.pack()
        await self.write()
        now = self._now()
        await self._settle_ours(now)
        if now != self._tended:
            self._tended = now
            await self._settle_a_stranger(now)

    async def write(self) -> None:
        """Write down what is packed, or raise StateError and keep what is not written."""
        self._mind_the_clock()
        now = self._now()
        while rows := self.recorder.waiting(BATCH):
            await self._store.add(rows, self._ends, now)
            self.recorder.written(rows)

    async def finish(self, wanted: Callable[[str], bool] = lambda _hotel: True) -> None:
        """Write down all there is of some hotels, of the present minute too."""
        self.recorder.pack_all(wanted)
        await self.write()

    async def _settle_ours(self, now: int) -> None:
        held = self._held()
        for hotel in self._settled.keys() - set(held):
            # Whoever has it now may make its hours.
            del self._settled[hotel], self._ends[hotel]
        upto = now - GRACE
        hour = upto - upto % HOUR
        due = [hotel for hotel in held if self._settled.get(hotel) != hour]
        for hotel in due[:HOTELS]:
            self._ends[hotel] = await self._store.settle(hotel, upto, now, forget=self._believed)
            self._settled[hotel] = hour

    async def _settle_a_stranger(self, now: int) -> None:
        """Do the same, a day later, for one hotel of those that may be configured no more."""
        found = await self._store.next_hotel(self._stranger)
        self._stranger = found or ""
        if found and found not in self._held():
            await self._store.settle(found, now - STRANGERS, now - STRANGERS, forget=self._believed)

    async def buckets(
        self,
        hotel: str,
        integration: str | None = None,
        check: str | None = None,
        *,
        since: datetime,
        until: datetime,
        width: timedelta,
    ) -> dict[CheckId, Series]:
        """Return how the checks of a hotel did, those that ran: a bucket for every `width` of the span.

        The width is that of `width_for`; the first bucket holds `since` and the last one what was just
        before `until`, each as a whole.
        """
        edges = self.edges(since, until, width)
        return await _rows_of(edges, await self._tallies(hotel, integration, check, edges))

    async def integrations(
        self,
        hotel: str,
        integration: str | None = None,
        *,
        since: datetime,
        until: datetime,
        width: timedelta,
    ) -> dict[str, Series]:
        """Return how the integrations of a hotel did, all checks of each together.

        Durations are taken over response times alone: how long a question to a database takes says nothing
        of the vendor. What a check measures as its main value is left out.
        """
        edges = self.edges(since, until, width)
        found: dict[str, dict[int, Tally]] = {}
        for one, tallies in (await self._tallies(hotel, integration, None, edges)).items():
            together = found.setdefault(one.integration, {})
            for place, tally in tallies.items():
                together.setdefault(place, Tally()).merge(tally, alike=False)
        return await _rows_of(edges, found)

    async def between(
        self,
        hotel: str,
        integration: str | None = None,
        check: str | None = None,
        *,
        edges: Sequence[datetime],
    ) -> dict[CheckId, Series]:
        """Return how checks did from each of these moments to the next: such as the days of a hotel.

        Edges off the hour are met to the minute within the last day; what is older is counted where its
        hour, or where it is older than 40 days its day in UTC, begins.
        """
        narrowest = kept_at(minute_of(edges[0]), self._now()) if edges else MINUTE
        return await _rows_of(edges, await self._tallies(hotel, integration, check, edges, narrowest))

    async def rows(
        self, hotel: str, among: Collection[str] | None = None, *, edges: Sequence[datetime]
    ) -> list[Stored]:
        """Return what `between` is made of, of all integrations or some: rows as they are kept."""
        narrowest = kept_at(minute_of(edges[0]), self._now())
        return await self._rows(hotel, among, [minute_of(edge) for edge in edges], narrowest)

    def width_for(self, since: datetime, width: timedelta) -> timedelta:
        """Return the width of buckets that go back so far: what is asked for, or what is kept."""
        now, minute = self._now(), minute_of(since)
        wide = max(width, timedelta(minutes=kept_at(minute, now)))
        # The first bucket begins at a multiple of its width: further back, where less may be kept.
        begins = minute - minute % (wide // timedelta(minutes=1))
        return max(wide, timedelta(minutes=kept_at(begins, now)))

    def edges(self, since: datetime, until: datetime, width: timedelta) -> list[datetime]:
        """Return the edges of the buckets of a span: multiples of the width, in UTC."""
        wide = int(self.width_for(since, width).total_seconds())
        end = min(until, self._clock.now() + timedelta(seconds=1)).timestamp()
        first, last = int(since.timestamp() // wide), math.ceil(end / wide)
        return [datetime.fromtimestamp(number * wide, UTC) for number in range(first, last + 1)]

    async def _tallies(
        self,
        hotel: str,
        integration: str | None,
        check: str | None,
        edges: Sequence[datetime],
        narrowest: int = MINUTE,
    ) -> dict[CheckId, dict[int, Tally]]:
        marks = [minute_of(edge) for edge in edges]
        if len(marks) < 2:
            return {}
        among = None if integration is None else (integration,)
        return await sorted_in(await self._rows(hotel, among, marks, narrowest), check, marks)

    async def _rows(
        self, hotel: str, among: Collection[str] | None, marks: Sequence[int], narrowest: int
    ) -> list[Stored]:
        width = max(coarsest(marks), narrowest)
        # What is written meanwhile is in both, and counts once.
        here = self.recorder.held(hotel)
        wanted = Wanted(hotel, among, marks[0] - marks[0] % width, marks[-1], width)
        stored = await self._store.rows(wanted, self._now())
        if not here:
            return stored
        ours = {row[:-1] for row in here}
        rows = [*here, *(row for row in stored if row[:-1] not in ours)]
        return rows if among is None else [row for row in rows if row.integration in among]

    def _now(self) -> int:
        return minute_of(self._clock.now())

    def _apart(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    @property
    def _believed(self) -> bool:
        return self._clock.monotonic() > self._doubtful_until

    def _mind_the_clock(self) -> None:
        """Notice when the wall clock is set: what seems old then may not be."""
        apart, self._offset = self._offset, self._apart()
        if abs(self._offset - apart) > JUMP.total_seconds():
            self._doubtful_until = self._clock.monotonic() + DOUBT
            self._ends.clear()
            self._settled.clear()
            log.warning("history.doubted", jump=round(self._offset - apart), nothing_forgotten_for=DOUBT)


async def _rows_of(edges: Sequence[datetime], found: Mapping[K, Mapping[int, Tally]]) -> dict[K, Series]:
    """Return a row of buckets for each of several; others have their turn in between."""
    rows: dict[K, Series] = {}
    for one, tallies in found.items():
        rows[one] = series(edges, tallies)
        await asyncio.sleep(0)
    return rows
