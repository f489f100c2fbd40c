"""Drills as they are asked for and acknowledged: what the API, the pages and the links of mails share."""

from aiohttp import web

from alerts.drill import Drill
from daemon.drillmaster import DrillRefusedError, Why
from daemon.web import query
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS, Deps

LEVELS = ("1", "2", "3")
STATUS = {Why.UNKNOWN: 404, Why.NOBODY: 422, Why.RUNNING: 409, Why.ACKNOWLEDGED: 409, Why.OVER: 409}


def levels(deps: Deps, hotel: str | None) -> tuple[str, ...]:
    """Return the levels that a hotel has, or any of all where none is named."""
    desks = map(deps.directory.desk, deps.hotels() if hotel is None else [hotel])
    there = {one.level for desk in desks if desk for one in desk.policy.levels}
    return tuple(one for one in LEVELS if one in there) or LEVELS


def refused(error: DrillRefusedError) -> RefusedError:
    """Return what is answered to who asks for what cannot be done."""
    return RefusedError(STATUS[error.why], str(error))


async def found(request: web.Request) -> Drill:
    """Return the drill that a path names, or refuse it."""
    return await named(request.app[DEPS], request.match_info["id"])


async def named(deps: Deps, name: str) -> Drill:
    """Return the drill with an id, or refuse it."""
    drill = await deps.drills.one(name) if query.ID.fullmatch(name) else None
    if drill is None:
        raise RefusedError(404, "There is no drill with this id.")
    return drill
