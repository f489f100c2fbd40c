"""What judging costs: microseconds a result of an integration in good health, and of one that fails now and
then, and the bytes that a check's past takes, its window full.

The integration has ten checks, answers to all of them in time, and is looked at every second: the longest
windows there can be.
"""

import argparse
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checks.check import Check, CheckType
from checks.result import RESPONSE_TIME, CheckId, Phase, Reason, Result, State, failed
from checks.values import Options
from daemon.board import Board, Tile
from daemon.observer import Observer

CHECKS = 10
WARM = 400
"""Runs of each check that fill its window."""

DOWN = replace(failed(Reason.TIMEOUT, "no answer within 10 s"), failed_phase=Phase.PROCESSING)


class Now:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        """Return the wall time."""
        return datetime(2026, 11, 25, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Return seconds that only go forward."""
        return self.seconds


async def _nothing(_options: Options, _context: object) -> Result:
    return Result(State.OK)


def checks() -> list[Check]:
    """Return the checks of the integration."""
    kind = CheckType("http", Options, RESPONSE_TIME, _nothing)
    names = (CheckId("grand-harbour", "expedia", f"check{number}") for number in range(CHECKS))
    return [Check(name, "ota", kind, Options(), 1.0, 1.0, error_limit=0.05) for name in names]


def answered(number: int) -> Result:
    """Return an ok result as a look over HTTPS gives it, a new one each time."""
    phases = dict.fromkeys(Phase, 0.02 + number % 7 / 1000)
    numbers = {RESPONSE_TIME: 100.0 + number % 50, "status_code": 200.0, "body_bytes": 512.0}
    return Result(State.OK, None, "answered 200", numbers, phases, duration=0.1, certificate_expiry=1.8e9)


class Porter:
    """A board and an observer that ten checks report to."""

    def __init__(self, configured: list[Check]) -> None:
        self.clock, self.board, self.checks = Now(), Board(), configured
        self.moved = 0
        self.board.watch(self.checks, {"grand-harbour": "Grand Harbour Hotel"})
        self._observer = Observer(self.board, self.clock, self._note)

    def _note(self, _tile: Tile, changed: bool) -> None:
        self.moved += changed

    def work(self, rounds: int, result: Callable[[int], Result]) -> float:
        """Take in so many results of every check; return the CPU seconds a result."""
        spent = 0.0
        for number in range(rounds):
            self.clock.seconds += 1.0
            results = [result(number * CHECKS + place) for place in range(CHECKS)]
            started = time.process_time()
            for check, one in zip(self.checks, results, strict=True):
                self._observer.observe(check, one)
            spent += time.process_time() - started
        return spent / rounds / CHECKS


def now_and_then(number: int) -> Result:
    """Return what a network gives that loses one probe in a hundred."""
    return DOWN if number % 101 == 0 else answered(number)


def memory() -> float:
    """Return the bytes that are kept of a check: tile, window, standing, last result, share of the rate."""
    configured = checks()
    tracemalloc.start()
    try:
        before = _held()
        porter = Porter(configured)
        porter.work(WARM, now_and_then)
        after = _held()
        assert len(porter.board.tiles) == CHECKS
    finally:
        tracemalloc.stop()
    return (after - before) / CHECKS


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1000)
    options = parser.parse_args()
    for name, result in (("in good health", answered), ("one probe in a hundred lost", now_and_then)):
        porter = Porter(checks())
        porter.work(WARM, answered)
        cost = statistics.median(porter.work(options.rounds, result) for _ in range(options.runs))
        print(f"{name:28} {cost * 1e6:6.1f} us of CPU a result, {porter.moved} changes of standing")
    print(f"{'a check with a full window':28} {memory():6.0f} bytes")


if __name__ == "__main__":
    main()
