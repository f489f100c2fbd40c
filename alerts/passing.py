"""Events that pass and leave no state: no look can tell that they are over, so their incidents stay open."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.diagnosis.grouping import Group
from alerts.facts import Facts
from alerts.incident import Breach, Cause, Incident
from checks.result import CheckId, Sign

SIGNS = frozenset({Sign.CARD_NUMBER, Sign.FAILED_LOGINS})
"""Signs of what a check sees but once. A changed record its check tells of by itself, for as long."""

PASSING = frozenset({Cause.CARD_NUMBER_IN_LOG, Cause.LOGIN_ATTACK})

STAYS = timedelta(hours=24)
"""How long such an incident stays open after its event was last seen, unless a person resolves it."""

QUIET = "not seen again: it stays open until somebody resolves it, or 24 hours pass without another"
OVER = "nothing more was seen for 24 hours"


def passes(incident: Incident) -> bool:
    """Say whether an incident is about an event that leaves no state."""
    return incident.diagnosis.cause in PASSING


def watched(incident: Incident, facts: Facts) -> bool:
    """Say whether any check of an incident still exists."""
    return any(facts.exists(one.check.integration, one.check.check) for one in incident.breaches)


def members(
    incident: Incident, breached: Mapping[CheckId, Breach], seats: Mapping[CheckId, Group]
) -> list[CheckId]:
    """Return the checks that an incident still has; what else one of an event tells of is no part of it."""
    checks = (one.check for one in incident.breaches if one.check in breached)
    return [one for one in checks if not _is_elsewhere(incident, seats.get(one))]


def _is_elsewhere(incident: Incident, seat: Group | None) -> bool:
    return passes(incident) and seat is not None and seat.cause is not incident.diagnosis.cause


def stays(incident: Incident, facts: Facts, now: datetime) -> bool:
    """Say whether an incident stays open though nothing of its event is seen any more."""
    return (
        passes(incident) and watched(incident, facts) and all(_lately(one, now) for one in incident.breaches)
    )


def quietly(breaches: tuple[Breach, ...], now: datetime) -> tuple[Breach, ...]:
    """Return the breaches of an event that is seen no more: `last_ok` is when that began."""
    return tuple(one if _is_quiet(one) else replace(one, last_ok=now) for one in breaches)


def marks(incident: Incident) -> tuple[object, ...]:
    """Return what is news of an event when it differs: that there is another, and that it is quiet."""
    if not passes(incident):
        return ()
    return tuple((one.check, one.since, _is_quiet(one)) for one in incident.breaches)


def is_quiet(incident: Incident) -> bool:
    """Say whether nothing of an incident's event is seen any more."""
    return passes(incident) and all(_is_quiet(one) for one in incident.breaches)


def _is_quiet(breach: Breach) -> bool:
    return breach.last_ok is not None and breach.last_ok >= breach.since


def _lately(breach: Breach, now: datetime) -> bool:
    return not _is_quiet(breach) or breach.last_ok is None or now - breach.last_ok < STAYS
