"""The guest-impact clock: until when what fails can still be made good, by the vendor's own deadline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from alerts.facts import Facts
from alerts.incident import Breach, Cause

AHEAD = timedelta(minutes=10)
"""How long before the deadline an incident becomes graver: time enough to close rooms by hand."""

FALLBACK: Mapping[str, tuple[str, timedelta]] = MappingProxyType(
    {
        "booking": ("Booking.com", timedelta(minutes=30)),
        "booking.com": ("Booking.com", timedelta(minutes=30)),
        "booking_com": ("Booking.com", timedelta(minutes=30)),
        "expedia": ("Expedia", timedelta(minutes=30)),
    }
)
"""After how long a travel site sends bookings of today's arrivals by e-mail instead."""

RETRIES: Mapping[str, tuple[str, timedelta]] = MappingProxyType(
    {"square": ("Square", timedelta(hours=24)), "stripe": ("Stripe", timedelta(days=3))}
)
"""How long a gateway repeats an event that the PMS does not take."""

_WEBHOOKS = frozenset(
    {
        Cause.WEBHOOK_BLOCKED,
        Cause.WEBHOOK_SECRET_WRONG,
        Cause.WEBHOOK_URL_WRONG,
        Cause.WEBHOOK_VERIFIER_CRASHES,
        Cause.CERTIFICATE_EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when something can still be made good, and what happens then, as the end of a sentence."""

    at: datetime
    what: str

    @property
    def graver_at(self) -> datetime:
        """When the incident becomes graver because of it."""
        return self.at - AHEAD


def deadline(facts: Facts, cause: Cause, breaches: tuple[Breach, ...]) -> Deadline | None:
    """Return the nearest deadline of what fails, or None where none is known."""
    found = [one for breach in breaches if (one := _of(facts, cause, breach)) is not None]
    return min(found, key=lambda one: one.at, default=None)


def _of(facts: Facts, cause: Cause, breach: Breach) -> Deadline | None:
    name = breach.check.integration
    values = {key: value for fact in facts.of(name) for key, value in fact.values.items()}
    if facts.kinds.get(name) == "ota" and breach.check.check == "health":
        site = FALLBACK.get(values.get("platform", "").lower())
        if site is not None:
            what = f"{site[0]} sends today's bookings by e-mail instead, and they must be keyed in by hand"
            return Deadline(breach.since + site[1], what)
    if breach.check.check == "webhook" and cause in _WEBHOOKS:
        gateway = RETRIES.get(values.get("scheme", "").lower())
        if gateway is not None:
            return Deadline(
                breach.since + gateway[1], f"{gateway[0]} gives up repeating the events that failed"
            )
    return None
