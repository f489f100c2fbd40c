"""The owner's five reasons to escalate, and how bad an incident is by them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from alerts.facts import Facts
from alerts.incident import Breach, Cause, Criterion, Severity
from alerts.policy import Policy
from checks.result import Reason, State

DOWN_CAUSES = frozenset(
    {
        Cause.API_CREDENTIALS_INVALID,
        Cause.PROPERTY_NOT_AUTHORISED,
        Cause.SMTP_CREDENTIALS_INVALID,
        Cause.SMTP_ACCOUNT_THROTTLED,
        Cause.SYNC_SERVICE_DOWN,
    }
)
"""Causes that bring an integration down whatever its health endpoint says."""

DATA_LOSS_CAUSES = frozenset(
    {
        Cause.ROOM_TYPE_NOT_MAPPED,
        Cause.WEBHOOK_BLOCKED,
        Cause.WEBHOOK_SECRET_WRONG,
        Cause.WEBHOOK_URL_WRONG,
        Cause.WEBHOOK_SUBSCRIPTION_DISABLED,
        Cause.ORIGINAL_RESERVATION_MISSING,
        Cause.MODIFICATION_REJECTED,
        Cause.GATEWAY_DEGRADED,
        Cause.FALLBACK_LOST,
        Cause.OVERBOOKED,
    }
)
"""Causes by which bookings or payments get lost."""

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

WARNINGS_AT_MOST = frozenset({Cause.CUSTOMER_DECLINES, Cause.MONITOR_OVERLOADED, Cause.BLOCKLIST_UNRELIABLE})
"""Causes that no duration makes worse."""

STANDS_ON: dict[str, tuple[str, ...]] = {
    "booking_engine": ("health",),
    "ota": ("health",),
    "payment": ("health",),
    "channel_manager": ("health",),
    "pms": ("database",),
    "email": ("provider", "smtp"),
    "network": (),
}
"""The checks an integration of a kind stands on: it is down when all of them are critical.

The network stands on none: what is down for want of it says so itself.
"""

NOBODYS = frozenset({"pms", "network"})
"""Integrations that do not count as touched: their faults are theirs alone."""

RANK = {Severity.WARNING: 0, Severity.CRITICAL: 1, Severity.EMERGENCY: 2}


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: an incident as it would be now. `touched` are integrations that fail from its cause."""

    cause: Cause
    breaches: tuple[Breach, ...]
    facts: Facts
    policy: Policy
    opened_at: datetime
    reopened: tuple[datetime, ...] = ()
    touched: frozenset[str] = frozenset()
    deadline: datetime | None = None


def criteria(case: Case, now: datetime) -> tuple[Criterion, ...]:
    """Return the owner's criteria that hold."""
    if case.cause in WARNINGS_AT_MOST:
        return ()
    held = {
        Criterion.CRITICAL_SYSTEM_DOWN: _system_down(case, now),
        Criterion.DATA_LOSS_RISK: _data_at_risk(case, now),
        Criterion.SECURITY_INCIDENT: case.cause in SECURITY_CAUSES,
        Criterion.PERSISTENT_FAILURES: _persistent(case, now),
        Criterion.MULTIPLE_INTEGRATIONS: len(touched(case)) >= case.policy.multiple,
    }
    return tuple(criterion for criterion, holds in held.items() if holds)


def severity(held: Iterable[Criterion], opened_at: datetime, policy: Policy, now: datetime) -> Severity:
    """Return how bad an incident with these criteria is, open since then."""
    found, age = set(held), now - opened_at
    emergency = (
        Criterion.SECURITY_INCIDENT in found
        or {Criterion.CRITICAL_SYSTEM_DOWN, Criterion.DATA_LOSS_RISK} <= found
        or (Criterion.MULTIPLE_INTEGRATIONS in found and age >= policy.after_level_3)
        or (Criterion.DATA_LOSS_RISK in found and age >= policy.persistent_after)
    )
    if emergency:
        return Severity.EMERGENCY
    return Severity.CRITICAL if found else Severity.WARNING


def turning_points(opened_at: datetime, policy: Policy, deadline: datetime | None) -> tuple[datetime, ...]:
    """Return the moments at which the mere passing of time may make an incident worse."""
    points = (opened_at + policy.after_level_3, opened_at + policy.persistent_after)
    return points if deadline is None else (*points, deadline)


def touched(case: Case) -> frozenset[str]:
    """Return the integrations touched: a check of theirs is critical by its own evidence."""
    critical = {one.check.integration for one in case.breaches if one.state is State.CRITICAL}
    return frozenset((critical | case.touched) - NOBODYS)


def _system_down(case: Case, now: datetime) -> bool:
    if case.cause in DOWN_CAUSES:
        return True
    if case.cause is Cause.MAIL_QUOTA_EXHAUSTED and any(one.state is State.CRITICAL for one in case.breaches):
        return True
    names = {one.check.integration for one in case.breaches}
    return any(_down(case, name, opening=now <= case.opened_at) for name in names)


def _down(case: Case, name: str, *, opening: bool) -> bool:
    """Say whether what the integration stands on is critical, and by this incident.

    When it opens, what was seen to fail in the same moment counts before it is decided; later on, that may be
    a lost probe.
    """
    checks = {fact.check.check: fact for fact in case.facts.of(name)}
    everything = ("health",) if "health" in checks else tuple(checks)
    pillars = STANDS_ON.get(case.facts.kinds.get(name, "generic"), everything)
    # Security findings are made on what works.
    decided = {
        one.check.check
        for one in case.breaches
        if one.check.integration == name and one.state is State.CRITICAL and one.reason is not Reason.SECURITY
    }
    failing = {check for check, fact in checks.items() if _is_down(fact.state, fact.breach, opening=opening)}
    return bool(decided & set(pillars)) and set(pillars) <= decided | failing


def _is_down(state: State, breach: Breach | None, *, opening: bool) -> bool:
    seen = opening and state is State.CRITICAL
    return seen or (breach is not None and breach.state is State.CRITICAL)


def _data_at_risk(case: Case, now: datetime) -> bool:
    if case.cause in DATA_LOSS_CAUSES or any(one.check.check == "import_errors" for one in case.breaches):
        return True
    if case.deadline is not None and now >= case.deadline:
        return True
    ours = any(one.check.integration == "pms" or one.check.check == "webhook" for one in case.breaches)
    return case.cause is Cause.CERTIFICATE_EXPIRED and ours


def _persistent(case: Case, now: datetime) -> bool:
    if now - case.opened_at >= case.policy.persistent_after:
        return True
    oldest = now - case.policy.reopened_within
    return sum(at >= oldest for at in case.reopened) >= case.policy.reopened_times
