"""Who is to be told of each fault, and when: the contract's section 6, worked out by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.incident import Criterion
from alerts.notification import Kind
from tests.support.month_hotel import DESK, LEVEL_1, LEVEL_2, LEVEL_3

DOWN, LOSS = Criterion.CRITICAL_SYSTEM_DOWN, Criterion.DATA_LOSS_RISK
SECURITY, SEVERAL = Criterion.SECURITY_INCIDENT, Criterion.MULTIPLE_INTEGRATIONS
LISBON = ZoneInfo("Europe/Lisbon")
MINUTE = timedelta(minutes=1)
HOLIDAYS = frozenset({(10, 5), (11, 1)})

HELD: Mapping[str, frozenset[Criterion]] = {
    "api-credentials-invalid": frozenset({DOWN}),
    "card-testing": frozenset({SECURITY}),
    "certificate-expired": frozenset({DOWN}),
    "certificate-expired:own": frozenset({LOSS, SEVERAL}),
    "certificate-invalid": frozenset({DOWN}),
    "database-down": frozenset({DOWN}),
    "fallback-lost": frozenset({DOWN, LOSS, SEVERAL}),
    "flapping": frozenset({DOWN}),
    "gateway-degraded": frozenset({LOSS}),
    "host-clock-wrong": frozenset({DOWN, SEVERAL}),
    "local-change": frozenset({DOWN, SEVERAL}),
    "local-dns-broken": frozenset({DOWN, SEVERAL}),
    "local-network-down": frozenset({DOWN, SEVERAL}),
    "mail-quota-exhausted": frozenset({DOWN}),
    "mail-quota-exhausted:nearly": frozenset(),
    "modification-rejected": frozenset({LOSS}),
    "original-reservation-missing": frozenset({LOSS}),
    "overbooked": frozenset({LOSS}),
    "property-not-authorised": frozenset({DOWN}),
    "room-type-not-mapped": frozenset({LOSS}),
    "smtp-account-throttled": frozenset({DOWN}),
    "smtp-credentials-invalid": frozenset({DOWN}),
    "sync-service-down": frozenset({DOWN}),
    "tls-intercepted": frozenset({DOWN, SEVERAL}),
    "vendor-outage": frozenset({DOWN}),
    "vendor-outage:email": frozenset(),
    "vendor-unreachable": frozenset({DOWN}),
    "webhook-secret-wrong": frozenset({LOSS}),
    "webhook-signature-not-verified": frozenset({SECURITY}),
    "webhook-url-wrong": frozenset({LOSS}),
    "wrong-host-name": frozenset({DOWN}),
    "audit-trail-gap": frozenset({SECURITY}),
    "card-number-in-log": frozenset({SECURITY}),
    "login-attack": frozenset({SECURITY}),
}
"""The criteria that hold from the beginning, by fault or by cause; of all others none does."""

NEVER_WORSE = frozenset({"customer-declines", "blocklist-unreliable"})

FIRST_SEEN_AS: Mapping[str, frozenset[str]] = {
    "fallback-lost": frozenset({"vendor-outage", "smtp-port-blocked"}),
    "network-latency": frozenset({"slow-responses"}),
    "flapping": frozenset({"vendor-outage"}),
    "local-change": frozenset({"api-credentials-invalid", "webhook-url-wrong"}),
}
"""Causes that only show when a second thing is seen: until then the first is told of by itself."""

INCIDENTS: Mapping[str, int] = {"webhook-signature-not-verified": 2, "webhook-verifier-crashes": 2}
"""Faults that several integrations suffer from, each for itself: nothing shows a shared cause."""

PATIENCE_2, PATIENCE_3, LONG = 15 * MINUTE, 30 * MINUTE, 60 * MINUTE


@dataclass(frozen=True, slots=True)
class Course:
    """How an incident goes, from its opening on. None is never.

    `critical` and `emergency` are when it becomes so at the latest, `loss` is when data are at risk that were
    not before, as a travel site gives up, and `lasted` is when it ends.
    """

    opened: datetime
    lasted: timedelta
    critical: timedelta | None
    emergency: timedelta | None
    loss: timedelta | None = None
    security: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is due: to whom, of which kind, how long after the opening."""

    kind: Kind
    recipient: str
    after: timedelta


def held(fault: str) -> frozenset[Criterion]:
    """Return the criteria that hold of a fault from its beginning."""
    return HELD.get(fault, HELD.get(fault.partition(":")[0], frozenset()))


def course(
    fault: str, opened: datetime, lasted: timedelta, down: timedelta, loss: timedelta | None
) -> Course:
    """Return how an incident about a fault goes; what is down is decided `down` after the opening."""
    found = held(fault)
    spans = [PATIENCE_3] if SEVERAL in found else []
    spans += [LONG] if LOSS in found else []
    spans += [timedelta()] if SECURITY in found or {DOWN, LOSS} <= found else []
    if loss is not None:
        spans.append(loss if DOWN in found else loss + LONG)
    critical = down if found else None if fault.partition(":")[0] in NEVER_WORSE else LONG
    return Course(opened, lasted, critical, min(spans, default=None), loss, SECURITY in found)


def letters(one: Course) -> list[Letter]:
    """Return the letters that are due of an incident that nobody acknowledges, but for updates."""
    turns = (
        (Kind.PROBLEM, LEVEL_1, timedelta()),
        (Kind.PROBLEM, DESK, one.critical),
        (Kind.ESCALATION, LEVEL_2, _second(one)),
        (Kind.ESCALATION, LEVEL_3, _third(one)),
    )
    due = [Letter(kind, who, after) for kind, who, after in turns if after is not None and after < one.lasted]
    return [*due, *(Letter(Kind.RESOLVED, letter.recipient, one.lasted) for letter in due)]


def _second(one: Course) -> timedelta | None:
    if one.critical is None:
        return None
    in_hours = _next_opening(one.opened + max(one.critical, PATIENCE_2)) - one.opened
    return in_hours if one.emergency is None else min(in_hours, one.emergency)


def _third(one: Course) -> timedelta | None:
    if one.emergency is None:
        return None
    return one.emergency if one.security else max(one.emergency, PATIENCE_3)


def updates(one: Course) -> list[timedelta]:
    """Return when those who know are told news: it is graver now, or level 2 waits for its hours."""
    moments = {span for span in (one.critical, one.emergency) if span}
    waits = max(one.critical, PATIENCE_2) if one.critical is not None else None
    early = waits is not None and one.emergency is not None and one.emergency <= waits
    if waits is not None and not early and not is_open(one.opened + waits):
        moments.add(waits)
    return sorted(span for span in moments if span < one.lasted)


def _next_opening(moment: datetime) -> datetime:
    """Return a moment, or when the hours of level 2 begin next: Monday to Friday, 9 to 18, no holidays."""
    while not is_open(moment):
        moment = (moment + MINUTE).replace(second=0, microsecond=0)
    return moment


def is_open(moment: datetime) -> bool:
    """Say whether level 2 may be told at a moment."""
    local = moment.astimezone(LISBON)
    return local.weekday() < 5 and 9 <= local.hour < 18 and (local.month, local.day) not in HOLIDAYS
