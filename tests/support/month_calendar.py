"""Stretches of time in a month, and the midnights of a hotel, by its own clock."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time of which something holds; `much` says how much."""

    begins: datetime
    ends: datetime
    much: float = 0.0


@dataclass(slots=True)
class Calendar:
    """Stretches that do not overlap, asked by moment."""

    stretches: list[Stretch]
    _begins: list[datetime] = field(init=False)

    def __post_init__(self) -> None:
        self.stretches.sort(key=lambda one: one.begins)
        self._begins = [one.begins for one in self.stretches]

    def at(self, now: datetime) -> Stretch | None:
        """Return the stretch that a moment is in."""
        place = bisect_right(self._begins, now) - 1
        if place < 0 or now >= self.stretches[place].ends:
            return None
        return self.stretches[place]


@dataclass(frozen=True, slots=True)
class Days:
    """So many days of a hotel in its zone, the first of which begins at `first`."""

    first: datetime
    number: int
    zone: ZoneInfo

    def midnights(self) -> Iterator[datetime]:
        """Yield the midnights by the hotel's clock, that of the day after the last one too."""
        day = self.first.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        for number in range(self.number + 1):
            yield (day.replace(tzinfo=None) + number * DAY).replace(tzinfo=self.zone)


def at_local(midnight: datetime, time: timedelta) -> datetime:
    """Return a time of a day by the clock on the wall, whatever the clocks do that day."""
    zone = midnight.tzinfo
    return (midnight.replace(tzinfo=None) + time).replace(tzinfo=zone)
