"""What comes next of an incident when nobody acts, or why nothing does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.acknowledgement import held_until
from alerts.incident import Criterion, Incident, NextStep, Severity
from alerts.message_mail import FRONT_DESK
from alerts.roster import Roster
from alerts.schedule import FIRST, SECOND, WARNINGS, Turn

MARKS = frozenset({"announced", "update"})
"""How the steps begin that say what people were told; what follows is the `mark` of it."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next step; where there is none, `standstill` says why."""

    next_step: NextStep | None = None
    standstill: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """The turns there will be from `at` on, when time has made the incident graver and nobody has acted.

    `risen` says whether it has another severity then.
    """

    at: datetime
    risen: bool
    severity: Severity
    coming: tuple[Turn, ...]

    @property
    def why(self) -> str:
        """What happens then, as a sentence."""
        if not self.risen:
            return "There is one more reason to escalate then."
        what = "an emergency" if self.severity is Severity.EMERGENCY else str(self.severity)
        return f"It becomes {what} then, if it is still open."


def step_of(level: str) -> str:
    """Return the name of the step by which a level, or the front desk, is told first."""
    return f"problem-{level}" if level in {FIRST, FRONT_DESK} else f"escalation-{level}"


def mark(incident: Incident) -> str:
    """Name what people are told of an incident as it is: news is what has another name.

    That it has lasted long is none, unless it is graver for that.
    """
    reasons = sum(one is not Criterion.PERSISTENT_FAILURES for one in incident.criteria)
    return f"{incident.severity}-{reasons}-{incident.diagnosis.cause}"


def heard(steps: Iterable[str]) -> str | None:
    """Return the name of what people were told last, if anybody was told."""
    last = None
    for step in steps:
        kind, _, name = step.partition("-")
        if kind in MARKS:
            last = name
    return last


def severity_of(name: str) -> str:
    """Return the severity that a name of news begins with."""
    return name.partition("-")[0]


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
    later: Sequence[Later],
    roster: Roster,
    *,
    silenced: datetime | None,
    aware: str | None,
    reminder: datetime | None,
) -> Outlook:
    """Return what comes next of an open incident.

    `coming` are its turns, and `later` those it will have by lasting; `silenced` is the end of its silence,
    `aware` the first level of which somebody knows, and `reminder` when those who do are reminded.
    """
    if incident.parent is not None:
        return Outlook(standstill=f"told with incident {incident.parent}")
    left = [
        (turn.at, turn.level, _reason(incident, turn, turn.at, silenced, risen))
        for risen, some in ((None, coming), *((one, one.coming) for one in later))
        for turn in some
        if turn.at is not None and step_of(turn.level) not in incident.steps
    ]
    if silenced is not None and _news_waits(incident):
        left.append((silenced, aware or FIRST, "The silence ends then, and there is news to tell."))
    if left:
        at, level, reason = min(left, key=lambda one: one[0])
        return Outlook(NextStep(level, at, reason))
    end = _end(incident, coming, roster)
    if aware is None:
        return Outlook(standstill=end)
    words = [(max(one.at, silenced or one.at), one.why) for one in later[:1]]
    if reminder is not None:
        words.append((reminder, f"A reminder: {end}."))
    return Outlook(NextStep(aware, *min(words))) if words else Outlook(standstill=end)


def _news_waits(incident: Incident) -> bool:
    last, current = heard(incident.steps), mark(incident)
    return last not in {None, current} and f"update-{current}" not in incident.steps


def _reason(
    incident: Incident, turn: Turn, at: datetime, silenced: datetime | None, risen: Later | None
) -> str:
    """Say why a turn comes at a moment; `risen` is what the incident has become by then."""
    if at == silenced:
        return "The silence ends then."
    if incident.acknowledgement is not None and at == held_until(incident):
        return f"The time promised by {incident.acknowledgement.by} ends then."
    if risen is not None and at == risen.at:
        return risen.why
    return f"{turn.why[:1].upper()}{turn.why[1:]}."


def _end(incident: Incident, coming: Sequence[Turn], roster: Roster) -> str:
    """Say why no further level is told."""
    levels = roster.policy.levels
    if not any(level.reachable for level in levels):
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
