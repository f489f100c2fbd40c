"""How the integrations of a hotel did over a time: its history, read day by day, so that little is held."""

import asyncio
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from alerts.recurrence import Period
from alerts.reports.facts import Doing, Stretch
from alerts.reports.periods import days
from checks.result import CheckId
from daemon.recorder import minute_of
from daemon.sketch import Times
from daemon.tally import OF_A_CHECK, Stored, Tally, places

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

Hours = dict[str, dict[int, Tally]]
"""What was counted of integrations, by the place of an hour in its day."""


class History(Protocol):
    """The history, as far as reports need it; whatever does not work raises StateError."""

    async def rows(
        self, hotel: str, among: Collection[str] | None = None, *, edges: Sequence[datetime]
    ) -> Sequence[Stored]:
        """Return the rows that tell of the time from the first edge to the last, of some integrations."""
        ...

    def width_for(self, since: datetime, width: timedelta) -> timedelta:
        """Return how wide the rows are that are kept of a time, and so wide at the least."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a hotel's history: a time, and the integrations that are told of hour by hour.

    Of the others the counts are told; where there are `no_others` they are not even read.
    """

    hotel: str
    period: Period
    zone: ZoneInfo
    closely: Collection[str]
    no_others: bool = False


@dataclass(slots=True)
class Whole:
    """An integration over a time: all of it, and each hour and day."""

    tally: Tally = field(default_factory=Tally)
    hours: list[Stretch] = field(default_factory=list)
    days: list[Stretch] = field(default_factory=list)


@dataclass(slots=True)
class Measured:
    """What the history says of a time: of `integrations` that are looked at closely, and of all the others.

    `counts` are those of checks, by integration and name, without durations. `hours` and `days` are where
    they begin; `known_from` is when the first hour begins in which anything ran, None of none, and `gaps` is
    in how many of the hours from there on nothing did.
    """

    integrations: dict[str, Whole] = field(default_factory=dict)
    counts: dict[str, dict[str, Tally]] = field(default_factory=dict)
    hours: list[datetime] = field(default_factory=list)
    days: list[datetime] = field(default_factory=list)
    gaps: int = 0
    known_from: datetime | None = None

    def doing(self, integration: str) -> Doing:
        """Return how an integration did."""
        found = self.integrations.get(integration)
        return doing_of(found.tally) if found else Doing()

    def failures(self) -> dict[str, int]:
        """Return how many runs failed, by integration: of all of which anything is known."""
        return {
            name: sum(tally.failures for tally in checks.values()) for name, checks in self.counts.items()
        }

    def checks(self, hotel: str) -> dict[CheckId, Tally]:
        """Return what was counted of each check, without durations."""
        return {
            CheckId(hotel, integration, name): tally
            for integration, checks in self.counts.items()
            for name, tally in checks.items()
        }

    def unknown(self) -> Whole:
        """Return an integration of which nothing was known until now."""
        return Whole(
            Tally(), [Stretch(start) for start in self.hours], [Stretch(start) for start in self.days]
        )


async def measured(history: History, asked: Asked) -> Measured:
    """Return what the history says of a time. What is read is counted in a thread: it may be much."""
    found = Measured()
    wide = history.width_for(asked.period.begins, MINUTE)
    among = asked.closely if asked.no_others else None
    edges_of_days = list(days(asked.period, asked.zone))
    # The hours of a day are drawn, those of many are only counted.
    drawn = len(edges_of_days) == 2
    for day in pairwise(edges_of_days):
        starts = _hours(*day)
        edges = [_aligned(edge, wide) for edge in (*starts, day[1])]
        counting = _Counting(found, asked.closely, starts, drawn=drawn)
        for place, piece in _pieces(edges):
            rows = await history.rows(asked.hotel, among, edges=piece)
            await asyncio.to_thread(counting.take, rows, [minute_of(edge) for edge in piece], place)
            del rows
        await asyncio.to_thread(counting.end)
    return found


def doing_of(tally: Tally) -> Doing:
    """Return how something did of which this was counted."""
    return Doing(
        runs=tally.runs,
        warnings=tally.warnings,
        failures=tally.failures,
        unknowns=tally.unknowns,
        p50_ms=_milliseconds(tally.percentile(0.5)),
        p95_ms=_milliseconds(tally.percentile(0.95)),
        # What is kept in single precision is true to seven digits.
        peaks={peak.value: float(f"{value:.7g}") for peak, value in tally.peaks.items()},
    )


def stretch_of(start: datetime, tally: Tally) -> Stretch:
    """Return a part of a time in which this was counted."""
    p95 = _milliseconds(tally.percentile(0.95))
    return Stretch(start, tally.runs - tally.unknowns, tally.failures, p95)


class _Counting:
    """Counts a day: of every check, and of each integration that is looked at closely every hour."""

    def __init__(
        self, found: Measured, closely: Collection[str], starts: Sequence[datetime], *, drawn: bool
    ) -> None:
        self._drawn = drawn
        self._found = found
        self._closely = closely
        self._starts = starts
        self._hours: Hours = {}
        self._looked: set[int] = set()

    def take(self, rows: Sequence[Stored], marks: Sequence[int], first: int) -> None:
        """Count rows where they begin: after which of these minutes, the first of which begins a place."""
        several: dict[tuple[str, int], list[Stored]] = {}
        last = len(marks) - 2
        for row in rows:
            at = bisect_right(marks, row.start) - 1
            if at <= last and row.start + row.width > marks[0]:
                place = first + max(at, 0)
                self._count(row, place)
                if row.integration in self._closely:
                    several.setdefault((row.integration, place), []).append(row)
        for (name, place), some in several.items():
            self._hours.setdefault(name, {})[place] = _together(some)

    def end(self) -> None:
        """Add the day to those before it."""
        found, starts = self._found, self._starts
        if found.known_from is None and self._looked:
            found.known_from = starts[min(self._looked)]
        if found.known_from is not None:
            since = [place for place, start in enumerate(starts) if start >= found.known_from]
            found.gaps += len(set(since) - self._looked)
        for name in found.integrations.keys() | self._hours.keys():
            whole = found.integrations.get(name) or found.unknown()
            found.integrations[name] = whole
            _add_to(whole, self._hours.get(name, {}), starts, drawn=self._drawn)
        found.hours += starts
        found.days.append(starts[0])

    def _count(self, row: Stored, place: int) -> None:
        """Count the checks of a row."""
        checks = self._found.counts.setdefault(row.integration, defaultdict(Tally))
        if place in self._looked:
            _absorb(row, checks.__getitem__, Times.NONE)
            return
        before = sum(tally.runs for tally in checks.values())
        _absorb(row, checks.__getitem__, Times.NONE)
        if sum(tally.runs for tally in checks.values()) > before:
            self._looked.add(place)


def _together(rows: Sequence[Stored]) -> Tally:
    """Return what rows of an integration say of one time, all its checks together."""
    found = Tally()
    if len(rows) == 1:
        _absorb(rows[0], lambda _name: found, Times.ANSWERS)
        for peak in OF_A_CHECK:
            found.peaks.pop(peak, None)
        return found
    # Whether durations of a check are response times is known when all its rows are read.
    checks: dict[str, Tally] = defaultdict(Tally)
    for row in rows:
        _absorb(row, checks.__getitem__, Times.ALL)
    for tally in checks.values():
        found.merge(tally, alike=False)
    return found


def _absorb(row: Stored, tally_of: Callable[[str], Tally], times: Times) -> None:
    """Count a row in the tallies of its checks; what is damaged is left out."""
    try:
        for name, at in places(row.body):
            tally_of(name).absorb(row.body, at, times)
    except (IndexError, ValueError):
        return


def _pieces(edges: Sequence[datetime]) -> Iterator[tuple[int, Sequence[datetime]]]:
    """Yield the edges of a day, or of each of its hours: of minutes no more than an hour is read at once."""
    whole = all(edge.minute == edge.second == 0 for edge in edges)
    for place, piece in enumerate([tuple(edges)] if whole else pairwise(edges)):
        if piece[0] < piece[-1]:
            yield place, piece


def _add_to(whole: Whole, hours: Mapping[int, Tally], starts: Sequence[datetime], *, drawn: bool) -> None:
    day, nothing = Tally(), Tally()
    for place, start in enumerate(starts):
        hour = hours.get(place, nothing)
        whole.hours.append(stretch_of(start, hour) if drawn else _counted(start, hour))
        day.merge(hour)
    whole.days.append(stretch_of(starts[0], day))
    whole.tally.merge(day)


def _counted(start: datetime, tally: Tally) -> Stretch:
    return Stretch(start, tally.runs - tally.unknowns, tally.failures)


def _hours(begins: datetime, ends: datetime) -> list[datetime]:
    """Return where the hours of a day begin; the last one may be shorter."""
    return [begins + number * HOUR for number in range(math.ceil((ends - begins) / HOUR))]


def _aligned(edge: datetime, wide: timedelta) -> datetime:
    """Return from where on rows are counted behind an edge: they count where they begin."""
    seconds = wide.total_seconds()
    if wide <= MINUTE:
        return edge
    return datetime.fromtimestamp(math.ceil(edge.timestamp() / seconds) * seconds, UTC)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 3)
