"""How an integration was: its record of a day, a week or a month, as strips, charts and tables."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from checks.check import Check
from checks.result import RESPONSE_TIME, CheckId
from daemon.buckets import Bucket, Span
from daemon.web.pages.chart import Chart, Point, chart, milliseconds
from daemon.web.pages.strip import Cell, Strip, Tone, percent, placing, stretch, strip

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

Series = Mapping[CheckId, Sequence[Bucket]]


@dataclass(frozen=True, slots=True)
class View:
    """A span as it is shown: `points` of a chart in each cell of its strip, and how many cells there are."""

    span: Span
    name: str
    cells: int
    points: int

    def edges(self, now: datetime, zone: ZoneInfo) -> list[datetime]:
        """Return where its cells begin, and where the last, which holds `now`, ends: whole in hotel time."""
        local, cell = now.astimezone(zone), self.span.cell
        if cell <= HOUR:
            minutes = cell // MINUTE
            begun = timedelta(
                minutes=local.minute % minutes, seconds=local.second, microseconds=local.microsecond
            )
            first = now.astimezone(UTC) - begun
            return [first + (place - self.cells + 1) * cell for place in range(self.cells + 1)]
        hours = cell // HOUR
        # On the clock on the wall: days are not always of the same length.
        first = local.replace(hour=local.hour // hours * hours if hours < 24 else 0, minute=0, second=0)
        wall = first.replace(microsecond=0, tzinfo=None, fold=0)
        walls = (wall + (place - self.cells + 1) * cell for place in range(self.cells + 1))
        return [one.replace(tzinfo=zone).astimezone(UTC) for one in walls]

    def marks(self, edges: Sequence[datetime]) -> list[datetime]:
        """Return where its points begin, and where the last one ends."""
        found = [
            start + (end - start) * part / self.points
            for start, end in pairwise(edges)
            for part in range(self.points)
        ]
        return [*found, edges[-1]]


CARD = View(Span.DAY, "24 hours", cells=24, points=1)
LATELY = View(Span.HOUR, "1 hour", cells=12, points=5)
"""What a card shows of a record that has only just begun."""

YOUNG = 2 * HOUR
VIEWS = (
    LATELY,
    View(Span.DAY, "24 hours", cells=24, points=4),
    View(Span.WEEK, "7 days", cells=28, points=6),
    View(Span.MONTH, "30 days", cells=30, points=4),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table behind a strip and a chart."""

    when: str
    word: str
    tone: str
    looks: str
    good: str
    mean: str
    high: str


@dataclass(frozen=True, slots=True)
class Past:
    """The record of a span; `chart` is None without response times; `means` are those of its cells."""

    view: View
    strip: Strip
    chart: Chart | None
    means: Sequence[Point | None]


def past(series: Series, checks: Iterable[Check], view: View, now: datetime, zone: ZoneInfo) -> Past:
    """Return the record of these checks."""
    edges, known = view.edges(now, zone), list(checks)
    marks = view.marks(edges)
    answering = [series[check.id] for check in known if answers(check) and check.id in series]
    lines = chart(
        (point for point in _points(answering, marks) if point is not None),
        edges[0],
        edges[-1],
        limit=limit_of(known),
        apart=1.5 * max(end - start for start, end in pairwise(marks)),
        zone=zone,
    )
    looked = [series[check.id] for check in known if check.id in series]
    return Past(view, strip(looked, edges, now, zone), lines, _points(answering, edges))


async def drawn(series: Series, checks: Iterable[Check], view: View, now: datetime, zone: ZoneInfo) -> Past:
    """Return the same; of many checks that takes long, so others have their turn meanwhile."""
    return await asyncio.to_thread(past, series, list(checks), view, now, zone)


def young(series: Series, now: datetime) -> bool:
    """Say whether a record has only just begun."""
    return not any(one.runs and one.start < now - YOUNG for several in series.values() for one in several)


def answers(check: Check) -> bool:
    """Say whether the response time is what a check measures."""
    return check.type.measurement == RESPONSE_TIME


def limit_of(checks: Iterable[Check]) -> float | None:
    """Return the limit of the mean response time in milliseconds, the lowest there is."""
    return min((1000 * check.response_limit for check in checks if answers(check)), default=None)


def _points(several: Iterable[Sequence[Bucket]], edges: Sequence[datetime]) -> list[Point | None]:
    """Return the response times from each edge to the next."""
    found: dict[int, list[Bucket]] = defaultdict(list)
    place = placing(edges)
    for series in several:
        for one in series:
            if one.mean is not None or one.p95 is not None:
                found[place(one.start)].append(one)
    return [
        _point(found.get(place, ()), start + (end - start) / 2)
        for place, (start, end) in enumerate(pairwise(edges))
    ]


def _point(some: Collection[Bucket], at: datetime) -> Point | None:
    """Return the mean by the weight of the runs, and the highest p95."""
    means = [(one.mean, max(1, one.runs)) for one in some if one.mean is not None and math.isfinite(one.mean)]
    highs = [one.p95 for one in some if one.p95 is not None and math.isfinite(one.p95)]
    if not means and not highs:
        return None
    weight = sum(runs for _, runs in means)
    mean = sum(value * runs for value, runs in means) / weight if means else None
    return Point(at, _milli(mean), _milli(max(highs, default=None)))


def _milli(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def table(one: Past, now: datetime, zone: ZoneInfo) -> Iterator[Line]:
    """Yield the table of a record, the newest first; stretches of which nothing is recorded are left out."""
    pairs = list(zip(one.strip.cells, one.means, strict=True))
    for cell, point in reversed(pairs):
        if cell.tone is not Tone.NONE:
            yield _line(cell, point, now, zone)


def _line(cell: Cell, point: Point | None, now: datetime, zone: ZoneInfo) -> Line:
    return Line(
        when=stretch(cell, now, zone),
        word=cell.word,
        tone=cell.tone,
        looks=f"{cell.known:,}",
        good="" if cell.share is None else percent(cell.share),
        mean="" if point is None or point.mean is None else milliseconds(point.mean),
        high="" if point is None or point.high is None else milliseconds(point.high),
    )
