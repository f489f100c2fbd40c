"""Everything that a report of a hotel is made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from alerts.recurrence import Due, Period
from alerts.reports.drift import NEW_ERROR, drift
from alerts.reports.facts import Coming, Credential, Facts, Held, IntegrationFacts, Overdue
from alerts.reports.periods import Spans
from alerts.reports.report import Kind
from alerts.wall_clock import moment
from checks.database import Databases
from daemon.board import Board
from daemon.history import History
from daemon.maintenance import Maintenance
from daemon.reporting.past import Asked, Measured, measured
from daemon.reporting.pms import failed_updates
from daemon.reporting.standings import coming, disk_free, stands
from daemon.reporting.troubles import happenings
from daemon.settings import Hotel
from daemon.store import Store
from daemon.store.sightings import Sighting

MOST_INTEGRATIONS = 100
"""Integrations that a report tells of: those that failed most."""

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOST_DRILLS = 50
CREDENTIALS = timedelta(days=30)
"""How long before its day a credential is told of."""


@dataclass(slots=True)
class Sources:
    """Where reports have it from; without `databases` no PMS is asked."""

    store: Store
    history: History
    board: Board
    maintenance: Maintenance
    databases: Databases | None = None


async def gather(sources: Sources, hotel: Hotel, kind: Kind, spans: Spans, now: datetime) -> Facts:
    """Return the facts of a time, or raise StateError."""
    period, zone, store = spans.period, hotel.timezone, sources.store
    past, before, shown = await _measured(sources.history, hotel, spans)
    happened = await store.happenings.between(hotel.id, period.begins, period.ends)
    seen = await _seen(store, hotel, period)
    changed = drift(seen, period.begins, period.ends)
    latest = _latest(seen)
    facts = Facts(
        kind=kind,
        hotel=hotel.id,
        hotel_name=hotel.name,
        zone=zone,
        spans=spans,
        made_at=now,
        known_from=await _first_look(sources.history, hotel.id, past.known_from, period),
        known_before=before.known_from,
        hours=len(past.hours),
        gaps=past.gaps,
        integrations=tuple(_integration(hotel, name, past, before) for name in shown),
        more_integrations=len({*hotel.integrations, *past.counts}) - len(shown),
        incidents=happenings(happened, period.begins, period.ends),
        more_incidents=happened.more,
        opened_in_all=await store.happenings.opened(hotel.id, period.begins, period.ends)
        if happened.more
        else None,
        incidents_before=await store.happenings.opened(hotel.id, spans.before.begins, spans.before.ends),
        standings=stands(await store.standings([hotel.id]), sources.board, past.checks(hotel.id), latest),
        coming=(*coming(hotel.id, latest, sources.board, period.ends), *_due(hotel, period.ends)),
        credentials=tuple(
            Credential(one.title, one.owner, one.created, one.due, one.id) for one in hotel.credentials
        ),
        news=changed.novelties,
        drift=changed.changes,
        settings=sum(not one.name.startswith(NEW_ERROR) for one in latest),
        disk_free_percent=disk_free(hotel.id, sources.board),
    )
    return await _asked(sources, hotel, facts, now)


async def _first_look(history: History, hotel: str, hour: datetime | None, period: Period) -> datetime | None:
    """Return when anything was looked at for the first time in a time, of which it is known in which hour.

    That is told to the minute where minutes are kept, and else by the hour.
    """
    if hour is None or hour <= period.begins or history.width_for(hour, MINUTE) > MINUTE:
        return hour
    until = min(hour + HOUR, period.ends)
    found = await history.buckets(hotel, since=hour, until=until, width=MINUTE)
    looks = [one.start for series in found.values() for one in series if one.runs and one.start >= hour]
    return min(looks, default=hour)


async def _seen(store: Store, hotel: Hotel, period: Period) -> list[Sighting]:
    """Return what was seen of a hotel in a time, and last before it."""
    names = {*hotel.integrations, *hotel.own_side}
    found = await store.sightings.since(hotel.id, period.begins)
    return [one for one in found if one.at < period.ends and one.check.integration in names]


def _due(hotel: Hotel, ends: datetime) -> Iterator[Coming]:
    """Yield the credentials that are to be changed soon, or should have been."""
    for one in hotel.credentials:
        at = moment(datetime.combine(one.due, time.max), hotel.timezone)
        if at - ends <= CREDENTIALS:
            said = f"{one.title} is to be changed" + (f" by {one.owner}" if one.owner else "")
            yield Coming(f"credential.{one.id}", said, at)


async def _asked(sources: Sources, hotel: Hotel, facts: Facts, now: datetime) -> Facts:
    """Return the facts with what others are asked for: the PMS, the ledger, who holds drills."""
    if facts.kind is Kind.WEEKLY:
        dsn = hotel.pms.dsn.get_secret_value() if hotel.pms.dsn else None
        kinds = {one.kind for one in hotel.integrations.values()}
        failed, why = await failed_updates(sources.databases, dsn, kinds)
        facts = replace(facts, failed=failed, not_asked=why)
    sheet = await sources.maintenance.sheet(hotel.id)
    overdue = [one for one in sheet.tasks if one.state is Due.OVERDUE] if sheet else []
    facts = replace(facts, overdue=tuple(Overdue(one.task.id, one.task.title, one.due_by) for one in overdue))
    return replace(facts, drills=await _drills(sources.store, hotel.id, facts.period.ends))


async def _drills(store: Store, hotel: str, until: datetime) -> tuple[Held, ...]:
    """Return the drills of a hotel until then, the oldest first, and the last fifty at the most."""
    found = [one for one in await store.drills.of(hotel, MOST_DRILLS) if one.asked_at < until]
    return tuple(
        Held(
            one.level,
            one.asked_at,
            one.acknowledged.at - one.asked_at if one.acknowledged else None,
        )
        for one in reversed(found)
    )


async def _measured(history: History, hotel: Hotel, spans: Spans) -> tuple[Measured, Measured, list[str]]:
    """Return what the history says of a time and the one before, and which integrations are told of, by name.

    Those beyond the first hundred failed least. Where there are so many, they are only counted at first.
    """
    period, zone = spans.period, hotel.timezone
    known = {*hotel.integrations, *hotel.own_side}
    closely = frozenset(known if len(known) <= MOST_INTEGRATIONS else ())
    past = await measured(history, Asked(hotel.id, period, zone, closely))
    failures = past.failures()
    worst = sorted({*hotel.integrations, *failures}, key=lambda name: (-failures.get(name, 0), name))
    shown = sorted(worst[:MOST_INTEGRATIONS])
    missing = frozenset(shown) & failures.keys() - closely
    if missing:
        more = await measured(history, Asked(hotel.id, period, zone, missing, no_others=True))
        past.integrations.update(more.integrations)
    before = await measured(history, Asked(hotel.id, spans.before, zone, frozenset(shown), no_others=True))
    return past, before, shown


def _integration(hotel: Hotel, name: str, past: Measured, before: Measured) -> IntegrationFacts:
    now, earlier = past.integrations.get(name), before.integrations.get(name)
    found = hotel.integrations.get(name) or hotel.own_side.get(name)
    return IntegrationFacts(
        name=name,
        now=past.doing(name),
        before=before.doing(name),
        hours=tuple(now.hours) if now else (),
        hours_before=tuple(earlier.hours) if earlier else (),
        days=tuple(now.days) if now else (),
        days_before=tuple(earlier.days) if earlier else (),
        limit_ms=float(found.thresholds.response_time_ms) if found else None,
    )


def _latest(seen: Sequence[Sighting]) -> list[Sighting]:
    """Return the last sighting of each name; `seen` is in the order of time."""
    return list({(one.check, one.name): one for one in seen}.values())
