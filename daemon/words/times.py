"""Times and durations on the command line: by the clocks of a hotel."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from checks.values import parse_duration
from daemon.settings import Settings


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


def exact(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a time in hotel time to the second, such as `2026-11-25 08:05:13 WET`."""
    if at is None:
        return "-"
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S} {zone_name(local)}"


def zone_name(local: datetime) -> str:
    """Return the letters of a time's zone, or its offset where the zone has none."""
    name = local.tzname() or ""
    return name if name.isalpha() else local.strftime("%z")


class Zones:
    """The time zones of the hotels of a configuration; of a hotel that is not in it, UTC."""

    def __init__(self, configuration: Settings) -> None:
        self._zones = {hotel.id: hotel.timezone for hotel in configuration.hotels}
        self._names = {hotel.id: hotel.name for hotel in configuration.hotels}

    @property
    def hotels(self) -> Collection[str]:
        """The hotels of the configuration."""
        return self._zones.keys()

    def of(self, hotel: str) -> ZoneInfo:
        """Return a hotel's time zone."""
        return self._zones.get(hotel, ZoneInfo("UTC"))

    def called(self, hotel: str) -> str:
        """Return a hotel's name; its id where it is not in the configuration."""
        return self._names.get(hotel, hotel)

    def shared(self, hotels: Iterable[str] = ()) -> ZoneInfo | None:
        """Return the one zone that these hotels, or all, are in; None when there are several."""
        named = [one for one in hotels if one in self._zones] or list(self._zones)
        found = {self._zones[one] for one in named}
        return found.pop() if len(found) == 1 else None
