"""When what recurs is due: days, weeks and months by the clocks of a hotel."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache

from alerts.wall_clock import moment


class Rhythm(StrEnum):
    """How often something is to be done: once in each of these, whenever in it."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Due(StrEnum):
    """How something that recurs stands: done in this period, to be done in it, or left undone in one."""

    DONE = "done"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a week from Monday on, a month, a quarter or a year; its end belongs to the next one."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """How something stands, and by when it is to be done next; where it is overdue, that is past."""

    state: Due
    due_by: datetime


_MONTHS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.YEARLY: 12}


def period(rhythm: Rhythm, at: datetime, zone: tzinfo) -> Period:
    """Return the period that a moment lies in, its bounds in UTC."""
    today = at.astimezone(zone).date()
    if rhythm in _MONTHS:
        first, following = _months(today, _MONTHS[rhythm])
    else:
        first = today if rhythm is Rhythm.DAILY else today - timedelta(days=today.weekday())
        following = first + timedelta(days=1 if rhythm is Rhythm.DAILY else 7)
    return Period(_midnight(first, zone), _midnight(following, zone))


def turn(rhythm: Rhythm, zone: tzinfo, *, since: datetime, done: datetime | None, now: datetime) -> Turn:
    """Return how something stands that was last done then, or never since it was asked for.

    What was done counts for the period it was done in, be that early or late. What was never done is to be
    done by the end of the first whole period. A time to come counts as now: what a clock said that was far
    ahead must be left out before.
    """
    begun = min(since if done is None else done, now)
    current, counted = period(rhythm, now, zone), period(rhythm, begun, zone)
    due_by = period(rhythm, counted.ends, zone).ends
    if done is not None and counted == current:
        return Turn(Due.DONE, due_by)
    return Turn(Due.OVERDUE if due_by <= now else Due.DUE, due_by)


def last_day(due_by: datetime, zone: tzinfo) -> date:
    """Return the day by whose end something is due, as people say it."""
    return (due_by - datetime.resolution).astimezone(zone).date()


def _months(today: date, length: int) -> tuple[date, date]:
    """Return the first day of the months, so many together, that a day lies in, and of the next."""
    number = 12 * today.year + (today.month - 1) // length * length
    (year, month), (then, following) = divmod(number, 12), divmod(number + length, 12)
    return date(year, month + 1, 1), date(then, following + 1, 1)


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: tzinfo) -> datetime:
    return moment(datetime.combine(day, time.min), zone)
