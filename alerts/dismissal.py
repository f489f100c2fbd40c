"""What a person has resolved stays resolved, though its checks may still say otherwise."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts.incident import Breach, Cause, Incident

EVENTS = frozenset({Cause.CARD_NUMBER_IN_LOG, Cause.LOGIN_ATTACK, Cause.DNS_RECORD_CHANGED})
"""Causes that leave no state: their incidents stay open for a day."""

UNREACHED = ("network", "mail")
"""The check that tells of all to whom messages do not get through, for a day after each one refused."""

TRUSTED = timedelta(hours=4)
"""How long a person is believed about what goes on failing unchanged; then it is told of again."""


def dismissed(breach: Breach, recent: Iterable[Incident], now: datetime) -> bool:
    """Say whether a person has resolved an incident with just this breach, and is still believed."""
    return any(_covers(incident, breach, now) for incident in recent if incident.dismissed)


def _covers(incident: Incident, breach: Breach, now: datetime) -> bool:
    if incident.resolved_at is None:
        return False
    known = [one for one in incident.breaches if (one.check, one.since) == (breach.check, breach.since)]
    if incident.diagnosis.cause in EVENTS:
        # Another card number, or another change, is told of by another message.
        return any(one.message == breach.message for one in known)
    if (breach.check.integration, breach.check.check) == UNREACHED:
        # Somebody else who is not reached, too, and so is another refusal.
        known = [one for one in known if one.message == breach.message]
    return bool(known) and now - incident.resolved_at < TRUSTED
