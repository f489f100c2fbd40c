"""Times as people type them: by the clocks of a hotel, or with an offset from UTC."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from alerts.message_text import full_time
from alerts.wall_clock import moment

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
