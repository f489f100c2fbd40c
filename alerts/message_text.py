"""Text that people can trust: remote words made harmless, moments in the hotel's time."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)", re.DOTALL)
_JOINERS = "\u200c\u200d"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clean(text: str, length: int = 300) -> str:
    """Return one line of at most `length` characters that cannot disturb a header, a screen or a page.

    Control characters, terminal escapes, direction overrides and lone surrogates go; white space is
    collapsed.
    """
    # Beyond this much of a hostile text nothing can survive the clipping anyway.
    kept = text[: length * 8]
    # Most texts are harmless through and through: to Python, printable is just what `_harmless` lets pass.
    if not kept.isprintable():
        kept = "".join(_harmless(char) for char in _ESCAPE_SEQUENCE.sub("", kept))
    line = " ".join(kept.split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def _harmless(char: str) -> str:
    if char in _JOINERS:
        return char
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    return "" if category in {"Cf", "Cs", "Co", "Cn"} else char


def capital(text: str) -> str:
    """Return a text that begins with a capital letter, as a sentence does."""
    return text[:1].upper() + text[1:]


def moment(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return a time in hotel time, such as `08:05 WET (UTC+00:00)`; with its date unless that is today."""
    local = at.astimezone(zone)
    return _clock(local, "%H:%M") if local.date() == now.astimezone(zone).date() else full_time(at, zone)


def full_time(at: datetime, zone: ZoneInfo) -> str:
    """Return date and time in hotel time, such as `25 Nov 2026, 08:05:00 WET (UTC+00:00)`."""
    local = at.astimezone(zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {_clock(local, '%H:%M:%S')}"


def hotel_time(at: datetime, now: datetime, zone: ZoneInfo, pattern: str = "%H:%M") -> str:
    """Return a time in hotel time, such as `14:12`, `Monday 09:00` or `30 Nov 09:00`.

    The day is there unless it is today, its name for the week to come; the offset from UTC only where it is
    not that of `now`.
    """
    local, today = at.astimezone(zone), now.astimezone(zone)
    days = (local.date() - today.date()).days
    day = ""
    if days:
        year = f" {local.year}" if local.year != today.year else ""
        day = f"{DAYS[local.weekday()]} " if 0 < days < 7 else f"{local.day} {MONTHS[local.month - 1]}{year} "
    differs = local.utcoffset() != today.utcoffset()
    return f"{day}{local.strftime(pattern)}" + (f" ({offset(at, zone)})" if differs else "")


def day_of(day: date) -> str:
    """Return a day such as `25 Nov`."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Return a stretch of time in hotel time, to the second; date and offset once where both ends share them.

    Such as `25 Nov 2026, 08:05:00 to 08:07:10 WET (UTC+00:00)`.
    """
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.date() != last.date():
        return f"{full_time(start, zone)} to {full_time(end, zone)}"
    if first.utcoffset() != last.utcoffset():
        return f"{full_time(start, zone)} to {_clock(last, '%H:%M:%S')}"
    day = f"{first.day} {MONTHS[first.month - 1]} {first.year}"
    return f"{day}, {first.strftime('%H:%M:%S')} to {_clock(last, '%H:%M:%S')}"


def _clock(local: datetime, pattern: str) -> str:
    name = local.tzname() or ""
    zone = _from_utc(local)
    # Zones without letters of their own call themselves "-03": the offset alone says as much.
    return (
        f"{local.strftime(pattern)} {name} ({zone})"
        if name.isalpha()
        else f"{local.strftime(pattern)} {zone}"
    )


def offset(at: datetime, zone: ZoneInfo) -> str:
    """Return how far hotel time is from UTC at a moment, such as `UTC+01:00`."""
    return _from_utc(at.astimezone(zone))


def _from_utc(local: datetime) -> str:
    shown = local.strftime("%z")
    return f"UTC{shown[:3]}:{shown[3:5]}"


def lasting(elapsed: timedelta) -> str:
    """Return how long something lasted, in its two largest units, such as `1 h 5 min`."""
    seconds = max(0, round(elapsed.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return _pair(days, "d", hours % 24, "h")
    return _pair(hours, "h", minutes % 60, "min") if hours else _pair(minutes, "min", seconds % 60, "s")


def minutes(left: timedelta) -> str:
    """Return how long is left, in whole minutes unless it is less than one."""
    whole = timedelta(minutes=left // timedelta(minutes=1))
    return lasting(whole or left)


def _pair(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"


def number(value: float, unit: str) -> str:
    """Return a measured value with its unit, without digits nobody needs."""
    shown = f"{value:.0f}" if 100 <= abs(value) < 1e15 else f"{value:.3g}"
    return f"{shown} {unit}".rstrip()
