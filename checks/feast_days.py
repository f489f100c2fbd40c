"""Public holidays of the country that a time zone belongs to, as far as the machine's zone table says."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from zoneinfo import TZPATH

NOBODY_KNOWS: frozenset[date] = frozenset()


def feast_days(zone: str, year: int) -> frozenset[date]:
    """Return the national holidays of a year and those next to it on either side; none if it is not known."""
    country = _countries().get(zone)
    return _of(country, year) if country else NOBODY_KNOWS


@lru_cache(maxsize=64)
def _of(country: str, year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415 - only where holidays are asked for

    try:
        return frozenset(country_holidays(country, years=range(year - 1, year + 2)))
    except NotImplementedError:
        return NOBODY_KNOWS


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Return the country of each zone that lies in one."""
    for place in TZPATH:
        try:
            text = (Path(place) / "zone.tab").read_text("utf-8")
        except OSError:
            continue
        rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
        return {row[2]: row[0] for row in rows if len(row) > 2}
    return {}
