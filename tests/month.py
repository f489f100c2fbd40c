"""A simulated month, entry point of `make month`: noise alone, and then with every fault of the hotel.

`python -m tests.month` lives through three times thirty days, two of them at once: the noise must make
nobody write a letter, and the faults, forty at a time, must each be told of once, with its cause, to the
right people at the right time.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from tests.support.month import FIRST, Almanac, Month
from tests.support.month_plan import all_faults, plan
from tests.support.month_verdict import complaints

DAYS, FAULTS = 30, 40
SLOT = timedelta(hours=17)
"""From one fault to the next."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a month went: its figures, and what is wrong with it."""

    name: str
    figures: str
    looks: int
    right: int
    wrong: Sequence[str]


def _live(name: str, days: int, seed: int, names: Sequence[str]) -> Outcome:
    """Live through one month, in a process of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as place:
        almanac = Almanac.of(Path(place))
        faults = plan(almanac, names, seed, FIRST + timedelta(hours=1), SLOT)
        month = asyncio.run(almanac.live(days, seed, faults, lambda day, one: _say(name, day, one)))
    wrong = [said for fault in faults for said in complaints(month, fault)]
    known = {one.id for fault in faults for one in month.during(fault)}
    others = [one for one in month.incidents if one.id not in known]
    wrong += [f"nothing was the matter: {one.id}\n{month.story([one])}" for one in others]
    right = sum(not list(complaints(month, fault)) for fault in faults)
    return Outcome(name, month.figures(), month.looks, right, wrong)


def tell(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _say(name: str, day: int, month: Month) -> None:
    if day % 5 == 0:
        tell(f"{name}: day {day}, {month.figures()}")


def main() -> int:
    """Live through the months, print what came of them, and return 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    names = all_faults()
    halves = [names[::2][:FAULTS], names[1::2][:FAULTS]]
    months = [
        ("noise", options.days, options.seed, ()),
        *((f"faults {number}", options.days, options.seed, half) for number, half in enumerate(halves, 1)),
    ]
    started = time.perf_counter()
    with ProcessPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(_live, *zip(*months, strict=True)))
    for one in outcomes:
        tell(f"{one.name}: {one.figures}; {one.right} faults right, {len(one.wrong)} things wrong")
        for said in one.wrong:
            tell(f"  {said}")
    looks = sum(one.looks for one in outcomes)
    tell(f"{looks:,} results in {time.perf_counter() - started:.0f} s")
    return 1 if any(one.wrong for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
