"""The hand-over: one digest for level 2, when its hours begin, of what waited for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.calendar import OfficeHours
from alerts.decision import Addressee
from alerts.incident import Incident, IncidentState
from alerts.policy import Policy
from alerts.schedule import SECOND

DEFERRED, ESCALATED = "deferred-2", "escalation-2"
_BACK = timedelta(days=8)
"""How far back the last closing is looked for: more than a week has been closed otherwise."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What level 2 finds when its hours begin at `opened_at`.

    `waiting` are the incidents that are still open, `ended` those that came and went meanwhile, both in the
    order in which they opened. `key` is the same whenever the digest of this opening is made.
    """

    key: str
    hotel: str
    opened_at: datetime
    people: tuple[Addressee, ...]
    waiting: tuple[Incident, ...]
    ended: tuple[Incident, ...]


def handover(
    open_incidents: Iterable[Incident], ended: Iterable[Incident], policy: Policy, now: datetime
) -> Handover | None:
    """Return the digest of what waited for the hours of level 2 that have begun, if it is worth one.

    The incidents are those of one hotel, as they were before anything is told of them at this moment, without
    those that are silenced. One that is still open and one more make a digest; a single one has its own mail.
    """
    level = policy.level(SECOND)
    span = _closed(level.hours, now) if level is not None else None
    if level is None or span is None or not level.addresses:
        return None
    closed_at, opened_at = span
    waiting = _in_order(one for one in open_incidents if _waits(one, policy, opened_at))
    over = _in_order(one for one in ended if _missed(one, closed_at, now))
    if not waiting or len(waiting) + len(over) < 2:
        return None
    hotel = waiting[0].hotel
    people = tuple(Addressee(SECOND, level.role, one) for one in dict.fromkeys(level.addresses))
    key = f"handover:{hotel}:{opened_at.isoformat()}"
    return Handover(key, hotel, opened_at, people, waiting, over)


def opening(policy: Policy, now: datetime) -> datetime | None:
    """Return when the hours of level 2 began that are open now; None while it is closed, or never is."""
    level = policy.level(SECOND)
    span = _closed(level.hours, now) if level is not None else None
    return span[1] if span else None


def missed(
    open_incidents: Iterable[Incident], ended: Iterable[Incident], policy: Policy, now: datetime
) -> Handover | None:
    """Return the digest of what waited for the hours of level 2 and was all over when they began.

    The incidents are those of one hotel. Where one still waits, that is told of, and the others with it.
    """
    level = policy.level(SECOND)
    span = _closed(level.hours, now) if level is not None else None
    if level is None or span is None or not level.addresses:
        return None
    closed_at, opened_at = span
    over = _in_order(one for one in ended if _missed(one, closed_at, opened_at))
    if not over or any(_waits(one, policy, opened_at) for one in open_incidents):
        return None
    people = tuple(Addressee(SECOND, level.role, one) for one in dict.fromkeys(level.addresses))
    key = f"handover:{over[0].hotel}:{opened_at.isoformat()}"
    return Handover(key, over[0].hotel, opened_at, people, (), over)


def _closed(hours: OfficeHours, now: datetime) -> tuple[datetime, datetime] | None:
    """Return the time before the hours that are open now: when the last ones ended, and when these began."""
    closed_at = now - _BACK
    while hours.is_open(now):
        opened_at = hours.next_opening(closed_at)
        closes_at = hours.closes_at(opened_at) if opened_at else None
        if opened_at is None or closes_at is None:
            return None
        if closes_at > now:
            return (closed_at, opened_at) if opened_at > closed_at else None
        closed_at = closes_at
    return None


def _waits(incident: Incident, policy: Policy, opened_at: datetime) -> bool:
    """Tell whether an incident is handed over at this opening, and was not at an earlier one."""
    if incident.state is IncidentState.RESOLVED or incident.parent or DEFERRED not in incident.steps:
        return False
    if ESCALATED not in incident.steps:
        return True
    used = incident.policy or policy
    level = used.level(SECOND)
    due = incident.opened_at + used.after_level_2
    return level is not None and opened_at == level.hours.next_opening(due)


def _missed(incident: Incident, closed_at: datetime, now: datetime) -> bool:
    deferred = DEFERRED in incident.steps and ESCALATED not in incident.steps
    return deferred and incident.resolved_at is not None and closed_at < incident.resolved_at <= now


def _in_order(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    return tuple(sorted(incidents, key=lambda one: (one.opened_at, one.id)))
