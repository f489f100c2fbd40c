"""The one place that reads a clock."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for people and records, monotonic time for intervals."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump, from an arbitrary beginning."""
        ...


class SystemClock:
    """The host's clocks."""

    def now(self) -> datetime:
        """Return the host's wall time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the host's monotonic seconds."""
        return time.monotonic()


def asleep() -> float:
    """Return the seconds that the host has slept since it was started, as far as it can tell."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
