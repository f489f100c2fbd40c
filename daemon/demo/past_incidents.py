"""What was the matter in the simulated hotel before tonight, and what people said of it: invented."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.change import Change, Event
from alerts.incident import (
    Acknowledgement,
    Breach,
    Cause,
    Criterion,
    Diagnosis,
    Incident,
    IncidentState,
    Severity,
)
from checks.result import CheckId, Reason, State
from daemon.demo.past_history import Outage

BY = "Joana, Integration Support"
INVENTED = "Simulated: this is from the demo's invented past."


@dataclass(frozen=True, slots=True)
class Tale:
    """An incident of the past: how long ago it opened, how long it lasted, and what was said of it."""

    days: float
    lasted: timedelta
    integration: str
    check: str
    reason: Reason
    message: str
    diagnosis: Diagnosis
    criteria: tuple[Criterion, ...] = ()
    note: str = ""


TALES: Sequence[Tale] = (
    Tale(
        2.3,
        timedelta(minutes=34),
        "payment",
        "health",
        Reason.TIMEOUT,
        "no answer within 10 s",
        Diagnosis(
            Cause.VENDOR_OUTAGE,
            "likely",
            "vendor",
            "The gateway did not answer, and everybody else did.",
            ("Take payments by the terminal at the desk.", "Call the gateway."),
            title="payment: the vendor is down",
            sentence="did not answer",
        ),
        (Criterion.CRITICAL_SYSTEM_DOWN,),
        "Took cards by the terminal. The vendor confirmed an outage from 21:05 on.",
    ),
    Tale(
        6.6,
        timedelta(hours=1, minutes=50),
        "expedia",
        "modification_queue",
        Reason.THRESHOLD,
        "1,840 changes wait, at most 1,000 are expected",
        Diagnosis(
            Cause.HIGH_UPDATE_VOLUME,
            "likely",
            "us",
            "Many more changes came than usual, and were worked off.",
            ("Have two more workers work them off.",),
            title="expedia: many changes wait",
            sentence="had many changes to work off",
        ),
        (),
        "Runbook was wrong: it names channel-sync, but our process is called channel-manager-sync.",
    ),
    Tale(
        16.2,
        timedelta(minutes=12),
        "expedia",
        "auth",
        Reason.CREDENTIALS,
        "the answer was 401 Unauthorized",
        Diagnosis(
            Cause.API_CREDENTIALS_INVALID,
            "likely",
            "us",
            "Everything up to the login worked, and the vendor refused it.",
            ("Find out who changed the password.",),
            title="expedia: refuses our credentials (401)",
            sentence="refused our user name or password",
        ),
        (Criterion.CRITICAL_SYSTEM_DOWN,),
        "The password had been changed in the extranet. Put the new one into both files.",
    ),
    Tale(
        29.8,
        timedelta(minutes=21),
        "email",
        "smtp",
        Reason.CONNECT,
        "connection refused",
        Diagnosis(
            Cause.SMTP_PORT_BLOCKED,
            "possible",
            "network",
            "Port 587 could not be reached, and other ports could.",
            ("Ask the provider whether port 587 is blocked.",),
            title="email: port 587 is blocked",
            sentence="could not be reached",
        ),
        (),
        "The firewall had been changed, and was changed back.",
    ),
)
"""None ended within the last day: what came back within that would be the same incident again."""


def outages(now: datetime) -> list[Outage]:
    """Return when checks failed in them."""
    return [
        Outage(
            tale.integration,
            tale.check,
            _minute(_opened(tale, now)),
            _minute(_opened(tale, now) + tale.lasted),
        )
        for tale in TALES
    ]


def change(hotel: str, now: datetime) -> Change:
    """Return the incidents, all of them resolved, with their timelines."""
    incidents = tuple(
        told_at(hotel, tale, _opened(tale, now), f"past-{number}") for number, tale in enumerate(TALES, 1)
    )
    pairs = zip(incidents, TALES, strict=True)
    return Change(
        incidents=incidents, events=tuple(event for one, tale in pairs for event in _events(one, tale))
    )


def told_at(hotel: str, tale: Tale, opened: datetime, name: str) -> Incident:
    """Return the incident of a tale, as if it had opened then."""
    acknowledged = opened + timedelta(minutes=4)
    breach = Breach(
        CheckId(hotel, tale.integration, tale.check),
        State.CRITICAL if tale.criteria else State.WARNING,
        tale.reason,
        tale.message,
        opened - timedelta(minutes=1),
        opened - timedelta(minutes=2),
    )
    return Incident(
        id=name,
        key=f"{hotel}/{name}",
        hotel=hotel,
        integrations=(tale.integration,),
        breaches=(breach,),
        diagnosis=tale.diagnosis,
        severity=Severity.CRITICAL if tale.criteria else Severity.WARNING,
        criteria=tale.criteria,
        title=tale.diagnosis.title,
        state=IncidentState.RESOLVED,
        opened_at=opened,
        resolved_at=opened + tale.lasted,
        outcome="all of its checks are well again",
        acknowledgement=Acknowledgement(BY, acknowledged, acknowledged + timedelta(hours=1), "Looking."),
    )


def _events(one: Incident, tale: Tale) -> list[Event]:
    ended = one.opened_at + tale.lasted
    told = one.acknowledgement
    return [
        Event(one.id, one.opened_at, "opened", f"opened: {one.title}"),
        Event(one.id, told.at if told else ended, "acknowledged", f"acknowledged by {BY}: Looking."),
        Event(one.id, ended, "resolved", f"resolved: {one.outcome}"),
        Event(one.id, ended + timedelta(minutes=9), "note", f"{BY}: {tale.note}"),
        Event(one.id, ended + timedelta(minutes=10), "note", INVENTED),
    ]


def _opened(tale: Tale, now: datetime) -> datetime:
    return (now - timedelta(days=tale.days)).replace(second=0, microsecond=0)


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)
