"""Somebody promises to look after an incident until a certain time, and that time passes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.change import Event
from alerts.decision import Decision, Step
from alerts.incident import Acknowledgement, Incident, IncidentState
from alerts.message_text import clean, lasting

DEFAULT = timedelta(hours=1)
LONGEST = timedelta(days=7)


def acknowledge(incident: Incident, by: str, note: str, until: datetime | None, now: datetime) -> Decision:
    """Return the incident in somebody's care, for an hour unless they say until when.

    A second acknowledgement takes the place of the first. Raise ValueError, with words for the person who
    asked, when the incident is over, nobody says who it is, or the time cannot be promised.
    """
    by, note = clean(by, 200), clean(note, 2000)
    if incident.state is IncidentState.RESOLVED:
        raise ValueError("the incident is resolved: there is nothing left to acknowledge")
    if not by:
        raise ValueError("say who acknowledges it")
    promise = Acknowledgement(by, now, _promised(until, now), note)
    said = f"acknowledged by {by} for {lasting(promise.until - now)}{f': {note}' if note else ''}"
    after = replace(incident, state=IncidentState.ACKNOWLEDGED, acknowledgement=promise)
    return Decision(Step.ACKNOWLEDGED, after, Event(incident.id, now, Step.ACKNOWLEDGED, said))


def lapse(incident: Incident, now: datetime) -> Decision | None:
    """Return the incident open again when the promised time is over, else None.

    The acknowledgement is gone then; the timeline keeps it.
    """
    promise = incident.acknowledgement
    if incident.state is not IncidentState.ACKNOWLEDGED or (promise is not None and now < promise.until):
        return None
    said = f"the time promised by {promise.by} is over" if promise else "nobody has promised to look after it"
    after = replace(incident, state=IncidentState.OPEN, acknowledgement=None)
    return Decision(Step.LAPSED, after, Event(incident.id, now, Step.LAPSED, said))


def held_until(incident: Incident) -> datetime | None:
    """Return until when further steps are held by an acknowledgement, if one is given."""
    if incident.state is not IncidentState.ACKNOWLEDGED or incident.acknowledgement is None:
        return None
    return incident.acknowledgement.until


def _promised(until: datetime | None, now: datetime) -> datetime:
    if until is None:
        return now + DEFAULT
    if until.tzinfo is None:
        raise ValueError("the time until when needs its offset from UTC, such as 2026-11-25T10:00:00+01:00")
    if until <= now:
        raise ValueError("the time until when is past: promise one to come")
    if until - now > LONGEST:
        raise ValueError("nobody can promise for longer than 7 days")
    return until.astimezone(UTC)
