"""Cron expressions of five fields in hotel time."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from alerts.wall_clock import moment

_WEEK = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@lru_cache(maxsize=256)
def trigger(expression: str, zone: tzinfo) -> Any:
    """Return the trigger of an expression; raise ValueError, saying why, for what is none.

    Weekdays are counted as cron counts them: 0 and 7 are Sunday. A day must fit both its day of month and
    its weekday where both are given.
    """
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - only where one is configured

    fields = expression.split()
    if len(fields) == 5:
        fields[4] = ",".join(_weekdays(part) for part in fields[4].lower().split(","))
    return CronTrigger.from_crontab(" ".join(fields), zone)


def next_time(expression: str, zone: tzinfo, after: datetime) -> datetime | None:
    """Return the first time of an expression that is later than `after`, in UTC; None when there is none.

    A time that the clocks skip is the first moment after the gap; one they show twice comes twice.
    """
    found = trigger(expression, zone).get_next_fire_time(None, after + timedelta.resolution)
    return None if found is None else moment(found.replace(tzinfo=None, fold=0), zone, last=bool(found.fold))


def _weekdays(part: str) -> str:
    span, _, step = part.partition("/")
    if span == "*" and not step:
        return span
    if "/" in part and not (step.isascii() and step.isdigit() and int(step)):
        raise ValueError(f"{part!r} has a step that is no whole number")
    first, dash, last = ("0", "-", "6") if span == "*" else span.partition("-")
    begin = _weekday(first, part)
    end = _weekday(last, part) if dash else 6 if step else begin
    if end < begin:
        end += 7
    return ",".join(_WEEK[day % 7] for day in range(begin, end + 1, int(step or 1)))


def _weekday(name: str, part: str) -> int:
    if name in _WEEK:
        return _WEEK.index(name)
    if len(name) == 1 and name in "01234567":
        return int(name)
    raise ValueError(f"{part!r} is no weekday; write 0 to 7 or sun to sat")
