"""Simulated months of honest hotels: `python -m tests.rhythm [--months N]`.

No month may give a false alarm of silence. Then the bookings stop, at any time of the month, and it is
measured how long that takes to be told. The rule for statements of one's own, five times the longest usual
gap, is held against it in the same months.
"""

import argparse
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from checks.rhythm import DAY, HOUR
from checks.tables import usual_gap
from checks.tables.reservations import LEAST_SILENCE, RARE
from tests.support.booking_hotels import FIRST, LEARNT, SIZES, bookings, learnt, quarters

WORST = 6
"""Gaps of a month that are looked at: those in which most was to be expected."""
NEVER = 60 * DAY


@dataclass(frozen=True, slots=True)
class Outcome:
    """A hotel's month: the rarest of its gaps, false alarms of the other rule, and both delays in hours."""

    size: int
    rarest: float
    others: int
    delay: float
    others_delay: float


def live(seed: int, size: int) -> Outcome:
    """Live through a month of a hotel of so many bookings a day."""
    random = Random(seed)  # noqa: S311 - a hotel, not a secret
    made = bookings(random, size)
    stops = FIRST + LEARNT * DAY + random.random() * 28 * DAY
    until = made[: bisect_right(made, stops)]
    rhythm = learnt(until, quarters(until), until[-1])
    told = until[-1] + max(LEAST_SILENCE, rhythm.rare_after(until[-1], RARE))
    other = next(_others(until, until[-1], NEVER), NEVER)
    return Outcome(
        size,
        _rarest(made),
        sum(any(_others(made, before, gap)) for before, gap in _gaps(made, 6 * HOUR)),
        max(0.0, told - stops) / HOUR,
        max(0.0, until[-1] + other - stops) / HOUR,
    )


def _gaps(made: list[float], least: float) -> list[tuple[float, float]]:
    first = bisect_left(made, FIRST + LEARNT * DAY)
    pairs = zip(made[first - 1 :], made[first:], strict=False)
    return [(before, at - before) for before, at in pairs if at - before >= least]


def _rarest(made: list[float]) -> float:
    """Return the odds of the month's rarest gap, of those that are long enough to be told of."""
    came = quarters(made)
    usual = learnt(made, came, made[bisect_left(made, FIRST + LEARNT * DAY)])
    gaps = sorted(_gaps(made, LEAST_SILENCE), key=lambda one: usual.expected(one[0], sum(one)))
    odds = (learnt(made, came, before).one_in(before, before + gap) for before, gap in gaps[-WORST:])
    return max(odds, default=1.0)


def _others(made: list[float], newest: float, silent: float) -> Iterator[float]:
    """Yield the silences, by half hours, at which the other rule tells of it."""
    first = bisect_right(made, newest - 28 * DAY)
    if bisect_right(made, newest) - first < 30 or newest - made[first] < 14 * DAY:
        return
    after = usual_gap.LEAST_SILENCE
    while after <= silent:
        longest = max(_around(made, first, newest, newest + after), default=None)
        if longest is not None and after > max(usual_gap.TIMES * longest, usual_gap.LEAST_SILENCE):
            yield after
        after += HOUR / 2


def _around(made: list[float], first: int, newest: float, now: float) -> Iterator[float]:
    """Yield the gaps around this hour of this weekday in the 28 days before the newest."""
    for week in range(1, 6):
        moment = now - 7 * week * DAY
        if newest - 28 * DAY < moment < newest:
            place = max(first + 1, bisect_right(made, moment - HOUR))
            while place < len(made) and made[place] <= newest and made[place - 1] < moment + HOUR:
                yield made[place] - made[place - 1]
                place += 1


def figures(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a line for each size of hotel."""
    for size in SIZES:
        some = [one for one in outcomes if one.size == size]
        if some:
            false, others = sum(map(_false, some)), sum(one.others > 0 for one in some)
            yield (
                f"{size} a day, {len(some)} months: false in {false}, "
                f"delay {_spread([one.delay for one in some])}; "
                f"usual gap: false in {others}, delay {_spread([one.others_delay for one in some])}"
            )


def _false(one: Outcome) -> bool:
    return one.rarest >= RARE


def _spread(hours: list[float]) -> str:
    hours.sort()
    return f"{hours[len(hours) // 2]:.1f} h, at most {hours[9 * len(hours) // 10]:.1f} h in nine of ten"


def main() -> int:
    """Live through the months, print what came of them, and return 1 when any gave a false alarm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=1000)
    options = parser.parse_args()
    outcomes = [live(seed, SIZES[seed % len(SIZES)]) for seed in range(options.months)]
    sys.stdout.write("\n".join(figures(outcomes)) + "\n")
    return 1 if any(_false(one) for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
