"""Where a report is on the pages: `/reports/HOTEL/KIND/ENDS`, or without the last word the one as of now."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

from alerts.reports.heading import over
from alerts.reports.report import Kind, Report

_SHAPE = "%Y-%m-%dT%H:%MZ"
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", re.ASCII)


def address(report: Report, public_url: str) -> str:
    """Return the address of a report, below that of the porter; of one whose time is not over, as of now."""
    return f"{public_url.rstrip('/')}{path(report.hotel, report.kind, report.ends if over(report) else None)}"


def path(hotel: str, kind: Kind, ends: datetime | None = None) -> str:
    """Return the path of the report of a hotel that ends then, or of the one as of now."""
    found = f"/reports/{quote(hotel, safe='')}/{kind.value}"
    return found if ends is None else f"{found}/{ended(ends)}"


def ended(ends: datetime) -> str:
    """Return when a report ends as a word of a path, such as `2026-11-29T06:00Z`."""
    return ends.astimezone(UTC).strftime(_SHAPE)


def moment(word: str) -> datetime | None:
    """Return the time that a word of a path names; None where it names none."""
    if not _WRITTEN.fullmatch(word):
        return None
    try:
        return datetime.strptime(word, _SHAPE).replace(tzinfo=UTC)
    except ValueError:
        return None
