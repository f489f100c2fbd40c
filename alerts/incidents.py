"""Breaches -> incidents: when one opens, changes, comes back and ends, and how bad it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.change import Event
from alerts.incident import (
    Breach,
    Cause,
    Criterion,
    Diagnosis,
    Incident,
    IncidentState,
    Severity,
)
from checks.result import Reason, State

REOPENS_WITHIN = timedelta(hours=24)

DOWN_CAUSES = frozenset(
    {Cause.API_CREDENTIALS_INVALID, Cause.PROPERTY_NOT_AUTHORISED, Cause.SMTP_CREDENTIALS_INVALID}
)
"""Causes that bring an integration down whatever its health endpoint says."""

SECURITY_CAUSES = frozenset(
    {
        Cause.WEBHOOK_SIGNATURE_NOT_VERIFIED,
        Cause.CARD_TESTING,
        Cause.CARD_NUMBER_IN_LOG,
        Cause.AUDIT_TRAIL_GAP,
        Cause.LOGIN_ATTACK,
    }
)
"""Causes that are security incidents by themselves."""

STANDS_ON: dict[str, tuple[str, ...]] = {
    "booking_engine": ("health",),
    "ota": ("health",),
    "payment": ("health",),
    "channel_manager": ("health",),
    "pms": ("database",),
    "email": ("provider", "smtp"),
}
"""The checks an integration of a kind stands on: it is down when all of them are critical."""

_RANK = {Severity.WARNING: 0, Severity.CRITICAL: 1, Severity.EMERGENCY: 2}


class Step(StrEnum):
    """What a decision does to an incident."""

    OPENED = "opened"
    REOPENED = "reopened"
    WORSENED = "worsened"
    CHANGED = "changed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Situation:
    """One integration at one moment: its breaches, all its checks, and the incident there is or was.

    `failing` are the checks whose last run was critical, decided or not: once a breach is decided, they tell
    whether anything of the integration still works.
    """

    key: str
    hotel: str
    integration: str
    kind: str
    breaches: tuple[Breach, ...]
    checks: tuple[str, ...]
    failing: frozenset[str] = frozenset()
    current: Incident | None = None
    recent: Incident | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an incident, and the line of its timeline that says so."""

    step: Step
    incident: Incident
    event: Event


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the decision needs from outside: words for a set of breaches, and names for new incidents."""

    diagnose: Callable[[tuple[Breach, ...], str], Diagnosis]
    title: Callable[[str, tuple[Breach, ...]], str]
    new_id: Callable[[], str]


def criteria(situation: Situation, diagnosis: Diagnosis) -> tuple[Criterion, ...]:
    """Return the owner's criteria that hold for the integration as it is."""
    held = []
    if diagnosis.cause in DOWN_CAUSES or _down(situation) or _no_mail_left(situation):
        held.append(Criterion.CRITICAL_SYSTEM_DOWN)
    if diagnosis.cause in SECURITY_CAUSES:
        held.append(Criterion.SECURITY_INCIDENT)
    return tuple(held)


def _no_mail_left(situation: Situation) -> bool:
    return any(
        breach.check.check == "quota" and breach.state is State.CRITICAL
        for breach in situation.breaches
        if situation.kind == "email"
    )


def _down(situation: Situation) -> bool:
    critical = [breach for breach in situation.breaches if breach.state is State.CRITICAL]
    # Security findings are made on what works.
    decided = {breach.check.check for breach in critical if breach.reason is not Reason.SECURITY}
    everything = ("health",) if "health" in situation.checks else situation.checks
    pillars = set(STANDS_ON.get(situation.kind, everything))
    return bool(pillars & decided) and pillars <= decided | situation.failing


def severity(held: Iterable[Criterion]) -> Severity:
    """Return how bad an incident with these criteria is."""
    found = set(held)
    if Criterion.SECURITY_INCIDENT in found:
        return Severity.EMERGENCY
    if {Criterion.CRITICAL_SYSTEM_DOWN, Criterion.DATA_LOSS_RISK} <= found:
        return Severity.EMERGENCY
    return Severity.CRITICAL if found else Severity.WARNING


def decide(situation: Situation, judgement: Judgement, now: datetime) -> Decision | None:
    """Return what the situation makes of its incident, or None when nothing changes."""
    if not situation.breaches:
        return _resolve(situation, now) if situation.current else None
    diagnosis = judgement.diagnose(situation.breaches, situation.kind)
    held = criteria(situation, diagnosis)
    drawn = _draw(situation, judgement, diagnosis, held, now)
    if situation.current is None:
        step = Step.OPENED if drawn.epoch == 1 else Step.REOPENED
        return Decision(step, drawn, Event(drawn.id, now, step, f"{step}: {drawn.title}"))
    return _update(situation.current, drawn, now)


def _draw(
    situation: Situation,
    judgement: Judgement,
    diagnosis: Diagnosis,
    held: tuple[Criterion, ...],
    now: datetime,
) -> Incident:
    """Return the incident as a first look would open it, or open it again within a day."""
    recent = situation.recent
    again = (
        recent is not None and recent.resolved_at is not None and now - recent.resolved_at <= REOPENS_WITHIN
    )
    return Incident(
        id=recent.id
        if recent and again
        else situation.current.id
        if situation.current
        else judgement.new_id(),
        key=situation.key,
        hotel=situation.hotel,
        integrations=(situation.integration,),
        breaches=situation.breaches,
        diagnosis=diagnosis,
        severity=severity(held),
        criteria=held,
        title=judgement.title(situation.integration, situation.breaches),
        state=IncidentState.OPEN,
        opened_at=now,
        epoch=recent.epoch + 1 if recent and again else 1,
        thread_root=recent.thread_root if recent and again else None,
    )


def _update(current: Incident, drawn: Incident, now: datetime) -> Decision | None:
    """Carry news into an open incident; its severity and criteria only rise."""
    graver = _RANK[drawn.severity] > _RANK[current.severity]
    # What is bad enough for a criterion of its own is told, however bad the incident was before.
    worse = graver or not set(drawn.criteria) <= set(current.criteria)
    after = replace(
        current,
        breaches=drawn.breaches,
        diagnosis=drawn.diagnosis,
        title=drawn.title,
        severity=drawn.severity if graver else current.severity,
        criteria=tuple(dict.fromkeys((*current.criteria, *drawn.criteria))),
    )
    if not worse and _essence(after) == _essence(current):
        return None
    step = Step.WORSENED if worse else Step.CHANGED
    return Decision(step, after, Event(current.id, now, step, f"{after.severity}: {after.title}"))


def _essence(incident: Incident) -> tuple[object, ...]:
    """Return what of an incident is news when it differs: numbers in messages are not."""
    reasons = tuple((breach.check, breach.state, breach.reason) for breach in incident.breaches)
    return (reasons, incident.criteria, incident.diagnosis.cause)


def _resolve(situation: Situation, now: datetime) -> Decision | None:
    current = situation.current
    if current is None:
        return None
    watched = any(breach.check.check in situation.checks for breach in current.breaches)
    outcome = "works again" if watched else "is no longer watched: the configuration changed"
    after = replace(current, state=IncidentState.RESOLVED, resolved_at=now, outcome=outcome)
    return Decision(Step.RESOLVED, after, Event(current.id, now, Step.RESOLVED, f"resolved: {outcome}"))
