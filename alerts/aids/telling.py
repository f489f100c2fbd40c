"""Aids -> lines: with the time that is left, or that it has passed, at the moment they are shown."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.aids.aid import Aid, Due
from alerts.message_text import clean, hotel_time, minutes

LINE = 400


def lines(aid: Aid, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """Return all that an aid says to an engineer, what is due first."""
    return (*_dues(aid, now, zone), *(clean(line, LINE) for line in aid.lines))


def desk_lines(aid: Aid) -> tuple[str, ...]:
    """Return what an aid says to the front desk."""
    return tuple(clean(line, LINE) for line in aid.desk)


def _dues(aid: Aid, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    for due in sorted(aid.due, key=lambda one: one.at):
        yield said(due, now, zone)


def said(due: Due, now: datetime, zone: ZoneInfo) -> str:
    """Return such as `Expedia, arrivals today: sends bookings by e-mail from 14:35 (12 min left)`."""
    when, what = hotel_time(due.at, now, zone), f"{clean(due.who, 100)}: {clean(due.what, 200)}"
    if due.at <= now:
        return f"{what} since {when} (passed)"
    return f"{what} from {when} ({minutes(due.at - now)} left)"
