"""The guest-impact clock in full: every deadline of what fails, by vendor and by the day of arrival.

Bookings that failed to get into the PMS are due when their guests arrive: the triage list tells of them.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.aids.aid import Aid, AidKind, Due
from alerts.aids.sight import Sight
from alerts.impact import WEBHOOKS, Site, gateway_of, named, site_of
from alerts.incident import Breach
from alerts.message_text import day_of
from checks.result import State

HEADING = "Deadlines (hotel time)"
DAY = timedelta(days=1)
DAYS = ("arrivals today", "arrivals tomorrow", "later arrivals")

PUSHED = timedelta(seconds=90)
"""How long SiteMinder tries to deliver a booking: three times, thirty seconds apart."""

UNACKNOWLEDGED = timedelta(minutes=30)
"""After how long Channex reports a booking that nobody has acknowledged."""

FETCHING = frozenset({"health", "auth", "sync_process"})
"""Checks of a channel manager without which no booking is fetched from it."""

BY_HAND = "What comes by e-mail is not delivered any more: key it in by hand, same-day arrivals first."


def clock(sight: Sight) -> Aid | None:
    """Return until when what fails can be made good; None where no deadline is known."""
    dues = tuple(_each_once(_dues(sight)))
    mailed = any(site_of(sight.facts, breach) for breach in sight.incident.breaches)
    return Aid(AidKind.CLOCK, HEADING, (BY_HAND,) if mailed else (), due=dues) if dues else None


def _each_once(dues: Iterator[Due]) -> Iterator[Due]:
    """Yield of the dues that say the same the nearest, in the order of time."""
    seen: set[tuple[str, str]] = set()
    for due in sorted(dues, key=lambda one: one.at):
        if (due.who, due.what) not in seen:
            seen.add((due.who, due.what))
            yield due


def _dues(sight: Sight) -> Iterator[Due]:
    facts, cause = sight.facts, sight.incident.diagnosis.cause
    for breach in sight.incident.breaches:
        site = site_of(facts, breach)
        if site is not None:
            yield from mailed(site, breach.since, sight.now, sight.desk.timezone)
        gateway = gateway_of(facts, cause, breach)
        if gateway is not None:
            yield Due(gateway[0], "gives up repeating the events that failed", breach.since + gateway[1])
        yield from _channels(sight, breach)


def mailed(site: Site, since: datetime, now: datetime, zone: ZoneInfo) -> Iterator[Due]:
    """Yield from when a site sends bookings by e-mail, by the day on which their guests arrive."""
    what = "sends bookings by e-mail"
    if len(site.windows) == 1:
        yield Due(site.name, what, since + site.windows[0])
        return
    today = now.astimezone(zone).date()
    for days, arrivals in enumerate(DAYS):
        named_day = f" ({day_of(today + days * DAY)})" if days < len(DAYS) - 1 else ""
        at = first_mailed(site, since, today + days * DAY, today, zone)
        yield Due(f"{site.name}, {arrivals}{named_day}", what, at)


def first_mailed(site: Site, since: datetime, arrival: date, today: date, zone: ZoneInfo) -> datetime:
    """Return when the first booking for a day is sent by e-mail, of those made since `since` until today.

    A site measures its patience from the booking, by the days from then to the arrival in hotel time: past
    midnight, what is booked for the same day has less time again.
    """
    began = since.astimezone(zone).date()
    booked = {min(began, today), max(began, min(today, arrival) - DAY), max(began, min(today, arrival))}
    return min(_made(day, since, zone) + _window(site, arrival - day) for day in booked if day <= arrival)


def _made(day: date, since: datetime, zone: ZoneInfo) -> datetime:
    """Return when the first booking of a day can have been made."""
    midnight = datetime.combine(day, time(), zone).astimezone(since.tzinfo)
    return max(since, midnight)


def _window(site: Site, ahead: timedelta) -> timedelta:
    return site.windows[min(ahead.days, len(site.windows) - 1)]


def _channels(sight: Sight, breach: Breach) -> Iterator[Due]:
    """Yield what the channel managers do that push bookings, or wait for word that they have arrived."""
    check, down = breach.check.check, breach.state is State.CRITICAL
    if check != "webhook" and check not in FETCHING:
        # The name is looked for among all checks: there may be thousands that have nothing to do with it.
        return
    platform = named(sight.facts, breach.check.integration, "platform")
    untaken = check == "webhook" and sight.incident.diagnosis.cause in WEBHOOKS
    if platform == "siteminder" and (untaken or (check == "sync_process" and down)):
        what = "gives up each booking after 3 tries (only its support can send it again)"
        yield Due("SiteMinder", what, breach.since + PUSHED)
    if platform == "channex" and check in FETCHING and down:
        yield Due("Channex", "reports bookings as not acknowledged", breach.since + UNACKNOWLEDGED)
