"""Who has been told of an incident and who is next, as letters say it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from alerts.decision import Order
from alerts.incident import Incident
from alerts.message_mail import FRONT_DESK, NextStep, Told
from alerts.notification import Notification
from alerts.policy import Policy
from alerts.roster import TOLD


def coming(incident: Incident, usual: Policy) -> NextStep | None:
    """Return who is told next; `usual` is the policy of an incident that has none of its own."""
    if incident.next_step is None:
        return None
    policy = incident.policy or usual
    level = policy.level(incident.next_step.level)
    role = level.role if level else _named(incident.next_step.level, {})[0]
    return NextStep(role, incident.next_step.at, incident.next_step.reason)


def told_so_far(
    incident: Incident, orders: Iterable[Order], rows: Iterable[Notification], now: datetime
) -> tuple[Told, ...]:
    """Return who has been told so far and is told now, each role once, with when its first was."""
    policy = incident.policy or Policy()
    roles = {level.level: (level.role, level.phone) for level in policy.levels}
    seen: dict[str, tuple[str, datetime | None]] = {}
    for row in rows:
        if row.state in TOLD and row.channel not in policy.channels:
            seen.setdefault(row.recipient, (row.level, row.sent_at))
    for order in orders:
        for person in order.people:
            if person.channel not in policy.channels:
                seen.setdefault(person.address, (person.level, now))
    found: dict[str, list[str]] = {}
    times: dict[str, list[datetime]] = {}
    for address, (level, at) in seen.items():
        found.setdefault(level, []).append(address)
        times.setdefault(level, []).extend([at] if at else [])
    return tuple(
        Told(*_named(level, roles), tuple(addresses), min(times[level], default=None), level)
        for level, addresses in found.items()
    )


def _named(level: str, roles: Mapping[str, tuple[str, str | None]]) -> tuple[str, str | None]:
    return roles.get(level, ("Front desk" if level == FRONT_DESK else f"Level {level}", None))
