"""What the acknowledge page says, and how it is laid out."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.incident import Breach, Incident
from alerts.message_text import clean, full_time, moment
from alerts.policy import Policy
from alerts.told import coming

MEANWHILE = "Nobody further is told until then, unless it becomes worse: that is told all the same."
NOTE = 1000
"""Characters of a note at the most."""

MOST_SEEN = 5
"""Checks whose evidence is shown at the most."""


@dataclass(frozen=True, slots=True)
class View:
    """What is said: a verdict and what follows from it. `asks` says that the form is shown."""

    status: int
    tone: str
    symbol: str
    heading: str
    lines: tuple[str, ...] = ()
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """Now, and the time zone of the hotel."""

    now: datetime
    zone: ZoneInfo

    def clock(self, at: datetime) -> str:
        """Return a time in hotel time."""
        return moment(at, self.now, self.zone)


@dataclass(frozen=True, slots=True)
class About:
    """The incident as it is shown."""

    id: str
    title: str
    hotel: str
    severity: str
    opened: str
    summary: str
    steps: tuple[str, ...]
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """For how long one can look after it."""

    value: str
    label: str
    ends: str


class TurnedAwayError(Exception):
    """Whoever comes is shown nothing but this."""

    def __init__(self, view: View) -> None:
        super().__init__(view.heading)
        self.view = view


_NEWEST = "Take the link of the newest mail about it, or acknowledge it on the porter's host."
FORGED = View(403, "bad", "✕", "This link is not valid", ("It may have been cut off on its way.", _NEWEST))
EXPIRED = View(403, "bad", "✕", "This link has expired", ("A link is good for 24 hours.", _NEWEST))
OUTDATED = View(
    403,
    "bad",
    "✕",
    "This link is outdated",
    ("What it was about is over, and has come back since.", _NEWEST),
)
UNKNOWN = View(404, "dim", "?", "There is no such incident", ("Night Porter knows nothing of it any more.",))
ELSEWHERE = View(403, "bad", "✕", "This was sent from another site", ("Open the link of the mail itself.",))
UNREADABLE = View(400, "bad", "✕", "This was not understood", ("Go back, and choose 1, 4 or 12 hours.",))
BROKEN = View(
    503,
    "bad",
    "✕",
    "This cannot be written down now",
    (
        "Night Porter cannot use its state, and goes on telling people.",
        "Open the link again in a moment: it says how things stand.",
    ),
)
TAKEN = View(200, "good", "✓", "Somebody looks after it")


def over(incident: Incident, local: Local) -> View:
    """Say that there is nothing left to acknowledge."""
    when = local.clock(incident.resolved_at) if incident.resolved_at else "some time ago"
    how = clean(incident.outcome or "works again")
    return View(
        200, "good", "✓", "It is resolved already", (f"Since {when}: {how}.", "There is nothing to do.")
    )


def cared_for(incident: Incident, reader: str, local: Local) -> View:
    """Say that somebody has acknowledged it already."""
    return View(200, "good", "✓", "It is acknowledged already", _care(incident, reader, local))


def thanks(incident: Incident, local: Local) -> View:
    """Say what has just been promised."""
    promise = incident.acknowledgement
    reader = promise.by if promise else ""
    return View(200, "good", "✓", "Thank you, it is acknowledged", _care(incident, reader, local))


def asking(incident: Incident, local: Local) -> View:
    """Say that nobody looks after it yet, and who is told next."""
    tone = "fair" if incident.severity == "warning" else "bad"
    return View(200, tone, "!", "Nobody looks after this yet", (_next(incident, local),), asks=True)


def about(incident: Incident, hotel: str, local: Local) -> About:
    """Return an incident as it is shown."""
    return About(
        id=incident.id,
        title=clean(incident.title),
        hotel=clean(hotel, 200),
        severity=incident.severity,
        opened=full_time(incident.opened_at, local.zone),
        summary=clean(incident.diagnosis.summary),
        steps=tuple(clean(step) for step in incident.diagnosis.steps[:3]),
        seen=tuple(_seen(one, local) for one in incident.breaches[:MOST_SEEN]),
    )


def _seen(breach: Breach, local: Local) -> str:
    well = f", last ok {local.clock(breach.last_ok)}" if breach.last_ok else ""
    name = clean(f"{breach.check.integration}/{breach.check.check}", 130)
    return f"{name}: {clean(breach.message)} (since {local.clock(breach.since)}{well})"


def _care(incident: Incident, reader: str, local: Local) -> tuple[str, ...]:
    promise = incident.acknowledgement
    if promise is None:
        return ()
    by = clean(promise.by, 200)
    who = f"You ({by}) look" if by == clean(reader, 200) else f"{by} looks"
    said = f"{who} after it until {local.clock(promise.until)}. {MEANWHILE}"
    note = (f"Note: {clean(promise.note, NOTE)}",) if promise.note else ()
    return (said, *note, _next(incident, local))


def _next(incident: Incident, local: Local) -> str:
    step = incident.next_step
    if step is None:
        why = f": {clean(incident.standstill)}" if incident.standstill else ""
        return f"No further step is planned{why}."
    following = coming(incident, Policy())
    role = clean(following.role, 200) if following else ""
    return f"Next is told: {role}, at {local.clock(step.at)}. {clean(step.reason)}"
