"""The recent runs of a check: bounded memory for means, ratios and percentiles."""

from array import array

SAMPLES = 300
"""Runs kept per check at the most: five minutes of a check that runs every second, in 4 KB."""

_UNANSWERED = -1.0


class Window:
    """Runs of the last `span` seconds, by monotonic time, at most `SAMPLES` of them.

    A run is kept as its response time in seconds, or as unanswered; ok or not is kept beside it.
    """

    __slots__ = ("_at", "_ok", "_response", "span")

    def __init__(self, span: float) -> None:
        self.span = span
        self._at = array("d")
        self._response = array("f")
        self._ok = bytearray()

    def add(self, now: float, *, ok: bool, response: float | None) -> None:
        """Record a run at monotonic time `now`; `response` is in seconds, None when nobody answered."""
        self._at.append(now)
        self._response.append(_UNANSWERED if response is None else response)
        self._ok.append(ok)
        self._forget(now)

    def _forget(self, now: float) -> None:
        oldest, stale = now - self.span, max(0, len(self._at) - SAMPLES)
        while stale < len(self._at) and self._at[stale] < oldest:
            stale += 1
        if stale:
            del self._at[:stale], self._response[:stale], self._ok[:stale]

    def responses(self, now: float) -> list[float]:
        """Return the response times in seconds of the answered runs, oldest first."""
        self._forget(now)
        return [value for value in self._response if value >= 0.0]

    def mean(self, now: float, at_least: int = 3) -> float | None:
        """Return the mean response time in seconds, or None below `at_least` answered runs."""
        answered = self.responses(now)
        return sum(answered) / len(answered) if len(answered) >= at_least else None

    def outcomes(self, now: float) -> tuple[int, int]:
        """Return how many runs were ok, and how many there were."""
        self._forget(now)
        return sum(self._ok), len(self._ok)


def percentile(values: list[float], share: float) -> float | None:
    """Return the value that `share` (0 to 1) of `values` do not exceed (nearest rank), or None of none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
