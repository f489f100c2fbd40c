"""What the mere passing of time makes of an open incident, so that who is said to be next comes true."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.criteria import RANK, WARNINGS_AT_MOST, severity, turning_points
from alerts.incident import Criterion, Incident, Severity
from alerts.outlook import Later, mark
from alerts.policy import Policy
from alerts.schedule import Manned, Times, turns


@dataclass(frozen=True, slots=True)
class Rise:
    """What an incident becomes at a moment when it is still open and nothing else has changed."""

    at: datetime
    severity: Severity
    criteria: tuple[Criterion, ...]


def rises(incident: Incident, policy: Policy, graver_at: datetime | None, now: datetime) -> Iterator[Rise]:
    """Yield the rises to come that are news, in order; from `graver_at` on data are at risk."""
    seen = incident
    points = {one for one in turning_points(incident.opened_at, policy, graver_at) if one > now}
    for at in sorted(points):
        held = {*incident.criteria, *_by_time(incident, at - incident.opened_at, policy)}
        if graver_at is not None and graver_at <= at and not _bounded(incident):
            held.add(Criterion.DATA_LOSS_RISK)
        grade = max(severity(held, incident.opened_at, policy, at), seen.severity, key=RANK.__getitem__)
        risen = replace(seen, severity=grade, criteria=tuple(one for one in Criterion if one in held))
        if mark(risen) != mark(seen):
            yield Rise(at, risen.severity, risen.criteria)
        seen = risen


def _by_time(incident: Incident, age: timedelta, policy: Policy) -> Iterator[Criterion]:
    if age >= policy.persistent_after and not _bounded(incident):
        yield Criterion.PERSISTENT_FAILURES


def _bounded(incident: Incident) -> bool:
    return incident.diagnosis.cause in WARNINGS_AT_MOST


def later(
    incident: Incident,
    policy: Policy,
    times: Times,
    manned: Manned,
    *,
    graver_at: datetime | None,
    now: datetime,
) -> tuple[Later, ...]:
    """Return the turns there will be once time has made the incident graver, for each such moment."""
    found = []
    for rise in rises(incident, policy, graver_at, now):
        then = Times(times.since, max(times.earliest, rise.at), max(times.held, rise.at))
        coming = turns(policy, rise.severity, rise.criteria, then, manned)
        found.append(Later(rise.at, rise.severity is not incident.severity, rise.severity, coming))
    return tuple(found)
