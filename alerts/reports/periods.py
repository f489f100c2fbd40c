"""Which time a report is about: from report hour to report hour, by the clocks of a hotel."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from alerts.recurrence import Period
from alerts.reports.report import Kind
from alerts.wall_clock import moment

CAUGHT_UP = {Kind.DAILY: timedelta(days=1), Kind.WEEKLY: timedelta(days=7), Kind.MONTHLY: timedelta(days=7)}
"""How long after the end of its time a report that was missed is still made."""

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Spans:
    """The time a report is about, and the time that it is compared with: of a day, the same a week before."""

    period: Period
    before: Period


def scheduled(kind: Kind, now: datetime, zone: tzinfo, at: time) -> Spans:
    """Return the latest time of a kind that has ended; `at` is the report hour."""
    found = ended(kind, now, zone, at)
    if kind is Kind.DAILY:
        return Spans(found, ended(kind, _earlier(found.ends, WEEK, zone), zone, at))
    return Spans(found, ended(kind, found.begins, zone, at))


def as_of(kind: Kind, now: datetime, zone: tzinfo, at: time) -> Spans:
    """Return the day, week or month so far, against as much of the one that it is compared with.

    At its very beginning that is the one that has just ended.
    """
    last = ended(kind, now, zone, at)
    if last.ends == now:
        return scheduled(kind, now, zone, at)
    found = Period(last.ends, now)
    if kind is Kind.MONTHLY:
        return Spans(found, Period(last.begins, min(last.begins + (now - last.ends), last.ends)))
    begins, ends = (_earlier(edge, WEEK, zone) for edge in (found.begins, now))
    return Spans(found, Period(begins, max(ends, begins + timedelta.resolution)))


def ended(kind: Kind, now: datetime, zone: tzinfo, at: time) -> Period:
    """Return the latest period that ended at `now` or before, its bounds in UTC."""
    edges = _edges(kind, now, zone, at)
    ends = max(edge for edge in edges if edge <= now)
    return Period(max(edge for edge in edges if edge < ends), ends)


def next_end(kind: Kind, now: datetime, zone: tzinfo, at: time) -> datetime:
    """Return when the period ends that `now` lies in."""
    return min(edge for edge in _edges(kind, now, zone, at) if edge > now)


def missed(kind: Kind, found: Period, now: datetime) -> bool:
    """Say whether it is too late for the report of a period that has ended."""
    return now - found.ends >= CAUGHT_UP[kind] + timedelta(hours=1)


def alike(found: Period, last: datetime) -> bool:
    """Say whether a period is in the main the one that ended at `last`: report hour or zone have changed."""
    return abs(found.ends - last) < (found.ends - found.begins) / 2


@lru_cache(maxsize=4096)
def days(period: Period, zone: tzinfo) -> tuple[datetime, ...]:
    """Return where the days of a period begin, and where the last one ends: each at the hour of the first."""
    first = period.begins.astimezone(zone).replace(tzinfo=None)
    found = [period.begins]
    while (edge := moment(first + timedelta(days=len(found)), zone)) < period.ends:
        found.append(max(edge, found[-1]))
    return tuple(dict.fromkeys([*found, period.ends]))


def _edges(kind: Kind, now: datetime, zone: tzinfo, at: time) -> list[datetime]:
    """Return when periods begin and end about now: two before at least, and one after."""
    today = now.astimezone(zone).date()
    return [_edge(day, at, zone) for day in _first_days(kind, today)]


def _first_days(kind: Kind, today: date) -> list[date]:
    if kind is Kind.MONTHLY:
        number = 12 * today.year + today.month - 1
        return [date(one // 12, one % 12 + 1, 1) for one in range(number - 2, number + 3)]
    step = 1 if kind is Kind.DAILY else 7
    first = today - timedelta(days=today.weekday() if kind is Kind.WEEKLY else 0)
    return [first + timedelta(days=step * ahead) for ahead in range(-3, 3)]


@lru_cache(maxsize=8192)
def _edge(day: date, at: time, zone: tzinfo) -> datetime:
    return moment(datetime.combine(day, at), zone)


def _earlier(at: datetime, by: timedelta, zone: tzinfo) -> datetime:
    return moment(at.astimezone(zone).replace(tzinfo=None) - by, zone)
