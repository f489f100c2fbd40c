"""The guest-impact clock: until when what fails can still be made good, by the vendors' own deadlines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from alerts.facts import Facts
from alerts.incident import Breach, Cause
from checks.result import State

AHEAD = timedelta(minutes=10)
"""How long before the deadline an incident becomes graver: time enough to close rooms by hand."""

_HALF_AN_HOUR = timedelta(minutes=30)


class Site(NamedTuple):
    """A travel site, and after how long it sends by e-mail what the PMS has not fetched.

    `windows` are by the days from booking to arrival in hotel time; the last one is for all later arrivals.
    """

    name: str
    windows: tuple[timedelta, ...]


_BOOKING = Site("Booking.com", (_HALF_AN_HOUR,))
FALLBACK: Mapping[str, Site] = MappingProxyType(
    {
        "booking": _BOOKING,
        "booking.com": _BOOKING,
        "booking_com": _BOOKING,
        "expedia": Site("Expedia", (_HALF_AN_HOUR, timedelta(minutes=60), timedelta(hours=24))),
    }
)
"""Travel sites that fall back to e-mail, by `platform`."""

RETRIES: Mapping[str, tuple[str, timedelta]] = MappingProxyType(
    {"square": ("Square", timedelta(hours=24)), "stripe": ("Stripe", timedelta(days=3))}
)
"""How long a gateway repeats an event that the PMS does not take."""

WEBHOOKS = frozenset(
    {
        Cause.WEBHOOK_BLOCKED,
        Cause.WEBHOOK_SECRET_WRONG,
        Cause.WEBHOOK_URL_WRONG,
        Cause.WEBHOOK_VERIFIER_CRASHES,
        Cause.CERTIFICATE_EXPIRED,
    }
)
"""Causes by which the PMS does not take the events of a webhook."""

FETCHES = frozenset({"health", "auth"})
"""Checks of a travel site without which no booking is fetched from it."""


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


def site_of(facts: Facts, breach: Breach) -> Site | None:
    """Return the travel site whose bookings are not fetched while a check is breached so."""
    name = breach.check.integration
    if facts.kinds.get(name) != "ota" or breach.check.check not in FETCHES or not _down(breach):
        return None
    return FALLBACK.get(named(facts, name, "platform"))


def gateway_of(facts: Facts, cause: Cause, breach: Breach) -> tuple[str, timedelta] | None:
    """Return the gateway whose events are not taken while a check is breached so, and its patience."""
    if breach.check.check != "webhook" or cause not in WEBHOOKS:
        return None
    return RETRIES.get(named(facts, breach.check.integration, "scheme"))


def named(facts: Facts, integration: str, name: str) -> str:
    """Return a name that an integration has, such as its `platform`, in lower case."""
    values = {key: value for fact in facts.of(integration) for key, value in fact.values.items()}
    return values.get(name, "").lower()


def _down(breach: Breach) -> bool:
    return breach.state is State.CRITICAL


def _of(facts: Facts, cause: Cause, breach: Breach) -> Deadline | None:
    site = site_of(facts, breach)
    if site is not None:
        what = f"{site.name} sends today's bookings by e-mail instead, and they must be keyed in by hand"
        return Deadline(breach.since + site.windows[0], what)
    gateway = gateway_of(facts, cause, breach)
    if gateway is not None:
        what = f"{gateway[0]} gives up repeating the events that failed"
        return Deadline(breach.since + gateway[1], what)
    return None
