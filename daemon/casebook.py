"""The incidents as the engine believes them: those that are open, and those that ended within a day."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from alerts.criteria import turning_points
from alerts.doubt import Doubts
from alerts.incident import Incident, IncidentState
from alerts.incidents import REOPENS_WITHIN
from alerts.policy import Policy
from checks.result import CheckId

REVIEW = timedelta(seconds=30)
"""An open incident is thought of at least this often."""


class Casebook:
    """Open and recent incidents by hotel, who has which check, and the doubts about their causes."""

    def __init__(self, doubts: Mapping[str, Doubts] = MappingProxyType({})) -> None:
        self._open: dict[str, dict[str, Incident]] = {}
        self._recent: dict[str, dict[str, Incident]] = {}
        self._hotels: dict[str, str] = {}
        self._owners: dict[CheckId, str] = {}
        self._due: dict[str, datetime] = {}
        self.doubts: dict[str, Doubts] = dict(doubts)

    def believe(self, incident: Incident, now: datetime) -> None:
        """Take a committed incident for true, and note when to think of it again."""
        current = self._open.setdefault(incident.hotel, {})
        recent = self._recent.setdefault(incident.hotel, {})
        before = current.pop(incident.id, None)
        if before is not None:
            self._release(before)
        self._due.pop(incident.id, None)
        self._hotels.pop(incident.id, None)
        if incident.state is IncidentState.RESOLVED:
            recent[incident.key] = incident
            return
        recent.pop(incident.key, None)
        current[incident.id] = incident
        self._hotels[incident.id] = incident.hotel
        for breach in incident.breaches:
            self._owners[breach.check] = incident.id
        self._due[incident.id] = due_at(incident, now)

    def drop(self, hotel: str) -> None:
        """Know nothing of a hotel any more."""
        for incident in self._open.pop(hotel, {}).values():
            self._release(incident)
            self._hotels.pop(incident.id, None)
            self._due.pop(incident.id, None)
        self._recent.pop(hotel, None)
        self.doubts.pop(hotel, None)

    def _release(self, incident: Incident) -> None:
        for breach in incident.breaches:
            if self._owners.get(breach.check) == incident.id:
                del self._owners[breach.check]

    def current(self, hotel: str) -> tuple[Incident, ...]:
        """Return the open incidents of a hotel."""
        return tuple(self._open.get(hotel, {}).values())

    def recent(self, hotel: str, now: datetime) -> dict[str, Incident]:
        """Return the incidents of a hotel that ended within a day, by key."""
        kept = {
            key: one
            for key, one in self._recent.get(hotel, {}).items()
            if one.resolved_at is not None and now - one.resolved_at <= REOPENS_WITHIN
        }
        self._recent[hotel] = kept
        return kept

    def all_open(self) -> Iterator[Incident]:
        """Return every open incident."""
        return (one for incidents in self._open.values() for one in incidents.values())

    def find(self, incident: str) -> Incident | None:
        """Return an open incident by its id."""
        return self._open.get(self._hotels.get(incident, ""), {}).get(incident)

    def owner(self, check: CheckId) -> Incident | None:
        """Return the open incident that a check belongs to."""
        found = self._owners.get(check)
        return None if found is None else self._open.get(check.hotel, {}).get(found)

    def due(self, now: datetime) -> list[Incident]:
        """Return the open incidents about which something is due by the mere passing of time."""
        # What lies further ahead than it ever does was due by a clock that has been set back since.
        late = [incident for incident, at in self._due.items() if not now < at <= now + REVIEW]
        return [one for one in map(self.find, late) if one is not None]

    def hotels(self) -> Iterable[str]:
        """Return the hotels that have open incidents."""
        return (hotel for hotel, incidents in self._open.items() if incidents)

    def thought_of(self, hotel: str, now: datetime) -> None:
        """Note that everything open in a hotel has just been thought of."""
        for incident in self.current(hotel):
            self._due[incident.id] = due_at(incident, now)


def due_at(incident: Incident, now: datetime) -> datetime:
    """Return the next moment at which time alone may change something about an open incident."""
    policy = incident.policy or Policy()
    points = [incident.opened_at + policy.after_level_2]
    points += turning_points(incident.opened_at, policy, None)
    if incident.next_step is not None:
        points.append(incident.next_step.at)
    if incident.acknowledgement is not None:
        points.append(incident.acknowledgement.until)
    return min((now + REVIEW, *(point for point in points if point > now)))
