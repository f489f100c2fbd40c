"""Business hours in hotel time: over midnight, over clock changes, and closed on public holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache

from alerts.options import DAYS, Hours
from alerts.wall_clock import moment

_DAY = timedelta(days=1)
_AHEAD = 366
"""Days looked ahead for an opening: more than any run of holidays."""


class When(StrEnum):
    """What a level's hours are: all of them, none but emergencies, or a window of the day."""

    ALWAYS = "always"
    EMERGENCY = "emergency"
    WINDOW = "window"


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Return the national public holidays of a year; `country` is its two capital letters."""
    from holidays import country_holidays  # noqa: PLC0415 - only where holidays are kept

    return frozenset(country_holidays(country, years=year))


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When a level may be told: on `days` (Monday is 0) from `opens` to `closes`, by the clocks of `zone`.

    Hours that cross midnight belong to the day they begin on. A public holiday of the country `holidays` is
    closed from midnight to midnight. An hour that the clocks show twice is within both times.
    """

    days: frozenset[int] = frozenset()
    opens: time = time.min
    closes: time = time.min
    holidays: str | None = None
    zone: tzinfo = UTC
    when: When = When.WINDOW

    def is_open(self, now: datetime) -> bool:
        """Tell whether the level may be told now."""
        if self.when is not When.WINDOW:
            return self.when is When.ALWAYS
        return any(opens <= now for opens, _ in self._windows(now, days=2))

    def next_opening(self, now: datetime) -> datetime | None:
        """Return `now` when it is open, else when it opens next, in UTC; None when it never does."""
        if self.when is not When.WINDOW:
            return now if self.when is When.ALWAYS else None
        opens = next((opens for opens, _ in self._windows(now)), None)
        return opens if opens is None else max(opens, now)

    def closes_at(self, now: datetime) -> datetime | None:
        """Return when the hours that are open now end, in UTC; None when closed, or when they never end."""
        ends: datetime | None = None
        if self.when is When.WINDOW:
            for opens, closes in self._windows(now):
                if opens > (ends or now):
                    break
                ends = max(ends or closes, closes)
        return ends

    def _windows(self, now: datetime, days: int = _AHEAD) -> Iterator[tuple[datetime, datetime]]:
        yesterday = now.astimezone(self.zone).date() - _DAY
        for ahead in range(days):
            window = self._window(yesterday + ahead * _DAY)
            if window is not None and now < window[1]:
                yield window

    def _window(self, day: date) -> tuple[datetime, datetime] | None:
        if day.weekday() not in self.days or self._is_holiday(day):
            return None
        opens = moment(datetime.combine(day, self.opens), self.zone)
        over = self.closes <= self.opens
        closes = moment(datetime.combine(day + over * _DAY, self.closes), self.zone, last=True)
        if over and self._is_holiday(day + _DAY):
            closes = moment(datetime.combine(day + _DAY, time.min), self.zone)
        return (opens, closes) if opens < closes else None

    def _is_holiday(self, day: date) -> bool:
        return self.holidays is not None and day in public_holidays(self.holidays, day.year)


ALWAYS = OfficeHours(when=When.ALWAYS)
EMERGENCY = OfficeHours(when=When.EMERGENCY)


def office_hours(options: Hours, zone: tzinfo) -> OfficeHours:
    """Return a level's hours, as configured, in the time zone of a hotel."""
    if options.from_ is None or options.to is None:
        return EMERGENCY if options.when == "emergency" else ALWAYS
    days = frozenset(DAYS.index(day) for day in options.days)
    return OfficeHours(days, options.from_, options.to, options.holidays, zone, When(options.when))
