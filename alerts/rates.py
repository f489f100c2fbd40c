"""The error rate of an integration: how many of its network runs failed, over a sliding window."""

import math
from array import array
from dataclasses import dataclass
from typing import NamedTuple

from checks.result import RESPONSE_TIME, Reason, Result, State

SLOTS = 30
"""Slots a window is cut into: it slides by one of them at a time."""

CALM = 0.95
"""A number past its limit is no longer so at this share of it, lest it flap around the limit."""

LOSS, DOUBT, DEVIATIONS = 0.01, 1e-7, 5.2
"""The share of probes that any network loses, how improbable more losses have to be to count, and how many
standard deviations that is where many are expected."""

MANY = 100.0

_ANSWERED = frozenset({Reason.THRESHOLD, Reason.STALE})
"""Reasons of runs that were answered as they should be, and only then held against a limit."""


class Tally(NamedTuple):
    """Network runs of a window: all, those that failed, and of these the ones that nobody answered.

    `full` says that the window was watched for its whole length.
    """

    runs: int
    failed: int
    lost: int
    full: bool

    @property
    def share(self) -> float:
        """The share of runs that failed."""
        return self.failed / self.runs if self.runs else 0.0

    def is_past(self, limit: float, at_least: int, *, held: bool) -> bool:
        """Say whether the rate is past its limit (still, when `held`), of `at_least` runs.

        Lost probes count from where chance no longer explains them.
        """
        if self.runs < at_least:
            return False
        if held:
            return self.share > limit * CALM
        if self.share <= limit:
            return False
        return (self.failed - self.lost) / self.runs > limit or self.lost > most_by_chance(self.runs)


def most_by_chance(runs: int) -> int:
    """Return how many of some runs a sound network may lose: more is as improbable as `DOUBT`."""
    expected = LOSS * runs
    if expected > MANY:
        return int(expected + DEVIATIONS * math.sqrt(expected))
    lost, likely = 0, math.exp(-expected)
    within = likely
    while 1.0 - within > DOUBT:
        lost += 1
        likely *= expected / lost
        within += likely
    return lost


class Rate:
    """Counts the network runs of an integration over `span` seconds of monotonic time."""

    __slots__ = ("_failed", "_lost", "_runs", "_slot", "_started", "_sums", "_width", "span")

    def __init__(self, span: float) -> None:
        self.span = span
        self._width = span / SLOTS
        self._runs, self._failed, self._lost = (array("I", bytes(4 * SLOTS)) for _ in range(3))
        self._sums = [0, 0, 0]
        self._slot: int | None = None
        self._started = 0.0

    def add(self, now: float, runs: int, failed: int, lost: int) -> None:
        """Count runs, of which some failed, and of these some were not answered."""
        self._slide(now)
        at = int(now / self._width) % SLOTS
        self._runs[at] += runs
        self._failed[at] += failed
        self._lost[at] += lost
        sums = self._sums
        sums[0] += runs
        sums[1] += failed
        sums[2] += lost

    def tally(self, now: float) -> Tally:
        """Return the counts of the window that ends now."""
        self._slide(now)
        runs, failed, lost = self._sums
        return Tally(runs, failed, lost, full=now - self._started >= self.span)

    def _slide(self, now: float) -> None:
        slot = int(now / self._width)
        if self._slot is None:
            self._slot, self._started = slot, now
        for stale in range(max(self._slot + 1, slot - SLOTS + 1), slot + 1):
            at = stale % SLOTS
            for index, counts in enumerate((self._runs, self._failed, self._lost)):
                self._sums[index] -= counts[at]
                counts[at] = 0
        self._slot = max(self._slot, slot)


@dataclass(slots=True)
class Row:
    """Runs of one check that were not ok, and are not yet known to be a breach: then they do not count.

    `failed_at` is the monotonic time at which one that counts was last seen.
    """

    runs: int = 0
    failed: int = 0
    lost: int = 0
    failed_at: float = -math.inf

    def add(self, result: Result) -> None:
        """Keep a run that was not ok; one that was told when to come back met no error, but a closed door."""
        self.runs += 1
        if result.state is State.CRITICAL and result.reason not in _ANSWERED and result.retry_after is None:
            self.failed += 1
            self.lost += RESPONSE_TIME not in result.measurements

    def end(self, rate: Rate, now: float) -> None:
        """Count what was kept, and the ok run that ends it."""
        if self.failed:
            self.failed_at = now
        rate.add(now, self.runs + 1, self.failed, self.lost)
        self.drop()

    def drop(self) -> None:
        """Forget what was kept: it belongs to a breach."""
        self.runs = self.failed = self.lost = 0
