"""How unusual a silence is, learned from how many came in each hour of each weekday of the weeks before it.

What comes is counted in quarters of an hour in which anything came, so that a group that is booked at once is
about one. Their number scatters by more than chance (a slow day is slow from morning to evening, and what is
left of groups comes together): how much is taken from the weeks seen. A silence is judged by a Poisson rate
that is itself gamma-distributed, each day's for itself.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

WEEKS = 8
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
RECENT = 14 * DAY
"""Seconds whose level is held against that of all weeks, for a demand that falls."""
PRIOR = 2.0
"""Hours that each hour of a weekday is drawn with towards what its hour and its weekday make likely."""
QUIET = 0.5
"""What is expected on a public holiday, as a share of the usual: a hotel's own are too few to learn."""
LEAST_SCATTER = 0.05
USUAL = 20.0
"""A gap is usual up to that which one in so many exceeds."""
FURTHEST = 60 * DAY
"""Seconds of silence looked ahead for the one that is rare enough."""

Slot = tuple[date, int]
"""A day of the hotel and an hour of it."""


class Piece(NamedTuple):
    """A stretch within an hour of the hotel's clock, and its length in hours."""

    day: date
    hour: int
    hours: float


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is expected in each hour of each weekday, and how far it scatters.

    `rates` are by weekday and hour. `by_day` and `by_quarter` are by how much the squares of the relative
    deviations exceed chance, of days and of quarters of days; `doubt` is the same for the level as such.
    `clumps` is how many come at once, as chance would have it, and `slow` the share of the usual that the
    last day leads to expect of the next. `seen` is what it was learned from, `weeks` how much there was.
    """

    rates: tuple[tuple[float, ...], ...]
    by_day: float
    by_quarter: float
    doubt: float
    clumps: float
    slow: float
    seen: int
    weeks: float
    zone: tzinfo
    quiet: Collection[date]

    def expected(self, begins: float, ends: float) -> float:
        """Return how many were to be expected between two Unix times."""
        return sum(self._of(piece) for piece in _pieces(begins, ends, self.zone))

    def one_in(self, begins: float, ends: float) -> float:
        """Return in how many such stretches one passes without anything."""
        days: defaultdict[date, float] = defaultdict(float)
        quarters: defaultdict[Slot, float] = defaultdict(float)
        for piece in _pieces(begins, ends, self.zone):
            some = self.share(piece)
            days[piece.day] += some
            quarters[piece.day, piece.hour // 6] += some
        return self._odds(
            min(_weight(days.values(), self.by_day), _weight(quarters.values(), self.by_quarter))
        )

    def share(self, piece: Piece) -> float:
        """Return how much a stretch without anything weighs, before it is held against scatter."""
        return self.slow * self._of(piece) / self.clumps

    def _odds(self, weight: float) -> float:
        return math.exp(min(700.0, math.log1p(self.doubt * weight) / self.doubt))

    def rare_after(self, begins: float, one_in: float) -> float:
        """Return the seconds of silence from `begins` that only one in so many reaches; at most FURTHEST."""
        stretch = _Stretch(self, _pieces(begins, begins + 2 * FURTHEST, self.zone))
        return _least(lambda silent: self._odds(stretch.weight(silent)) >= one_in)

    def usual(self, ends: float) -> float:
        """Return the seconds that a gap which ends at a Unix time usually has at the most."""
        stretch = _Stretch(self, _backwards(ends, self.zone))
        return _least(lambda silent: self._odds(stretch.weight(silent)) >= USUAL)

    def _of(self, piece: Piece) -> float:
        rate = self.rates[piece.day.weekday()][piece.hour] * piece.hours
        return QUIET * rate if piece.day in self.quiet else rate


class _Grown(NamedTuple):
    """A stretch up to a piece: its seconds, what whole blocks weigh, and what there is of the last one."""

    seconds: float
    by_day: float
    by_quarter: float
    of_day: float
    of_quarter: float


class _Stretch:
    """A stretch that grows piece by piece, as far as it is asked for: each piece is weighed once."""

    def __init__(self, rhythm: Rhythm, pieces: Iterator[Piece]) -> None:
        self._rhythm = rhythm
        self._pieces = pieces
        self._known: list[Piece] = []
        self._grown = [_Grown(0.0, 0.0, 0.0, 0.0, 0.0)]

    def weight(self, seconds: float) -> float:
        """Return minus the logarithm of the chance that nothing comes in so many seconds of it."""
        while self._grown[-1].seconds < seconds:
            self._known.append(next(self._pieces))
            self._grown.append(self._with(len(self._known) - 1, self._known[-1].hours))
        last = bisect_left(self._grown, seconds, key=lambda one: one.seconds) - 1
        if last < 0:
            return 0.0
        grown = self._with(last, (seconds - self._grown[last].seconds) / HOUR)
        return min(
            grown.by_day + _weight((grown.of_day,), self._rhythm.by_day),
            grown.by_quarter + _weight((grown.of_quarter,), self._rhythm.by_quarter),
        )

    def _with(self, number: int, hours: float) -> _Grown:
        """Return it with so much of a piece: one of another block closes the one before."""
        seconds, by_day, by_quarter, of_day, of_quarter = self._grown[number]
        piece = self._known[number]._replace(hours=hours)
        before = self._known[number - 1] if number else piece
        some = self._rhythm.share(piece)
        if piece.day != before.day:
            by_day, of_day = by_day + _weight((of_day,), self._rhythm.by_day), 0.0
        if (piece.day, piece.hour // 6) != (before.day, before.hour // 6):
            by_quarter, of_quarter = by_quarter + _weight((of_quarter,), self._rhythm.by_quarter), 0.0
        return _Grown(seconds + hours * HOUR, by_day, by_quarter, of_day + some, of_quarter + some)


def learn(
    came: Mapping[Slot, int], begins: float, ends: float, zone: tzinfo, quiet: Collection[date] = frozenset()
) -> Rhythm:
    """Return the rhythm of what came in each hour of a hotel's clock between two Unix times.

    `quiet` are the days on which less is expected: they teach nothing of other days.
    """
    pieces = [one for one in _pieces(begins, ends, zone) if one.day not in quiet]
    rates = _rates(came, pieces)
    recent, usual = _since(came, pieces, rates, datetime.fromtimestamp(ends - RECENT, zone))
    level = min(1.0, (recent + 1) / (usual + 1))
    weeks = sum(piece.hours for piece in pieces) / 168
    days, quarters = (_blocks(came, pieces, rates, hours, weeks) for hours in (24, 6))
    clumps = _clumps(quarters)
    by_day, by_quarter = _scatter(days, clumps), _scatter(quarters, clumps)
    last, usual = _since(came, pieces, rates, datetime.fromtimestamp(ends - DAY, zone))
    return Rhythm(
        tuple(tuple(level * rate for rate in row) for row in rates),
        by_day,
        by_quarter,
        clumps / (recent + 1),
        clumps,
        min(1.0, (clumps / by_day + last) / (clumps / by_day + level * usual)),
        sum(came.values()),
        weeks,
        zone,
        quiet,
    )


def _weight(blocks: Iterable[float], scatter: float) -> float:
    """Return minus the logarithm of the chance that nothing comes in any of the blocks."""
    return sum(math.log1p(scatter * some) for some in blocks) / scatter


def _rates(came: Mapping[Slot, int], pieces: Iterable[Piece]) -> list[list[float]]:
    """Return how many come an hour, by weekday and hour; what is thin leans on its hour and its weekday."""
    seen = [[0.0] * 24 for _ in range(7)]
    hours = [[0.0] * 24 for _ in range(7)]
    for piece in pieces:
        hours[piece.day.weekday()][piece.hour] += piece.hours
        seen[piece.day.weekday()][piece.hour] += came.get((piece.day, piece.hour), 0)
    hourly = [_share(sum(row[hour] for row in seen), sum(row[hour] for row in hours)) for hour in range(24)]
    daily = [
        _share(sum(seen[day]), sum(hourly[hour] * hours[day][hour] for hour in range(24))) for day in range(7)
    ]
    return [
        [
            (seen[day][hour] + PRIOR * hourly[hour] * daily[day]) / (hours[day][hour] + PRIOR)
            for hour in range(24)
        ]
        for day in range(7)
    ]


def _share(some: float, of: float) -> float:
    return some / of if of > 0 else 0.0


def _since(
    came: Mapping[Slot, int], pieces: Iterable[Piece], rates: list[list[float]], since: datetime
) -> tuple[float, float]:
    """Return how many came since then, and how many usually do."""
    late = [piece for piece in pieces if (piece.day, piece.hour) > (since.date(), since.hour)]
    usual = sum(rates[piece.day.weekday()][piece.hour] * piece.hours for piece in late)
    return float(sum(came.get((piece.day, piece.hour), 0) for piece in late)), usual


def _blocks(
    came: Mapping[Slot, int], pieces: Iterable[Piece], rates: list[list[float]], length: int, weeks: float
) -> list[tuple[float, float]]:
    """Return what is usual in each block of so many hours, and the square of how far it was from that."""
    seen: defaultdict[Slot, float] = defaultdict(float)
    usual: defaultdict[Slot, float] = defaultdict(float)
    for piece in pieces:
        block = piece.day, piece.hour // length
        seen[block] += came.get((piece.day, piece.hour), 0)
        usual[block] += rates[piece.day.weekday()][piece.hour] * piece.hours
    # The rates were taken from the same weeks: they follow what they are held against.
    fitted = weeks / (weeks - 1) if weeks > 1 else 1.0
    return [(some, fitted * (seen[block] - some) ** 2) for block, some in usual.items()]


def _clumps(blocks: list[tuple[float, float]]) -> float:
    """Return how many come at once, as chance would have it: at least 1. The slower half of blocks tells."""
    slow = sorted(blocks)[: (len(blocks) + 1) // 2]
    return max(1.0, _share(sum(square for _, square in slow), sum(some for some, _ in slow)))


def _scatter(blocks: list[tuple[float, float]], clumps: float) -> float:
    """Return by how much the squares of relative deviations exceed chance."""
    over = sum(square - clumps * some for some, square in blocks)
    return max(LEAST_SCATTER, _share(over, sum(some**2 for some, _ in blocks)))


def _least(enough: Callable[[float], bool]) -> float:
    """Return the least seconds that are enough, to the minute; FURTHEST where none are."""
    low, high = 0.0, HOUR
    while high < FURTHEST and not enough(high):
        low, high = high, 2 * high
    while high - low > MINUTE:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return min(high, FURTHEST)


def _backwards(ends: float, zone: tzinfo) -> Iterator[Piece]:
    """Yield the hours of the hotel's clock before a Unix time, the latest first."""
    while True:
        yield from reversed(list(_pieces(ends - DAY, ends, zone)))
        ends -= DAY


def _pieces(begins: float, ends: float, zone: tzinfo) -> Iterator[Piece]:
    """Yield the hours of the hotel's clock between two Unix times; one that summer time repeats is one of
    two hours, one that it leaves out is none."""
    at = datetime.fromtimestamp(begins, zone).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    start = at.replace(tzinfo=zone).timestamp()
    while start < ends:
        following = at + timedelta(hours=1)
        end = following.replace(tzinfo=zone).timestamp()
        hours = (min(end, ends) - max(start, begins)) / HOUR
        if hours > 0:
            yield Piece(at.date(), at.hour, hours)
        at, start = following, end
