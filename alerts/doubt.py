"""Second thoughts: a cause that was announced changes only when two looks in a row say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.diagnosis.grouping import Group
from alerts.facts import Facts
from alerts.incident import Cause, Incident
from checks.result import CheckId

ENOUGH = 2
"""Looks in a row that convince."""

APART = timedelta(seconds=45)
"""How far the first and the last of them are apart at least: so long a single lost probe may mislead, until
the check that lost it has waited for an answer and looked again."""

WITNESSES = timedelta(seconds=20)
"""After how long everything that fails beside it is looked at again: one of them may have been misled."""

PATIENCE = timedelta(seconds=120)
"""How long a new incident waits for a doubt that may make it part of an old one."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A check of an open incident seems to have another cause. `seen` is the last look that said so."""

    key: str
    cause: Cause
    since: datetime
    seen: datetime
    times: int = 1

    @property
    def convinced(self) -> bool:
        """Whether it was seen often enough, and for long enough."""
        return self.times >= ENOUGH and self.seen - self.since >= APART

    def wants_witnesses(self, now: datetime) -> bool:
        """Say whether it is time to hear what else fails in the same place."""
        return now - self.since >= WITNESSES

    def wants_a_look(self, now: datetime) -> bool:
        """Say whether a look now could settle it."""
        return now - self.since >= APART > self.seen - self.since


Doubts = Mapping[CheckId, Doubt]


def weigh(
    before: Doubts, incidents: Iterable[Incident], seats: Mapping[CheckId, Group], facts: Facts
) -> dict[CheckId, Doubt]:
    """Return the doubts there are now. `seats` says which group each failing check is in."""
    at = {fact.check: fact.at for fact in facts}
    after: dict[CheckId, Doubt] = {}
    for incident in incidents:
        for breach in incident.breaches:
            seat = seats.get(breach.check)
            if seat is None or (seat.key, seat.cause) == (incident.key, incident.diagnosis.cause):
                continue
            after[breach.check] = _weighed(before.get(breach.check), seat, at[breach.check], facts.now)
    return after


def _weighed(before: Doubt | None, seat: Group, seen: datetime, now: datetime) -> Doubt:
    # Where the clock was set back, what was seen before lies in the future: the doubt begins anew.
    seen = min(seen, now)
    if before is None or (before.key, before.cause) != (seat.key, seat.cause) or before.since > now:
        return Doubt(seat.key, seat.cause, now, seen)
    if seen <= before.seen:
        return before
    return Doubt(before.key, before.cause, before.since, seen, before.times + 1)


def courted(doubts: Doubts, now: datetime) -> frozenset[str]:
    """Return the keys of groups that may soon belong to an incident that is open already."""
    return frozenset(one.key for one in doubts.values() if now - one.since <= PATIENCE)
