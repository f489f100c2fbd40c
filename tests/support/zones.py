"""Moments by the clocks of three zones that change them differently, and those at which they do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ROME, NEW_YORK, LORD_HOWE = (
    ZoneInfo(name) for name in ("Europe/Rome", "America/New_York", "Australia/Lord_Howe")
)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def at(text: str, zone: ZoneInfo = ROME, *, fold: int = 0) -> datetime:
    """Return the moment, in UTC, that a zone's clocks show as `text`; with `fold` the second of two."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


TURNS = (
    at("2026-03-29 03:00"),
    at("2026-10-25 02:00", fold=1),
    at("2026-03-08 03:00", NEW_YORK),
    at("2026-11-01 01:00", NEW_YORK, fold=1),
    at("2026-10-04 02:30", LORD_HOWE),
    at("2026-04-05 01:30", LORD_HOWE, fold=1),
)
"""When the clocks change in 2026."""
