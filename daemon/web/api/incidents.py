"""`/api/v1/incidents`: what there is, and what people do about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from alerts.act import Act, ActKind, ActRefusedError
from alerts.change import Change, Event
from alerts.incident import IncidentState
from alerts.incident_document import story, summary
from daemon.web import body, query
from daemon.web.answer import RefusedError, document, instant
from daemon.web.deps import DEPS, Record
from daemon.web.owed import first_page, laid_over, unowed
from daemon.web.patience import patiently

LIMIT = 100
MOST = 500
ASKED = ("by", "note", "until")
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """What incidents are asked for."""

    state: IncidentState | None
    hotel: str | None
    limit: int
    before: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says about an incident."""

    by: str
    note: str
    until: datetime | None


async def several(request: web.Request) -> web.Response:
    """Answer the incidents asked for, newest first, and where to go on.

    Those that are not written down as they are stand on the first page, beside as many as are asked for.
    """
    asked, deps = parse(request.query), request.app[DEPS]
    owed = deps.owed()
    found = await deps.store.list_incidents(
        state=asked.state, hotel=asked.hotel, limit=asked.limit + 1, before=asked.before
    )
    page = found[: asked.limit]
    more = len(found) > asked.limit
    if asked.before is None:
        records = first_page(page, owed, state=asked.state, hotel=asked.hotel)
    else:
        records = unowed(page, owed)
    shown = [summary(record.incident, record.notifications) for record in records]
    return document({"incidents": shown, "next": page[-1].incident.id if more else None})


async def one(request: web.Request) -> web.Response:
    """Answer one incident with its timeline, evidence and diagnosis, as it is believed to be."""
    name, deps = _id(request), request.app[DEPS]
    account = deps.owed().get(name)
    if account is None:
        return await _story(request)
    record = laid_over(await deps.store.incident(name), account)
    return document(story(record.incident, record.notifications, record.events))


async def ack(request: web.Request) -> web.Response:
    """Put an incident in somebody's care; a second time takes the place of the first."""
    asked = await _asked(request)

    act = Act(_id(request), ActKind.ACKNOWLEDGE, asked.by, asked.note, asked.until)
    return await _act(request, act, "there is nothing left to acknowledge")


async def resolve(request: web.Request) -> web.Response:
    """End an incident, whatever its checks say; those who were told of it are told."""
    asked = await _asked(request, anonymous=True)
    return await _act(
        request, Act(_id(request), ActKind.RESOLVE, asked.by, asked.note), "it cannot be resolved twice"
    )


async def note(request: web.Request) -> web.Response:
    """Add a line to the timeline of an incident, be it resolved or not."""
    asked = await _asked(request, noted=True)
    deps = request.app[DEPS]
    incident = (await _record(request)).incident
    event = Event(incident.id, deps.clock.now(), "note", f"{asked.by}: {asked.note}")
    await patiently(deps.store.commit(Change(events=(event,))))
    return await _story(request)


async def _asked(request: web.Request, *, anonymous: bool = False, noted: bool = False) -> Asked:
    said = await body.fields(request, ASKED)
    return Asked(
        by=body.name(said, "by", required=not anonymous),
        note=body.note(said, "note", required=noted),
        until=body.instant(said, "until"),
    )


async def _act(request: web.Request, act: Act, too_late: str) -> web.Response:
    """Do something about an open incident, and answer how it is then."""
    incident = (await _record(request)).incident
    try:
        done = await patiently(request.app[DEPS].desk.act(incident, act))
    except ActRefusedError as refused:
        raise RefusedError(400, f"{refused.refusal} is refused: {refused}.") from None
    if done is None:
        incident = (await _record(request)).incident
        if incident.state is not IncidentState.RESOLVED:
            raise RefusedError(503, "This incident is being decided about: try again in a moment.")
        raise RefusedError(409, f"This incident was resolved at {instant(incident.resolved_at)}: {too_late}.")
    return await _story(request)


async def _story(request: web.Request) -> web.Response:
    record = await _record(request)
    return document(story(record.incident, record.notifications, record.events))


async def _record(request: web.Request) -> Record:
    name, deps = _id(request), request.app[DEPS]
    record = await deps.store.incident(name)
    if record is None and name in deps.board.incidents:
        raise RefusedError(503, "This incident is not written down yet: the state cannot be used.")
    if record is None:
        raise _unknown()
    return record


def _id(request: web.Request) -> str:
    name = request.match_info["id"]
    if not _ID.fullmatch(name):
        raise _unknown()
    return name


def _unknown() -> RefusedError:
    return RefusedError(404, "There is no incident with this id.")


def parse(parameters: Mapping[str, str]) -> Query:
    """Return the query, or refuse it with a sentence."""
    unknown = sorted(set(parameters) - {"state", "hotel", "limit", "before"})
    if unknown:
        raise RefusedError(
            400, f"Unknown parameter {unknown[0][:40]!r}: there are state, hotel, limit and before."
        )
    if len(set(parameters)) != len(parameters):
        raise RefusedError(400, "Each parameter may be given once.")
    state = parameters.get("state")
    if state is not None and state not in set(IncidentState):
        raise RefusedError(400, "state must be open, acknowledged or resolved.")
    limit = parameters.get("limit", str(LIMIT))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 1 <= int(limit) <= MOST):
        raise RefusedError(400, f"limit must be a whole number from 1 to {MOST}.")
    return Query(
        IncidentState(state) if state is not None else None,
        query.name(parameters, "hotel"),
        int(limit),
        query.name(parameters, "before"),
    )
