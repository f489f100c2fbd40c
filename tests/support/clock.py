"""A clock that tests move by hand."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


class FakeClock:
    """Wall and monotonic time that stand still until told otherwise."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> datetime:
        """Let time pass, on both clocks."""
        self._monotonic += seconds
        self._now += timedelta(seconds=seconds)
        return self._now

    def jump(self, seconds: float) -> datetime:
        """Set the wall clock, as NTP or a person would; the monotonic clock does not notice."""
        self._now += timedelta(seconds=seconds)
        return self._now
