"""Checks that change too often to be believed: weighted changes between runs, and breaches that come back."""

from datetime import datetime, timedelta

RUNS = 21
"""Runs that are remembered: twenty changes between them."""

HIGH = 0.30
"""The weighted share of changes beyond which a check that is never decided about is a partial outage."""

MOST_BY_CHANCE = 5
"""Runs of `RUNS` that may go wrong where one in a hundred does, as good as always (all but 1 in 10^7)."""

WITHIN = timedelta(hours=1)
TIMES = 3
"""A check that breaches this often `WITHIN` that time is flapping."""

NO_RUNS = 1
"""A history without runs: the highest bit that is set stands before the oldest run."""

Past = tuple[int, datetime | None]
"""A history, and when it changed last."""

_FULL = 1 << RUNS
_OLDEST, _NEWEST = 0.8, 1.2


def noted(history: int, *, bad: bool) -> int:
    """Return a history with one more run in it: a bit a run, the newest lowest, set for those not ok."""
    longer = history << 1 | bad
    return longer if longer < 2 * _FULL else longer & (_FULL - 1) | _FULL


def lengthened(history: int, changed_at: datetime | None, now: datetime, *, bad: bool) -> Past:
    """Return a history with one more run in it, and when it changed last."""
    # A clock that was set back must not hold a breach for as long as it lost.
    if is_change(history, bad=bad) or (changed_at is not None and changed_at > now):
        changed_at = now
    return noted(history, bad=bad), changed_at


def is_change(history: int, *, bad: bool) -> bool:
    """Say whether a run is another than the one before it, if there was one."""
    return history != NO_RUNS and bool(history & 1) is not bad


def weighted(history: int) -> float:
    """Return the share of changes in a full history, the newest weighing most; 0 while it is not full."""
    if history < _FULL:
        return 0.0
    changes, steps = history ^ history >> 1, RUNS - 1
    step = (_NEWEST - _OLDEST) / (steps - 1)
    return sum(_NEWEST - step * age for age in range(steps) if changes >> age & 1) / steps


def alternates(history: int) -> bool:
    """Say whether a check is ok and not ok by turns, beyond what single lost probes would make of it."""
    failed = (history & (_FULL - 1)).bit_count()
    return history >= _FULL and failed > MOST_BY_CHANCE and weighted(history) > HIGH


def reopened(openings: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    """Return the moments of the latest breaches, the one that opens now among them, `TIMES` at the most."""
    return (*openings, now)[-TIMES:]


def comes_back(openings: tuple[datetime, ...], now: datetime) -> bool:
    """Say whether a check has breached `TIMES` times within the hour."""
    return len(openings) == TIMES and now - openings[0] <= WITHIN


def shown(history: int, *, failing_since: datetime | None, last_ok: datetime | None) -> bool:
    """Say whether a breach is seen to come and go: by its latest runs, or as it was ok since it began.

    One that has only failed so far may be an outage that lasts, however many there were before it.
    """
    recovered = failing_since is not None and last_ok is not None and last_ok >= failing_since
    return recovered or alternates(history)
