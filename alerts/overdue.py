"""What has become overdue in the ledger of a hotel, and has not been told of: once for each due date."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from alerts.credentials import Keeping, Need
from alerts.maintenance import Standing
from alerts.recurrence import Due, last_day
from alerts.wall_clock import moment

GRACE = timedelta(minutes=5)
"""How long after the report hour is waited: what is ticked by a report is not overdue."""

_CREDENTIAL = "credential:"


@dataclass(frozen=True, slots=True)
class Missed:
    """A task, or a credential, whose day has passed.

    `name` is what it is remembered by, `due_by` the moment from which on it is overdue, `day` the last one on
    which it was not.
    """

    name: str
    title: str
    what: str
    due_by: datetime
    day: date

    @property
    def task(self) -> str:
        """The id of the task; nothing of a credential."""
        return "" if self.name.startswith(_CREDENTIAL) else self.name


def report_hour(now: datetime, zone: tzinfo, at: time) -> datetime:
    """Return when the clocks of a hotel last showed the hour of its reports."""
    today = now.astimezone(zone).date()
    here = moment(datetime.combine(today, at), zone)
    return here if here <= now else moment(datetime.combine(today - timedelta(days=1), at), zone)


def newly_overdue(
    tasks: Iterable[Standing],
    credentials: Iterable[Keeping],
    zone: tzinfo,
    *,
    warned: Mapping[str, datetime],
    since: datetime,
) -> tuple[Missed, ...]:
    """Return what is overdue and was not told of, what is so for longest first.

    `warned` are the moments of which was told before, by name. What was overdue before `since`, when somebody
    first looked, is history.
    """
    missed = [
        Missed(one.task.id, one.task.title, one.task.what, one.due_by, last_day(one.due_by, zone))
        for one in tasks
        if one.state is Due.OVERDUE
    ]
    missed += [
        Missed(_CREDENTIAL + one.credential.id, one.credential.title, _about(one), one.ends(zone), one.due)
        for one in credentials
        if one.need is Need.OVERDUE
    ]
    new = [one for one in missed if one.due_by > max(since, warned.get(one.name, since))]
    return tuple(sorted(new, key=lambda one: (one.due_by, one.name)))


def _about(one: Keeping) -> str:
    known = one.credential
    what = f" for {known.integration}" if known.integration else ""
    note = f" {known.note}" if known.note else ""
    return f"{known.owner} looks after it{what}.{note}"
