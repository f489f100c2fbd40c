"""Mails to render: one ordinary problem, varied by the tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.incident import Breach, Criterion, Incident, IncidentState, Severity
from alerts.message import Mail, Told, Vendor
from alerts.notification import Kind
from alerts.wording import diagnose, title
from checks.result import CheckId, Reason, State

NOW = datetime(2026, 11, 25, 8, 12, 30, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=12, seconds=30)
ROOT = "<inc-1.1.opened.problem.abc@hotel.example>"


def breach(reason: Reason, message: str, **changes: Any) -> Breach:
    """Return a breach of `payment/health` that began twelve minutes ago."""
    plain = Breach(
        check=CheckId("grand-harbour", "payment", "health"),
        state=State.CRITICAL,
        reason=reason,
        message=message,
        since=SINCE,
        last_ok=SINCE - timedelta(minutes=1),
    )
    return replace(plain, **changes)


REFUSED = breach(Reason.CREDENTIALS, "the answer was 401 Unauthorized")


def incident(*breaches: Breach, kind: str = "payment", **changes: Any) -> Incident:
    """Return an open critical incident that these breaches amount to."""
    broken = breaches or (REFUSED,)
    name = broken[0].check.integration
    plain = Incident(
        id="inc-7f3a9c",
        key=f"grand-harbour/{name}",
        hotel="grand-harbour",
        integrations=(name,),
        breaches=broken,
        diagnosis=diagnose(broken, kind),
        severity=Severity.CRITICAL,
        criteria=(Criterion.CRITICAL_SYSTEM_DOWN,),
        title=title(name, broken),
        state=IncidentState.OPEN,
        opened_at=SINCE + timedelta(minutes=1),
        thread_root=ROOT,
    )
    return replace(plain, **changes)


def problem(about: Incident | None = None, **changes: Any) -> Mail:
    """Return the first mail about an incident, to level 1."""
    plain = Mail(
        sender="Night Porter <nightporter@hotel.example>",
        recipient="integration-support@hotel.example",
        message_id=ROOT,
        date=NOW,
        kind=Kind.PROBLEM,
        level="1",
        hotel_id="grand-harbour",
        hotel_name="Grand Harbour Hotel",
        timezone=ZoneInfo("Europe/Lisbon"),
        incident=about or incident(),
        kinds={
            "payment": "payment",
            "expedia": "ota",
            "door_locks": "generic",
            "booking_engine": "booking_engine",
        },
        thread_root=ROOT,
        told=(Told("Integration Support Team", ("integration-support@hotel.example",), NOW, "email"),),
        next_step=None,
        healthy=("booking_engine", "email"),
        affected=("expedia",),
        vendor=Vendor(
            support="support@gateway.example",
            phone="+49 30 5550 100",
            account="H-1234",
            status_url="https://status.gateway.example/",
        ),
        docs_url="https://wiki.hotel.example/payment",
        public_url="https://porter.hotel.example",
        ack_command="nightporter incidents ack inc-7f3a9c",
    )
    return replace(plain, **changes)


def resolved(about: Incident | None = None, **changes: Any) -> Mail:
    """Return the mail that tells of the end of an incident, an hour after it began."""
    over = SINCE + timedelta(hours=1, minutes=5)
    ended = replace(
        about or incident(), state=IncidentState.RESOLVED, resolved_at=over, outcome="works again"
    )
    message_id = "<inc-1.1.resolved.resolved.abc@hotel.example>"
    return replace(problem(ended), kind=Kind.RESOLVED, date=over, message_id=message_id, **changes)
