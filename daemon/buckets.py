"""What the history says, as people and programs look at it: a row of buckets."""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from checks.result import CheckId
from daemon.tally import DAY, HOUR, MINUTE, Stored, Tally, places

SLICE = 50
"""Rows read without giving way to the event loop."""

NO_PEAKS: Mapping[str, float] = MappingProxyType({})


class Span(StrEnum):
    """What people look back over, with the widths that suit it: `cell` of a strip, `point` of a chart."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return _WIDTHS[self.value][0]

    @property
    def cell(self) -> timedelta:
        """How much one cell of a strip tells of: 12, 24, 28 or 30 of them."""
        return _WIDTHS[self.value][1]

    @property
    def point(self) -> timedelta:
        """How much one point of a chart tells of: 60, 96, 168 or 120 of them."""
        return _WIDTHS[self.value][2]


_WIDTHS: Final[Mapping[str, tuple[timedelta, timedelta, timedelta]]] = MappingProxyType(
    {
        "1h": (timedelta(hours=1), timedelta(minutes=5), timedelta(minutes=1)),
        "24h": (timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)),
        "7d": (timedelta(days=7), timedelta(hours=6), timedelta(hours=1)),
        "30d": (timedelta(days=30), timedelta(days=1), timedelta(hours=6)),
    }
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """How runs did from `start` on, for some seconds.

    `mean`, `p50` and `p95` are seconds, None of no durations. Durations are response times where a check
    measures them; a run that got no answer has none. A warning is no failure, and `unknowns` are runs that
    could not look. `peaks` are the extremes, and the sums of what is counted, by the names of
    `daemon.tally.Peak`.
    """

    start: datetime
    seconds: int
    runs: int = 0
    warnings: int = 0
    failures: int = 0
    unknowns: int = 0
    mean: float | None = None
    p50: float | None = None
    p95: float | None = None
    peaks: Mapping[str, float] = field(default_factory=lambda: NO_PEAKS)

    @property
    def success_rate(self) -> float | None:
        """The percentage of runs that did not fail, of those that could look; None of none."""
        known = self.runs - self.unknowns
        return 100 * (known - self.failures) / known if known else None


Series = Sequence[Bucket]


def series(edges: Sequence[datetime], tallies: Mapping[int, Tally]) -> Series:
    """Return a bucket from each edge to the next, by what was counted after it, by its place."""
    nothing = Tally()
    times = ((span, tallies.get(place, nothing)) for place, span in enumerate(pairwise(edges)))
    return [
        Bucket(
            start=start,
            # A day may have 23 hours, which its own time zone does not show.
            seconds=round(end.timestamp() - start.timestamp()),
            runs=one.runs,
            warnings=one.warnings,
            failures=one.failures,
            unknowns=one.unknowns,
            mean=one.mean,
            p50=one.percentile(0.5),
            p95=one.percentile(0.95),
            # What is kept in single precision is true to seven digits.
            peaks={peak.value: float(f"{value:.7g}") for peak, value in one.peaks.items()},
        )
        for (start, end), one in times
    ]


def coarsest(marks: Sequence[int]) -> int:
    """Return the width of the widest rows that do not reach over any of these minutes."""
    return next((width for width in (DAY, HOUR) if all(mark % width == 0 for mark in marks)), MINUTE)


async def sorted_in(
    rows: Sequence[Stored], check: str | None, marks: Sequence[int]
) -> dict[CheckId, dict[int, Tally]]:
    """Return for each check, or those of one name, what rows say of the times from mark to mark, by place.

    A row counts where it begins, one from before the first mark in the first bucket. Others have their turn
    meanwhile.
    """
    found: dict[CheckId, dict[int, Tally]] = {}
    last = len(marks) - 2
    for number, row in enumerate(rows, 1):
        at = bisect_right(marks, row.start) - 1
        if at <= last and row.start + row.width > marks[0]:
            _take(row, check, max(at, 0), found)
        if number % SLICE == 0:
            await asyncio.sleep(0)
    return dict(sorted(found.items()))


def _take(row: Stored, check: str | None, at: int, found: dict[CheckId, dict[int, Tally]]) -> None:
    """Merge a row into its bucket; what is damaged is left out."""
    try:
        for name, place in places(row.body):
            if check is None or name == check:
                tallies = found.setdefault(CheckId(row.hotel, row.integration, name), {})
                tally = tallies.get(at)
                if tally is None:
                    tally = tallies[at] = Tally()
                tally.absorb(row.body, place)
    except (IndexError, ValueError):
        return
