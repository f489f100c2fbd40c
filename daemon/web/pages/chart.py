"""A chart of response times: numbers in, the lines and labels of a drawing out.

Lines are in a square of 1000 by 1000 that is stretched to whatever there is; labels are placed in percent.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.message_text import number

SIDE = 1000.0
LONGEST = 3_600_000.0
"""Milliseconds that are drawn at the most."""

FAR = 4.0
"""A limit that is so many times beyond all that was measured is told of and not drawn: all would be flat."""

STEPS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
DAY = timedelta(days=1)
DOT = 6.0
"""How wide a point is drawn that stands alone."""


@dataclass(frozen=True, slots=True)
class Point:
    """Response times of one stretch of time, in milliseconds; None where there was no answer."""

    at: datetime
    mean: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Label:
    """A word beside an axis, and where: `place` is in percent from the left or from above."""

    place: float
    word: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing. `mean` and `high` are lines; `limit` is where the limit is from above, None if not drawn."""

    mean: str
    high: str
    limit: float | None
    limit_word: str
    levels: tuple[Label, ...]
    times: tuple[Label, ...]
    description: str


def chart(
    points: Iterable[Point],
    start: datetime,
    end: datetime,
    *,
    limit: float | None,
    apart: timedelta,
    zone: ZoneInfo,
) -> Chart | None:
    """Return the chart of points from `start` to `end`; None when there is nothing to draw.

    Points further apart than `apart` are not joined.
    """
    if end <= start:
        return None
    told = limit if limit is not None and math.isfinite(limit) and limit > 0 else None
    seen = sorted((_sound(one) for one in points if start <= one.at <= end), key=lambda one: one.at)
    values = [value for one in seen for value in (one.mean, one.high) if value is not None]
    if not values:
        return None
    top = _top(max(values), told)
    frame = _Frame(start, end, top, apart)
    drawn = told is not None and told <= top
    return Chart(
        mean=frame.line([(one.at, one.mean) for one in seen]),
        high=frame.line([(one.at, one.high) for one in seen]),
        limit=round(100 - 100 * told / top, 2) if drawn and told is not None else None,
        limit_word="" if told is None else f"limit {milliseconds(told)}",
        levels=tuple(Label(100.0 - 50 * step, milliseconds(top * step / 2)) for step in range(3)),
        times=tuple(_times(start, end, zone)),
        description=_description(seen, told),
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    start: datetime
    end: datetime
    top: float
    apart: timedelta

    def line(self, values: Sequence[tuple[datetime, float | None]]) -> str:
        """Return a line through values; one that stands alone is a dash."""
        return "".join(_stroke([self._place(*one) for one in run]) for run in self._runs(values))

    def _runs(
        self, values: Sequence[tuple[datetime, float | None]]
    ) -> Iterator[list[tuple[datetime, float]]]:
        run: list[tuple[datetime, float]] = []
        for at, value in values:
            if run and (value is None or at - run[-1][0] > self.apart):
                yield run
                run = []
            if value is not None:
                run.append((at, value))
        if run:
            yield run

    def _place(self, at: datetime, value: float) -> tuple[float, float]:
        x = SIDE * ((at - self.start) / (self.end - self.start))
        return x, SIDE - SIDE * value / self.top


def _stroke(places: list[tuple[float, float]]) -> str:
    if len(places) == 1:
        x, y = places[0]
        return f"M{max(0.0, x - DOT / 2):.1f} {y:.1f}h{DOT:.1f}"
    return f"M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in places)}"


def _sound(one: Point) -> Point:
    return Point(one.at, _number(one.mean), _number(one.high))


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) or value < 0 else min(value, LONGEST)


def _top(highest: float, limit: float | None) -> float:
    """Return where the axis ends: a round number that leaves room above all that is drawn."""
    wanted = highest * 1.05
    if limit is not None and limit <= FAR * highest:
        wanted = max(wanted, limit * 1.1)
    wanted = max(wanted, 1.0)
    size = 10.0 ** math.floor(math.log10(wanted))
    return size * next((step for step in STEPS if step * size >= wanted), 10.0)


def _times(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Label]:
    """Yield the words below the chart: hours of a day, days of a week, dates of a month."""
    span = end - start
    first = start.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    if span <= 2 * DAY:
        steps = (first + timedelta(hours=hour) for hour in range(1, 50))
        wanted = [at for at in steps if at.hour % 6 == 0]
    else:
        every = 1 if span <= 8 * DAY else 5
        wanted = [first.replace(hour=0) + timedelta(days=day) for day in range(1, 40, every)]
    for at in wanted:
        place = 100 * ((at - start) / span)
        if 4 <= place <= 96:
            yield Label(round(place, 2), _word(at, span))


def _word(at: datetime, span: timedelta) -> str:
    if span <= 2 * DAY:
        return f"{at:%H:%M}"
    return f"{at:%a}" if span <= 8 * DAY else f"{at.day} {at:%b}"


def _description(points: Sequence[Point], limit: float | None) -> str:
    means = [one.mean for one in points if one.mean is not None]
    highs = [one.high for one in points if one.high is not None]
    said = []
    if means:
        said.append(f"mean between {milliseconds(min(means))} and {milliseconds(max(means))}")
    if highs:
        said.append(f"95 in 100 answers within {milliseconds(max(highs))} at the worst")
    if limit is not None:
        said.append(f"limit {milliseconds(limit)}")
    return "; ".join(said)


def milliseconds(value: float) -> str:
    """Return a time as people read it, such as `180 ms` or `1.2 s`."""
    return number(value, "ms") if value < 1000 else number(value / 1000, "s")
