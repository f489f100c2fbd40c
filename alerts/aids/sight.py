"""What an aid is made from: an incident, what is known around it, and the hotel's desk."""

from dataclasses import dataclass
from datetime import datetime

from alerts.correspondence import HotelDesk
from alerts.facts import Fact, Facts
from alerts.incident import Incident


@dataclass(frozen=True, slots=True)
class Sight:
    """An incident as it stands, and the facts of its hotel. `healthy` are the integrations that work."""

    incident: Incident
    facts: Facts
    desk: HotelDesk
    healthy: tuple[str, ...] = ()

    @property
    def now(self) -> datetime:
        """When it is looked at."""
        return self.facts.now

    def breached(self) -> tuple[Fact, ...]:
        """Return the facts of the checks that the incident is about, in its order."""
        found = (
            self.facts.get(one.check.integration, one.check.check)
            for one in self.incident.breaches
            if one.check.hotel == self.facts.hotel
        )
        return tuple(fact for fact in found if fact is not None)
