"""Incidents as they are asked for and acted upon: what the API and the pages share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alerts.act import Act
from alerts.change import Change, Event
from alerts.incident import Incident, IncidentState
from alerts.incident_document import story
from alerts.message_meaning import meaning
from daemon.backlog import Account
from daemon.web import query
from daemon.web.answer import RefusedError
from daemon.web.deps import Deps, Record
from daemon.web.owed import first_page, laid_over, unowed
from daemon.web.patience import patiently

LIMIT = 100
MOST = 500
_PARAMETERS = ("state", "hotel", "limit", "before")


@dataclass(frozen=True, slots=True)
class Query:
    """What incidents are asked for."""

    state: IncidentState | None
    hotel: str | None
    limit: int
    before: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """The incidents asked for, newest first, and the id to go on from; None when there are no more.

    `owed` are the ids of those that are not written down as they are.
    """

    records: Sequence[Record]
    next: str | None
    owed: frozenset[str]


class OverError(Exception):
    """An incident is resolved: nothing can be done about it any more."""

    def __init__(self, incident: Incident) -> None:
        super().__init__(f"{incident.id} is resolved")
        self.incident = incident


async def page_of(deps: Deps, wanted: Query) -> Page:
    """Return the incidents asked for.

    Those that are not written down as they are stand on the first page, beside as many as are asked for.
    """
    owed = deps.owed()
    found = await deps.store.list_incidents(
        state=wanted.state, hotel=wanted.hotel, limit=wanted.limit + 1, before=wanted.before
    )
    page = found[: wanted.limit]
    if wanted.before is None:
        records = first_page(page, owed, state=wanted.state, hotel=wanted.hotel)
    else:
        records = unowed(page, owed)
    return Page(records, page[-1].incident.id if len(found) > wanted.limit else None, frozenset(owed))


async def as_believed(deps: Deps, name: str) -> Record:
    """Return an incident as it is believed to be, be it written down or not."""
    _seemly(name)
    account = deps.owed().get(name)
    if account is None:
        return await as_stored(deps, name)
    return laid_over(await deps.store.incident(name), account)


async def as_stored(deps: Deps, name: str) -> Record:
    """Return an incident that something can be done about: one that is written down."""
    _seemly(name)
    record = await deps.store.incident(name)
    if record is None and name in deps.board.incidents:
        raise RefusedError(503, "This incident is not written down yet: the state cannot be used.")
    if record is None:
        raise unknown()
    return record


async def from_memory(deps: Deps, name: str) -> Record:
    """Return an open incident as it is remembered, for when the state cannot be read."""
    found = (await deps.whole()).incidents.get(name)
    if found is None:
        raise RefusedError(503, "The state cannot be read now: what is open is on the status page.")
    return Account(found)


async def act(deps: Deps, wanted: Act) -> Incident:
    """Do something about an open incident; raise OverError, ActRefusedError, StateError or RefusedError."""
    incident = (await as_stored(deps, wanted.incident)).incident
    done = await patiently(deps.desk.act(incident, wanted))
    if done is not None:
        return done
    incident = (await as_stored(deps, wanted.incident)).incident
    if incident.state is not IncidentState.RESOLVED:
        raise RefusedError(503, "This incident is being decided about: try again in a moment.")
    raise OverError(incident)


async def note(deps: Deps, name: str, by: str, text: str) -> None:
    """Add a line to the timeline of an incident, be it resolved or not."""
    incident = (await as_stored(deps, name)).incident
    event = Event(incident.id, deps.clock.now(), "note", f"{by}: {text}")
    await patiently(deps.store.commit(Change(events=(event,))))


def told(deps: Deps, record: Record) -> dict[str, Any]:
    """Return all of an incident as programs read it, with what it means and what helps now."""
    incident, rows = record.incident, record.notifications
    mail = deps.brief(incident, rows, deps.board.statuses(incident.hotel))
    return story(replace(incident, aids=mail.aids), rows, record.events, meaning(mail))


def unknown() -> RefusedError:
    """Return the refusal of an id that nothing has."""
    return RefusedError(404, "There is no incident with this id.")


def _seemly(name: str) -> None:
    if not query.ID.fullmatch(name):
        raise unknown()


def parse(parameters: Mapping[str, str]) -> Query:
    """Return the query, or refuse it with a sentence."""
    strange = sorted(set(parameters) - set(_PARAMETERS))
    if strange:
        raise RefusedError(
            400, f"Unknown parameter {strange[0][:40]!r}: there are state, hotel, limit and before."
        )
    if len(set(parameters)) != len(parameters):
        raise RefusedError(400, "Each parameter may be given once.")
    state = parameters.get("state")
    if state is not None and state not in set(IncidentState):
        raise RefusedError(400, "state must be open, acknowledged or resolved.")
    return Query(
        IncidentState(state) if state is not None else None,
        query.name(parameters, "hotel"),
        query.number(parameters, "limit", LIMIT, MOST),
        query.name(parameters, "before"),
    )
