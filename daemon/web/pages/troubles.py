"""Open incidents as pages show them: what, since when, why, who was told and who is next."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.criteria import RANK
from alerts.incident import Incident, IncidentState
from alerts.message_mail import Told
from alerts.message_text import capital, clean, hotel_time, lasting
from alerts.policy import Policy
from alerts.told import coming, told_so_far
from daemon.quiet import Quiet
from daemon.store import StateError
from daemon.web.deps import Deps, Record
from daemon.web.owed import first_page
from daemon.web.pages.saying import called

MOST = 20
"""Open incidents that one page shows; a link leads to the rest."""

PAGE = 100
"""Incidents of one hotel that are asked for."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An open incident as it is shown; `at` is the opening for programs, `next` is who is told and
    when, `why` the reason for it, or why nobody is; `told` is empty where that is not known. `silenced` is
    until when nobody is told of it."""

    id: str
    title: str
    hotel: str
    hotel_name: str
    integrations: tuple[str, ...]
    severity: str
    state: str
    at: str
    opened: str
    age: str
    cause: str
    summary: str
    next: str
    why: str
    told: str
    silenced: str


def urgent(incidents: Iterable[Incident]) -> list[Incident]:
    """Return those that are not resolved: the gravest first, of these the untaken, then the newest."""
    found = (one for one in incidents if one.state is not IncidentState.RESOLVED)
    newest = sorted(found, key=lambda one: one.opened_at, reverse=True)
    return sorted(newest, key=lambda one: (-RANK[one.severity], one.state is not IncidentState.OPEN))


async def records(deps: Deps, hotel: str) -> Mapping[str, Record] | None:
    """Return the newest open incidents of a hotel with who was told, by id; None while the state is away."""
    owed = deps.owed()
    found: dict[str, Record] = {}
    try:
        for state in (IncidentState.OPEN, IncidentState.ACKNOWLEDGED):
            stored = await deps.store.list_incidents(state=state, hotel=hotel, limit=PAGE)
            found |= {one.incident.id: one for one in first_page(stored, owed, state=state, hotel=hotel)}
    except StateError:
        return None
    return found


def troubles(
    incidents: Sequence[Incident],
    names: Mapping[str, str],
    zone_of: Callable[[str], ZoneInfo],
    now: datetime,
    known: Mapping[str, Record] | None = None,
    *,
    quiet: Quiet,
) -> Iterator[Trouble]:
    """Yield incidents as they are shown; `names` are those of hotels, `known` tells who was told."""
    for one in incidents:
        zone, hushed = zone_of(one.hotel), quiet.until(one, now)
        yield Trouble(
            id=one.id,
            title=clean(one.title),
            hotel=one.hotel,
            hotel_name=clean(names.get(one.hotel, one.hotel), 200),
            integrations=one.integrations,
            severity=one.severity,
            state=_state(one, now, zone),
            at=one.opened_at.isoformat(),
            opened=hotel_time(one.opened_at, now, zone),
            age=lasting(now - one.opened_at),
            cause=_cause(one),
            summary=clean(one.diagnosis.summary, 600),
            next=_next(one, now, zone),
            why=capital(clean(one.next_step.reason)) if one.next_step else clean(one.standstill),
            told="" if known is None else _told(one, known.get(one.id), hushed, now, zone),
            silenced=hotel_time(hushed, now, zone) if hushed else "",
        )


def _state(one: Incident, now: datetime, zone: ZoneInfo) -> str:
    promise = one.acknowledgement
    if one.state is not IncidentState.ACKNOWLEDGED or promise is None:
        return one.state
    return f"{one.state} by {clean(promise.by, 200)} until {hotel_time(promise.until, now, zone)}"


def _cause(one: Incident) -> str:
    cause = called(one.diagnosis.cause)
    return (
        "Cause not known"
        if one.diagnosis.confidence == "unknown"
        else f"{cause} ({one.diagnosis.confidence})"
    )


def _next(one: Incident, now: datetime, zone: ZoneInfo) -> str:
    step = coming(one, Policy())
    if step is None or step.at is None:
        return "Nobody"
    left = step.at - now
    when = f"in {lasting(left)}" if left.total_seconds() >= 0 else "due"
    return f"{clean(step.role, 200)} at {hotel_time(step.at, now, zone)} ({when})"


def _told(
    one: Incident, record: Record | None, hushed: datetime | None, now: datetime, zone: ZoneInfo
) -> str:
    """Say who was told in this opening; letters of an earlier one told of something that was over since."""
    rows = [row for row in record.notifications if row.epoch == one.epoch] if record else ()
    people = "; ".join(_person(each, now, zone) for each in told_so_far(one, (), rows, now))
    return people or ("Nobody, it is silenced" if hushed else "Nobody yet")


def _person(one: Told, now: datetime, zone: ZoneInfo) -> str:
    role = clean(one.role, 200)
    return f"{role}, being sent" if one.at is None else f"{role} at {hotel_time(one.at, now, zone)}"
