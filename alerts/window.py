"""The recent runs of a check: bounded memory for means, ratios and percentiles."""

import math
from array import array
from collections.abc import Sequence

SAMPLES = 200
"""Runs kept per check at the most, in 2 KB: of one that runs every second, those of 200 s."""

_SHORTEST = 1e-9
"""Seconds an answer takes at the least, so that it has a sign."""

_REBASE = 65_536.0
"""Seconds up to which times are kept relative to one moment: as 32-bit floats, to 4 ms."""


class Window:
    """Runs of the last `span` seconds, by monotonic time, at most `SAMPLES` of them.

    A run is kept as its response time in seconds, infinite when it was not answered, with a minus when it was
    not ok. Sums are kept up to date, for they are asked for at every run.
    """

    __slots__ = ("_answered", "_at", "_base", "_good", "_response", "_total", "span")

    def __init__(self, span: float) -> None:
        self.span = span
        self._base = 0.0
        self._at = array("f")
        self._response = array("f")
        self._total = 0.0
        self._answered = self._good = 0

    def add(self, now: float, *, ok: bool, response: float | None) -> None:
        """Record a run at monotonic time `now`; `response` is in seconds, None when nobody answered."""
        if now - self._base > _REBASE or not self._at:
            self._rebase(now)
        self._at.append(now - self._base)
        taken = math.inf if response is None else max(response, _SHORTEST)
        self._response.append(taken if ok else -taken)
        self._good += ok
        if response is not None:
            self._total += abs(self._response[-1])
            self._answered += 1
        self._forget(now)

    def _rebase(self, now: float) -> None:
        moved = now - self._base
        self._at = array("f", [at - moved for at in self._at])
        self._base = now

    def _forget(self, now: float) -> None:
        oldest, stale = now - self._base - self.span, max(0, len(self._at) - SAMPLES)
        while stale < len(self._at) and self._at[stale] < oldest:
            stale += 1
        if stale:
            self._good -= sum(value > 0.0 for value in self._response[:stale])
            gone = _answered(self._response[:stale])
            self._answered -= len(gone)
            # What rounding leaves must not add up for ever.
            self._total = self._total - sum(gone) if self._answered else 0.0
            del self._at[:stale], self._response[:stale]

    def responses(self, now: float) -> list[float]:
        """Return the response times in seconds of the answered runs, oldest first."""
        self._forget(now)
        return _answered(self._response)

    def mean(self, now: float, at_least: int = 3) -> float | None:
        """Return the mean response time in seconds, or None below `at_least` answered runs."""
        self._forget(now)
        return self._total / self._answered if self._answered >= at_least else None

    def row_beyond(self, now: float, limit: float) -> list[float]:
        """Return the times of the newest answers in a row beyond `limit` seconds, the newest first."""
        self._forget(now)
        found: list[float] = []
        for at, value in zip(reversed(self._at), reversed(self._response), strict=True):
            if abs(value) == math.inf:
                continue
            if abs(value) <= limit:
                break
            found.append(at)
        return found

    def outcomes(self, now: float) -> tuple[int, int]:
        """Return how many runs were ok, and how many there were."""
        self._forget(now)
        return self._good, len(self._response)


def _answered(values: Sequence[float]) -> list[float]:
    return [taken for value in values if (taken := abs(value)) != math.inf]


def percentile(values: list[float], share: float) -> float | None:
    """Return the value that `share` (0 to 1) of `values` do not exceed (nearest rank), or None of none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
