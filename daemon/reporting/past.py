"""How the checks of a hotel did over a time, from its history: read day by day, so that little is held."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from alerts.recurrence import Period
from alerts.reports.facts import Doing, Stretch
from alerts.reports.periods import days
from checks.result import CheckId
from daemon.tally import Tally

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TOGETHER = 100
"""Tallies that are merged before others have their turn."""


class History(Protocol):
    """The history, as far as reports need it; whatever does not work raises StateError."""

    async def counted(
        self, hotel: str, *, edges: Sequence[datetime]
    ) -> Mapping[CheckId, Mapping[int, Tally]]:
        """Return what was counted from each edge to the next, by check and place."""
        ...

    def width_for(self, since: datetime, width: timedelta) -> timedelta:
        """Return how wide the rows are that are kept of a time, and so wide at the least."""
        ...


@dataclass(slots=True)
class Whole:
    """An integration over a time: all of it, and each hour and day."""

    tally: Tally = field(default_factory=Tally)
    hours: list[Stretch] = field(default_factory=list)
    days: list[Stretch] = field(default_factory=list)


@dataclass(slots=True)
class Measured:
    """What the history says of a time: by integration, and by check.

    `hours` and `days` are where they begin; `known_from` is when the first hour begins in which anything ran,
    None of none, and `gaps` is in how many of the hours from there on nothing did.
    """

    integrations: dict[str, Whole] = field(default_factory=dict)
    checks: dict[CheckId, Tally] = field(default_factory=dict)
    hours: list[datetime] = field(default_factory=list)
    days: list[datetime] = field(default_factory=list)
    gaps: int = 0
    known_from: datetime | None = None

    def doing(self, integration: str) -> Doing:
        """Return how an integration did."""
        found = self.integrations.get(integration)
        return doing_of(found.tally) if found else Doing()

    def unknown(self) -> Whole:
        """Return an integration of which nothing was known until now."""
        return Whole(
            Tally(), [Stretch(start) for start in self.hours], [Stretch(start) for start in self.days]
        )


async def measured(history: History, hotel: str, period: Period, zone: ZoneInfo) -> Measured:
    """Return what the history says of a time."""
    found = Measured()
    wide = history.width_for(period.begins, MINUTE)
    for day in pairwise(days(period, zone)):
        starts = _hours(*day)
        edges = [_aligned(edge, wide) for edge in (*starts, day[1])]
        await _add(found, await _day(history, hotel, edges), starts)
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


async def _day(history: History, hotel: str, edges: Sequence[datetime]) -> list[tuple[CheckId, int, Tally]]:
    """Return what was counted in each hour of a day; of minutes no more than an hour is read at once."""
    whole = all(edge.minute == edge.second == 0 for edge in edges)
    pieces = [tuple(edges)] if whole else list(pairwise(edges))
    found = []
    for place, piece in enumerate(pieces):
        if piece[0] < piece[-1]:
            counted = await history.counted(hotel, edges=piece)
            for check, places in counted.items():
                found += [(check, place + at, tally) for at, tally in places.items()]
            await asyncio.sleep(0)
    return found


async def _add(
    found: Measured, counted: Sequence[tuple[CheckId, int, Tally]], starts: Sequence[datetime]
) -> None:
    """Count a day: of each integration every hour, and all of them together."""
    hours: dict[str, dict[int, Tally]] = {}
    looked: set[int] = set()
    for number, (check, place, tally) in enumerate(counted, 1):
        found.checks.setdefault(check, Tally()).merge(tally)
        hour = hours.setdefault(check.integration, {}).setdefault(place, Tally())
        hour.merge(tally, alike=False)
        if tally.runs:
            looked.add(place)
        if number % TOGETHER == 0:
            await asyncio.sleep(0)
    if found.known_from is None and looked:
        found.known_from = starts[min(looked)]
    if found.known_from is not None:
        since = [place for place, start in enumerate(starts) if start >= found.known_from]
        found.gaps += len(set(since) - looked)
    for name in found.integrations.keys() | hours.keys():
        whole = found.integrations.get(name) or found.unknown()
        found.integrations[name] = whole
        _add_to(whole, hours.get(name, {}), starts)
        await asyncio.sleep(0)
    found.hours += starts
    found.days.append(starts[0])


def _add_to(whole: Whole, hours: Mapping[int, Tally], starts: Sequence[datetime]) -> None:
    day, nothing = Tally(), Tally()
    for place, start in enumerate(starts):
        hour = hours.get(place, nothing)
        whole.hours.append(stretch_of(start, hour))
        day.merge(hour)
    whole.days.append(stretch_of(starts[0], day))
    whole.tally.merge(day)


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
