"""What comes next of an incident when nobody acts, or why nothing does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.acknowledgement import held_until
from alerts.incident import Incident, NextStep, Severity
from alerts.message_mail import FRONT_DESK
from alerts.roster import Roster
from alerts.schedule import FIRST, SECOND, WARNINGS, Turn


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next step; where there is none, `standstill` says why."""

    next_step: NextStep | None = None
    standstill: str = ""


def step_of(level: str) -> str:
    """Return the name of the step by which a level, or the front desk, is told first."""
    return f"problem-{level}" if level in {FIRST, FRONT_DESK} else f"escalation-{level}"


def mark(incident: Incident) -> str:
    """Name what people are told of an incident as it is: news is what has another name."""
    return f"{incident.severity}-{len(incident.criteria)}-{incident.diagnosis.cause}"


def heard(steps: Iterable[str]) -> str | None:
    """Return the name of what people were told last, if anybody was told."""
    last = None
    for step in steps:
        kind, _, name = step.partition("-")
        if kind in {"announced", "update"}:
            last = name
    return last


def news(last: str, incident: Incident) -> str:
    """Say what is new since people last heard of an incident; `last` is the name of that."""
    severity, _, cause = last.split("-", 2)
    if severity != incident.severity:
        grave = incident.severity is Severity.EMERGENCY
        return "it is an emergency now" if grave else f"it is {incident.severity} now"
    return (
        "another cause is probable now"
        if cause != incident.diagnosis.cause
        else "one more reason to escalate"
    )


def outlook(
    incident: Incident,
    coming: Sequence[Turn],
    roster: Roster,
    *,
    silenced: datetime | None,
    reminder: datetime | None,
) -> Outlook:
    """Return what comes next of an open incident.

    `coming` are its turns, `silenced` is the end of its silence, and `reminder` when those told are reminded.
    """
    if incident.parent is not None:
        return Outlook(standstill=f"told with incident {incident.parent}")
    left = [(turn.at, turn) for turn in coming if turn.at and step_of(turn.level) not in incident.steps]
    if left:
        at, turn = min(left, key=lambda one: one[0])
        return Outlook(NextStep(turn.level, at, _reason(incident, turn.why, at, silenced)))
    level = min((one.level for one in roster.reached()), default=FIRST)
    if silenced is not None and heard(incident.steps) not in {None, mark(incident)}:
        return Outlook(NextStep(level, silenced, "The silence ends then, and there is news to tell."))
    end = _end(incident, coming, roster)
    if reminder is not None:
        return Outlook(NextStep(level, reminder, f"A reminder: {end}."))
    return Outlook(standstill=end)


def _reason(incident: Incident, why: str, at: datetime, silenced: datetime | None) -> str:
    if at == silenced:
        return "The silence ends then."
    if incident.acknowledgement is not None and at == held_until(incident):
        return f"The time promised by {incident.acknowledgement.by} ends then."
    return f"{why[:1].upper()}{why[1:]}."


def _end(incident: Incident, coming: Sequence[Turn], roster: Roster) -> str:
    """Say why no further level is told."""
    levels = roster.policy.levels
    if not any(level.addresses for level in levels):
        return "nobody is configured to be told"
    if not any(roster.manned(level) for level in levels):
        return "nobody is left to tell"
    if incident.severity is Severity.WARNING and step_of(FIRST) in incident.steps:
        return WARNINGS
    if incident.severity is Severity.CRITICAL and roster.policy.level(SECOND) is None:
        return "no level 2 is configured"
    untold = (turn for turn in coming if turn.at is None and turn.level != FRONT_DESK)
    reasons = [turn.why for turn in untold if step_of(turn.level) not in incident.steps]
    return reasons[0] if reasons else "all levels have been told"
