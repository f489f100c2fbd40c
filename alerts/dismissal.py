"""What a person has resolved stays resolved, though its checks may still say otherwise."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts.incident import Breach, Cause, Incident
from checks.result import CheckId

EVENTS = frozenset({Cause.CARD_NUMBER_IN_LOG, Cause.LOGIN_ATTACK, Cause.DNS_RECORD_CHANGED})
"""Causes that leave no state: their incidents stay open for a day."""

UNREACHED = ("network", "mail")
"""The check that tells of all to whom messages do not get through, for a day after each one refused."""

TRUSTED = timedelta(hours=4)
"""How long a person is believed about what goes on failing unchanged; then it is told of again."""


class Dismissals:
    """The breaches that a person has resolved, of incidents that ended lately."""

    def __init__(self, recent: Iterable[Incident]) -> None:
        self._known: dict[tuple[CheckId, datetime], list[tuple[Incident, Breach]]] = {}
        for incident in recent:
            for breach in incident.breaches if incident.dismissed else ():
                self._known.setdefault((breach.check, breach.since), []).append((incident, breach))

    def cover(self, breach: Breach, now: datetime) -> bool:
        """Say whether a person has resolved an incident with just this breach, and is still believed."""
        found = self._known.get((breach.check, breach.since), ())
        return any(_covers(incident, known, breach, now) for incident, known in found)


def _covers(incident: Incident, known: Breach, breach: Breach, now: datetime) -> bool:
    if incident.resolved_at is None:
        return False
    same = known.message == breach.message
    if incident.diagnosis.cause in EVENTS:
        # Another card number, or another change, is told of by another message.
        return same
    if (breach.check.integration, breach.check.check) == UNREACHED and not same:
        # Somebody else who is not reached, too, and so is another refusal.
        return False
    return now - incident.resolved_at < TRUSTED
