"""Times as people type and read them: by the clocks of a hotel."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.message_text import full_time
from alerts.wall_clock import moment
from checks.values import parse_duration
from daemon.settings import Settings

_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
_YEARS = range(1970, 2200)
FORMS = "write RFC 3339, such as 2026-12-25T03:00:00+01:00, or YYYY-MM-DD HH:MM in hotel time"


def instant_of(text: str, zone: ZoneInfo) -> tuple[datetime, str]:
    """Return when a time that somebody typed is, in UTC, and what has to be said of it.

    Without an offset it is what the clocks of `zone` show: of a time they show twice the first one, for one
    they skip the first moment after the gap. Raise ValueError, with words for a person.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:60]!r} is no time: {FORMS}")
    day, clock, seconds, offset = found.groups()
    try:
        wall = datetime.fromisoformat(f"{day}T{clock}{seconds or ''}{(offset or '').upper()}")
    except ValueError as error:
        raise ValueError(f"{text[:60]!r} is no time: {error}") from None
    if wall.year not in _YEARS:
        raise ValueError(f"the year must be one from {_YEARS[0]} to {_YEARS[-1]}")
    if wall.tzinfo is not None:
        return wall.astimezone(UTC), ""
    at = moment(wall, zone)
    return at, _said_of(wall, at, zone)


def _said_of(wall: datetime, at: datetime, zone: ZoneInfo) -> str:
    shown = at.astimezone(zone).replace(tzinfo=None)
    if shown != wall:
        return f"The clocks skip {wall:%H:%M} on that day: {full_time(at, zone)}, right after, is taken."
    if moment(wall, zone, last=True) != at:
        return f"The clocks show {wall:%H:%M} twice on that day: the first, {full_time(at, zone)}, is taken."
    return ""


def span_of(text: str) -> timedelta:
    """Return a duration such as `2h`; raise ValueError, with words for a person."""
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise ValueError(f"{text[:60]!r} {error}") from None
    if not 0 < seconds <= timedelta(days=3660).total_seconds():
        raise ValueError(f"{text[:60]!r} must be longer than 0s, and ten years at the most")
    return timedelta(seconds=seconds)


def read(text: str | None) -> datetime | None:
    """Return a time that a porter has written, None when there is none."""
    return datetime.fromisoformat(text) if text else None


def short(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a time in hotel time for a column, such as `2026-11-25 08:05 WET`."""
    if at is None:
        return "-"
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {zone_name(local)}"


def zone_name(local: datetime) -> str:
    """Return the letters of a time's zone, or its offset where the zone has none."""
    name = local.tzname() or ""
    return name if name.isalpha() else local.strftime("%z")


class Zones:
    """The time zones of the hotels of a configuration; of a hotel that is not in it, UTC."""

    def __init__(self, configuration: Settings) -> None:
        self._zones = {hotel.id: hotel.timezone for hotel in configuration.hotels}

    @property
    def hotels(self) -> Collection[str]:
        """The hotels of the configuration."""
        return self._zones.keys()

    def of(self, hotel: str) -> ZoneInfo:
        """Return a hotel's time zone."""
        return self._zones.get(hotel, ZoneInfo("UTC"))

    def shared(self, hotels: Iterable[str] = ()) -> ZoneInfo | None:
        """Return the one zone that these hotels, or all, are in; None when there are several."""
        named = [one for one in hotels if one in self._zones] or list(self._zones)
        found = {self._zones[one] for one in named}
        return found.pop() if len(found) == 1 else None
