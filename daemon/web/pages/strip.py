"""A strip of cells, one a stretch of time: how something was, at a glance and in words."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from alerts.message_text import hotel_time

TODAY = "today"
SHORTEST_DAY = timedelta(hours=20)
"""A day can be that short, where clocks are set twice."""


class Looks(Protocol):
    """The runs of one check in one stretch of time, counted; `failures` are the critical ones."""

    @property
    def start(self) -> datetime:
        """When the stretch begins."""
        ...

    @property
    def runs(self) -> int:
        """All of them."""
        ...

    @property
    def warnings(self) -> int:
        """Those that ended as a warning."""
        ...

    @property
    def failures(self) -> int:
        """Those that ended critical."""
        ...

    @property
    def unknowns(self) -> int:
        """Those that could not look."""
        ...


class Tone(StrEnum):
    """How a stretch of time was, the best first."""

    NONE = "none"
    GOOD = "good"
    DIM = "dim"
    FAIR = "fair"
    BAD = "bad"


RANK = {tone: rank for rank, tone in enumerate(Tone)}
WORDS = {
    Tone.NONE: "nothing recorded",
    Tone.GOOD: "good",
    Tone.DIM: "could not look",
    Tone.FAIR: "some trouble",
    Tone.BAD: "failing",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One stretch of time: `known` looks that had a verdict, `good` of them ok."""

    start: datetime
    end: datetime
    tone: Tone = Tone.NONE
    known: int = 0
    good: int = 0

    @property
    def word(self) -> str:
        """Say how it was."""
        return WORDS[self.tone]

    @property
    def share(self) -> float | None:
        """The percentage of its looks that were good, None where there was none."""
        return 100 * self.good / self.known if self.known else None


@dataclass(frozen=True, slots=True)
class Strip:
    """Cells in the order of time, and what they amount to in one sentence."""

    cells: tuple[Cell, ...]
    summary: str


def strip(
    checks: Iterable[Iterable[Looks]], edges: Sequence[datetime], now: datetime, zone: ZoneInfo
) -> Strip:
    """Return the strip of some checks, a cell from each edge to the next: as the worst of them was."""
    known = [tuple(series) for series in checks]
    found: list[list[Count]] = [[] for _ in range(len(edges) - 1)]
    place = placing(edges)
    for series in known:
        for at, count in _counted(series, place, len(found)).items():
            found[at].append(count)
    cells = tuple(_cell(some, *ends) for some, ends in zip(found, pairwise(edges), strict=True))
    began = min(
        (one.start for series in known for one in series if one.runs > 0 and one.start >= edges[0]),
        default=edges[0],
    )
    return Strip(cells, summary(cells, now, zone, began))


@dataclass(slots=True)
class Count:
    """The runs of one check in one cell."""

    known: int = 0
    unknowns: int = 0
    warnings: int = 0
    failures: int = 0


def placing(edges: Sequence[datetime]) -> Callable[[datetime], int]:
    """Return what finds the place of a time between edges, and remembers it: many checks have the same."""
    return cache(lambda at: bisect_right(edges, at) - 1)


def _counted(series: Iterable[Looks], place: Callable[[datetime], int], last: int) -> dict[int, Count]:
    """Return the runs of a check by the place of their cell; what lies outside of the strip is left out."""
    found: dict[int, Count] = defaultdict(Count)
    for one in series:
        if one.runs > 0 and 0 <= (at := place(one.start)) < last:
            count = found[at]
            count.known += max(0, one.runs - max(0, one.unknowns))
            count.unknowns += max(0, one.unknowns)
            count.warnings += max(0, one.warnings)
            count.failures += max(0, one.failures)
    return found


def _cell(counts: Sequence[Count], start: datetime, end: datetime) -> Cell:
    known = sum(one.known for one in counts)
    good = sum(max(0, one.known - one.warnings - one.failures) for one in counts)
    tone = max((_tone(one) for one in counts), key=RANK.__getitem__, default=Tone.NONE)
    return Cell(start, end, tone, known, good)


def _tone(one: Count) -> Tone:
    """Return how a check was: failing when it failed in half of its looks or more."""
    if one.known == 0:
        return Tone.DIM
    if one.failures > 0 and one.failures * 2 >= one.known:
        return Tone.BAD
    return Tone.FAIR if one.failures > 0 or one.warnings > 0 else Tone.GOOD


def summary(cells: Sequence[Cell], now: datetime, zone: ZoneInfo, began: datetime) -> str:
    """Say what cells amount to, such as `99.2 % of looks good, worst 03:00 to 04:00`.

    `began` is the first look.
    """
    seen = [cell for cell in cells if cell.known]
    if not seen:
        blind = any(cell.tone is Tone.DIM for cell in cells)
        return "could not look" if blind else "nothing recorded yet"
    said = [f"{percent(100 * sum(one.good for one in seen) / sum(one.known for one in seen))} of looks good"]
    worst = min(seen, key=lambda one: (-RANK[one.tone], one.good / one.known))
    if worst.tone in {Tone.FAIR, Tone.BAD} and len(seen) > 1:
        said.append(f"worst {_lasts_on(worst, now, zone)}")
    first = next(one for one in cells if one.tone is not Tone.NONE)
    if first is not cells[0]:
        days = first.end - first.start >= SHORTEST_DAY
        since = _since(first, now, zone) if days else f"since {hotel_time(began, now, zone)}"
        said.append(f"recorded {since}")
    return ", ".join(said)


def _lasts_on(cell: Cell, now: datetime, zone: ZoneInfo) -> str:
    said = stretch(cell, now, zone)
    return _since(cell, now, zone) if cell.end > now and said != TODAY else said


def _since(cell: Cell, now: datetime, zone: ZoneInfo) -> str:
    return f"since {stretch(cell, now, zone).partition(' to ')[0]}"


def percent(value: float) -> str:
    """Return a percentage that says 100 only when it is, and 0 only when it is."""
    return (
        f"{value:.0f} %"
        if value in {0.0, 100.0}
        else f"{min(99.9, max(0.1, math.floor(value * 10) / 10)):.1f} %"
    )


def stretch(cell: Cell, now: datetime, zone: ZoneInfo) -> str:
    """Return when a cell begins and ends in hotel time, such as `03:00 to 04:00` or `12 Nov`."""
    first = hotel_time(cell.start, now, zone)
    start, last = cell.start.astimezone(zone), cell.end.astimezone(zone)
    if cell.end - cell.start >= SHORTEST_DAY and start.hour == last.hour == 0:
        return hotel_time(cell.start, now, zone, "").strip() or TODAY
    if last.date() == start.date() or last.hour == last.minute == 0:
        return f"{first} to {last:%H:%M}"
    return f"{first} to {hotel_time(cell.end, now, zone)}"
