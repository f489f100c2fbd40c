"""When a delivery that failed is tried again, and when it is given up."""

from datetime import datetime, timedelta

PAUSES = (5.0, 15.0, 30.0, 60.0, 120.0)
"""Seconds after the first failures in a row; the last one holds for all that follow."""

SPREAD = 0.2
GIVE_UP_AFTER = timedelta(hours=24)


def pause(failures: int, jitter: float) -> float:
    """Return the seconds to wait after so many failures in a row, from 1 on.

    `jitter` from 0 to 1 spreads them by 20 % either way, so that what failed together does not come back
    together.
    """
    return PAUSES[min(failures, len(PAUSES)) - 1] * (1 + SPREAD * (2 * jitter - 1))


def next_attempt(attempts: int, created_at: datetime, now: datetime, jitter: float) -> datetime | None:
    """Return when to try again after `attempts` failures, or None when the day is over."""
    at = now + timedelta(seconds=pause(attempts, jitter))
    # A clock that was set forward makes a day out of nothing: that alone must not be the end of a message.
    return at if at - created_at < GIVE_UP_AFTER or attempts < len(PAUSES) else None
