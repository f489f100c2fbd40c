"""What stands above a report: whose it is, of what time, and since when anything is known of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.message_text import clean, full_time
from alerts.reports.report import Kind, Report, Tone

SUBJECT_LENGTH = 250
SYMBOLS = {Tone.PLAIN: "·", Tone.GOOD: "✓", Tone.FAIR: "▲", Tone.BAD: "✕"}
"""What stands before what is good or not, for those who do not see the colours."""


def title(report: Report) -> str:
    """Return what it is, such as `Daily report of Grand Harbour Hotel`."""
    return f"{report.kind.value.capitalize()} report of {clean(report.hotel_name, 200)}"


def called(report: Report) -> str:
    """Return what its time is called, such as `Sunday 29 Nov`, `week of Monday 23 Nov` or `November 2026`."""
    local = report.begins.astimezone(ZoneInfo(report.timezone))
    day = f"{local:%A} {local.day} {local:%b}"
    name = {
        Kind.DAILY: day,
        Kind.WEEKLY: f"week of {day}",
        Kind.MONTHLY: f"{local:%B %Y}",
    }[report.kind]
    if over(report):
        return name
    return f"{name} so far, as of {report.ends.astimezone(ZoneInfo(report.timezone)):%H:%M}"


def period(report: Report) -> str:
    """Return its time in full, such as `Sunday 29 Nov 2026, 06:00 to Monday 30 Nov 2026, 06:00`."""
    zone = ZoneInfo(report.timezone)
    return f"{_time(report.begins, zone)} to {_time(report.ends, zone)} ({report.timezone})"


def known(report: Report) -> str:
    """Return since when anything is known of its time; an empty text where all of it is."""
    if report.known_from is None:
        return "Nothing is recorded of this time."
    if report.known_from <= report.begins:
        return ""
    return f"Recorded since {_time(report.known_from, ZoneInfo(report.timezone))}; nothing is known before."


def closing(report: Report) -> str:
    """Return who made it, and when."""
    return f"Night Porter, {full_time(report.made_at, ZoneInfo(report.timezone))}"


def subject(report: Report) -> str:
    """Return the subject of its mail; only the headline is ever cut.

    Such as `[REPORT] Grand Harbour Hotel: daily, Sunday 29 Nov: 2 incidents, nothing open`.
    """
    headline = clean(report.headline, SUBJECT_LENGTH).removesuffix(".")
    hotel, what = clean(report.hotel_name, 100), f"{report.kind}, {called(report)}"
    return clean(f"[REPORT] {hotel}: {what}: {headline}", SUBJECT_LENGTH)


def over(report: Report) -> bool:
    """Tell whether the day, week or month of a report was over when it was made."""
    zone = ZoneInfo(report.timezone)
    begins = report.begins.astimezone(zone)
    # By the clocks of the hotel: a day on which they change is an hour shorter, or longer.
    if report.kind is Kind.MONTHLY:
        ends = (begins.replace(day=1) + timedelta(days=32)).replace(day=1)
    else:
        ends = begins + timedelta(days=7 if report.kind is Kind.WEEKLY else 1)
    # Where it begins behind a gap, the report hour may be one that was skipped.
    before = (report.begins - timedelta.resolution).astimezone(zone)
    skipped = (begins.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())
    return report.ends >= ends.astimezone(UTC) - max(timedelta(), skipped)


def _time(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%A} {local.day} {local:%b %Y, %H:%M}"
