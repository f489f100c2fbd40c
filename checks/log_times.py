"""When a log line was written, by what stands in it."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

YEAR = timedelta(days=366)
"""A number that would be a time further in the past is a number of something else."""
SLACK = 60.0
"""Seconds by which a line may be ahead of the file it stands in: clocks differ, and are rounded."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_HEAD = re.compile(r"\W*(?:\d+\W+){0,2}(?:[A-Za-z]+\W+)?(?=\d{4}[-/]\d\d[-/])", re.ASCII)
_KEY = re.compile(
    r"(?:^|[\s{,\"'])@?(?:time|timestamp|ts|datetime)[\"']?\s*[:=]\s*[\"']?(?=\d)", re.IGNORECASE
)
_DATE_KEY = re.compile(_KEY.pattern.replace("time|timestamp|ts|datetime", "date"), re.IGNORECASE)
_EPOCH = re.compile(r"\[?(\d{10})(?:(\d{3})|\.(\d{1,9}))?(?![\d.])", re.ASCII)
_WEB = re.compile(r"\[(\d\d)/([A-Za-z]{3})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]", re.ASCII)
_SYSLOG = re.compile(r"(?:<\d{1,3}>)?([A-Za-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d)\b", re.ASCII)


def time_of(text: str, now: datetime) -> datetime | None:
    """Return the time a line gives itself, naive where it names no zone; without a year, the latest past.

    `now` is the latest it may be: when the file was written.
    """
    head = None if text.startswith("{") else _HEAD.match(text, 0, 64)
    try:
        if match := _ISO.match(text, head.end() if head else 0):
            return _iso(match)
        if (match := _EPOCH.match(text)) and (time := _epoch(match, now)):
            return time
        if match := _SYSLOG.match(text):
            return _syslog(match, now)
        return _inside(text[:2048], now)
    except (ValueError, OverflowError, OSError):
        return None


def _inside(text: str, now: datetime) -> datetime | None:
    if match := _WEB.search(text, 0, 300):
        day, month, year, hour, minute, second, zone = match.groups()
        numbers = (int(year), _month(month), int(day), int(hour), int(minute), int(second))
        return datetime(*numbers, tzinfo=_zone(zone))
    key = _KEY.search(text) or _DATE_KEY.search(text)
    if key is None:
        return None
    if match := _ISO.match(text, key.end()):
        return _iso(match)
    match = _EPOCH.match(text, key.end())
    return _epoch(match, now) if match else None


def _syslog(match: re.Match[str], now: datetime) -> datetime:
    month, day, hour, minute, second = match.groups()
    numbers = (_month(month), int(day), int(hour), int(minute), int(second))
    time = datetime(now.year, *numbers)  # noqa: DTZ001 - the line names no zone
    ahead = time > now.replace(tzinfo=None) + timedelta(days=1)
    return time.replace(year=now.year - 1) if ahead else time


def _iso(match: re.Match[str]) -> datetime:
    *numbers, fraction, zone = match.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    return datetime(*map(int, numbers), micro, tzinfo=_zone(zone))  # type: ignore[misc,arg-type] # six numbers


def _epoch(match: re.Match[str], now: datetime) -> datetime | None:
    time = datetime.fromtimestamp(float(f"{match[1]}.{match[2] or match[3] or 0}"), UTC)
    return time if now - YEAR < time < now + timedelta(days=1) else None


def _month(name: str) -> int:
    return _MONTHS.index(name.lower()) + 1


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return UTC
    away = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-away if text[0] == "-" else away)


def zone_of(newest: datetime, written: float, zones: Iterable[tzinfo | None]) -> tzinfo | None:
    """Return the zone a file's naive times are in: the one that puts its newest line right before its end.

    `written` is when the file was last written (Unix time); None stands for the machine's own zone.
    """
    ahead = [(in_zone(newest, zone, written), zone) for zone in zones]
    past = [(at, zone) for at, zone in ahead if at <= written + SLACK]
    return max(past, key=lambda one: one[0])[1] if past else ahead[0][1]


def in_zone(naive: datetime, zone: tzinfo | None, written: float) -> float:
    """Return the Unix time of a naive time in a zone; of an hour that comes twice, the later that is past."""
    first, second = (
        (moment.replace(tzinfo=zone) if zone else moment.astimezone()).timestamp()
        for moment in (naive.replace(fold=0), naive.replace(fold=1))
    )
    return second if second <= written + SLACK else first
