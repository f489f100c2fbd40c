"""Mails to render: one ordinary problem, varied by the tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.digest import Digest
from alerts.impact import Deadline
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
from alerts.message import FRONT_DESK, Mail, NextStep, Told, Vendor
from alerts.message_letter import letter
from alerts.message_parts import Section
from alerts.notification import Kind
from alerts.wording import unexplained
from checks.result import CheckId, Reason, State

HOSTILE = (
    "</p><script>alert(1)</script><img src=x onerror=alert(1)>\r\nBcc: everybody@evil.example\n\nX"
    "\x1b[31mred\x1b]0;title\x07 \u202egnp.exe \u2066iso\u2069 \x00nul \ud800 {{ 777*7 }} {% raw %}"
    + "A"
    * 5000
)
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

CREDENTIALS = Diagnosis(
    Cause.API_CREDENTIALS_INVALID,
    "likely",
    "us",
    "Everything up to the login works, and the vendor refuses it: the key is wrong, expired or withdrawn.",
    (
        "Find out who changed or withdrew the key of payment, and when it expires.",
        "Put the valid one where the configuration takes it from, then: nightporter validate",
        "The PMS uses the same one: give it to the PMS too.",
    ),
    title="payment: refuses our credentials (401)",
    sentence="refuses our user name, password or key",
    evidence=("the gateway answers, and refuses the login", "the control targets answer"),
    missing=("webhook",),
    runner_up=Cause.PROPERTY_NOT_AUTHORISED,
    next_test="curl with the key by hand: a 403 in place of the 401 means that the account is not allowed.",
)
NETWORK = Diagnosis(
    Cause.LOCAL_NETWORK_DOWN,
    "likely",
    "network",
    "Neither the control targets nor the vendors can be reached from Night Porter's host: it is the hotel's "
    "connection, router or VPN, or this host's own cable. No vendor is at fault.",
    (
        "On Night Porter's host: ip -br addr, then ping -c 3 1.1.1.1. No address: check cable and switch.",
        "Restart router and modem if the desk has no internet either; call the internet provider.",
        "When it is back: nightporter check, then compare what was booked and paid meanwhile.",
    ),
    title="the hotel's internet connection is down",
    sentence="the hotel's internet connection is down",
    whole=True,
    evidence=("none of the control targets answers", "integrations fail on the way"),
    next_test="Open any web page at the desk: if it loads, only Night Porter's host is cut off.",
)


def incident(*breaches: Breach, kind: str = "payment", **changes: Any) -> Incident:
    """Return an open critical incident that these breaches amount to."""
    broken = breaches or (REFUSED,)
    name = broken[0].check.integration
    diagnosis = CREDENTIALS if broken == (REFUSED,) else unexplained(broken, kind)
    plain = Incident(
        id="inc-7f3a9c",
        key=f"grand-harbour/{name}",
        hotel="grand-harbour",
        integrations=(name,),
        breaches=broken,
        diagnosis=diagnosis,
        severity=Severity.CRITICAL,
        criteria=(Criterion.CRITICAL_SYSTEM_DOWN,),
        title=diagnosis.title,
        state=IncidentState.OPEN,
        opened_at=SINCE + timedelta(minutes=1),
        thread_root=ROOT,
    )
    return replace(plain, **changes)


SUPPORT = Told("Integration Support Team", "+351 21 555 0100", ("integration-support@hotel.example",), NOW)
NEXT = NextStep("Technical Lead", NOW + timedelta(minutes=15), "If nobody has acknowledged it within 15 min.")


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
            "email": "email",
            "network": "network",
            "pms": "pms",
        },
        thread_root=ROOT,
        told=(SUPPORT,),
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
        standstill="all levels have been told",
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


def cut_off(**changes: Any) -> Mail:
    """Return the first mail about an internet connection that is down, with four integrations behind it."""
    looks = (
        ("booking_engine", "health", "cannot connect to api.booking-engine.example:443: no route to host"),
        ("payment", "health", "cannot connect to api.gateway.example:443: no route to host"),
        ("expedia", "health", "no answer within 10 s, in the phase connect"),
        ("email", "provider", "cannot connect to api.mail.example:443: no route to host"),
        ("email", "smtp", "cannot connect to smtp.mail.example:587: no route to host"),
        ("network", "control", "none of 3 control targets answers"),
    )
    found = [
        breach(Reason.CONNECT, said, check=CheckId("grand-harbour", name, check))
        for name, check, said in looks
    ]
    about = incident(
        *found,
        integrations=("booking_engine", "payment", "expedia", "email", "network"),
        diagnosis=NETWORK,
        title=NETWORK.title,
        criteria=(Criterion.CRITICAL_SYSTEM_DOWN, Criterion.MULTIPLE_INTEGRATIONS),
    )
    what = "Expedia sends today's bookings by e-mail instead, and they must be keyed in by hand"
    usual: dict[str, Any] = {
        "next_step": NEXT,
        "standstill": "",
        "healthy": ("pms",),
        "affected": (),
        "deadline": Deadline(SINCE + timedelta(minutes=30), what),
        "ack_link": "https://porter.hotel.example/ack/inc-7f3a9c?token=abc",
    }
    return problem(about, **(usual | changes))


def escalated(**changes: Any) -> Mail:
    """Return the mail by which level 2 hears of an incident that nobody has acknowledged."""
    lead = Told("Technical Lead", None, ("lead@hotel.example",), NOW)
    earlier = replace(SUPPORT, at=NOW - timedelta(minutes=14))
    usual: dict[str, Any] = {
        "kind": Kind.ESCALATION,
        "level": "2",
        "recipient": "lead@hotel.example",
        "message_id": "<inc-1.1.escalation-2.escalation.abc@hotel.example>",
        "reason": "if nobody has acknowledged it within 15 min",
        "told": (earlier, lead),
        "standstill": "level 3 is told of emergencies only",
    }
    return problem(**(usual | changes))


def waiting(**changes: Any) -> Mail:
    """Return the word to level 1 that level 2 waits for its hours."""
    usual: dict[str, Any] = {
        "kind": Kind.UPDATE,
        "message_id": "<inc-1.1.deferred-2.update.abc@hotel.example>",
        "reason": "level 2 (Technical Lead) is outside its hours, and is told at 09:00 on Monday",
        "next_step": NextStep(
            "Technical Lead", datetime(2026, 11, 30, 9, tzinfo=UTC), "Outside its hours until then."
        ),
        "standstill": "",
    }
    return problem(**(usual | changes))


def at_the_desk(mail: Mail) -> Mail:
    """Return a mail as the front desk gets it."""
    return replace(mail, level=FRONT_DESK, ack_command=None, ack_link=None, recipient="desk@hotel.example")


def digest(**changes: Any) -> Digest:
    """Return the hand-over of a weekend: one incident still open, one acknowledged, one over."""
    open_one = incident(opened_at=NOW - timedelta(hours=20))
    locks = breach(Reason.TIMEOUT, "no answer", check=CheckId("grand-harbour", "door_locks", "gateway"))
    over = incident(
        locks,
        kind="generic",
        id="inc-11aa22",
        severity=Severity.WARNING,
        criteria=(),
        state=IncidentState.RESOLVED,
        opened_at=NOW - timedelta(hours=30),
        resolved_at=NOW - timedelta(hours=28, minutes=50),
        outcome="works again",
    )
    root = replace(
        cut_off().incident,
        id="inc-33bb44",
        severity=Severity.EMERGENCY,
        opened_at=NOW - timedelta(hours=2),
        state=IncidentState.ACKNOWLEDGED,
        acknowledgement=Acknowledgement("Ana Silva", NOW - timedelta(hours=1), NOW + timedelta(hours=1)),
    )
    command = "nightporter --config /etc/hotel.yml incidents ack inc-7f3a9c"
    about: dict[str, Any] = {"level": "2", "ack_command": command}
    plain = Digest(
        sender="Night Porter <nightporter@hotel.example>",
        recipient="lead@hotel.example",
        message_id="<handover.abc@hotel.example>",
        date=NOW,
        level="2",
        hotel_id="grand-harbour",
        hotel_name="Grand Harbour Hotel",
        timezone=ZoneInfo("Europe/Lisbon"),
        incidents=(open_one, over, root),
        mail=lambda one: problem(one, **about),
        command="nightporter --config /etc/hotel.yml",
        public_url="https://porter.hotel.example",
    )
    return replace(plain, **changes)


def desk_digest(**changes: Any) -> Digest:
    """Return what tells the front desk of the same incidents, beyond its mails in an hour."""
    usual: dict[str, Any] = {
        "recipient": "desk@hotel.example",
        "level": FRONT_DESK,
        "mail": lambda one: at_the_desk(problem(one)),
        "reason": "Why in one mail: you get 2 an hour at the most, the rest comes together.",
        "new": frozenset({"inc-7f3a9c"}),
    }
    return digest(**(usual | changes))


def section(mail: Mail, heading: str) -> Section:
    """Return the section of a mail whose heading begins so."""
    return next(one for one in letter(mail).sections if one.heading.startswith(heading))


def said(mail: Mail, heading: str) -> str:
    """Return what a section of a mail says, a line each."""
    lines = section(mail, heading).lines
    return "\n".join("\n".join((line.text, *line.details)) for line in lines)
