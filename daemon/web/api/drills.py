"""`/api/v1/drills`: test alerts through the whole path, and how long each step of it took."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from alerts.drill_steps import document as shown
from daemon.drillmaster import DrillRefusedError
from daemon.web import body, query
from daemon.web.answer import RefusedError, document
from daemon.web.deps import DEPS
from daemon.web.drilling import LEVELS, found, refused
from daemon.web.patience import patiently

FIELDS = ("hotel", "level", "by", "note")
LIMIT, MOST = 20, 200


async def several(request: web.Request) -> web.Response:
    """Answer the drills of every hotel, or of one, the latest first."""
    asked = query.parameters(request, ("hotel", "limit", "before"))
    hotel, before = query.name(asked, "hotel"), query.name(asked, "before")
    limit = query.number(asked, "limit", LIMIT, MOST)
    deps = request.app[DEPS]
    drills = await deps.drills.of(hotel, limit + 1, before)
    now, page = deps.clock.now(), drills[:limit]
    following = page[-1].id if len(drills) > limit else None
    return document({"drills": [shown(one, now) for one in page], "next": following})


async def one(request: web.Request) -> web.Response:
    """Answer a drill."""
    drill = await found(request)
    return document(shown(drill, request.app[DEPS].clock.now()))


async def hold(request: web.Request) -> web.Response:
    """Begin a drill, and answer it."""
    said = await body.fields(request, FIELDS)
    by, note = body.name(said, "by"), body.note(said, "note")
    deps = request.app[DEPS]
    try:
        drill = await patiently(deps.drills.hold(_hotel(said), _level(said), by, note))
    except DrillRefusedError as error:
        raise refused(error) from None
    return document(shown(drill, deps.clock.now()), 201)


async def ack(request: web.Request) -> web.Response:
    """Note that somebody has acknowledged a drill, and answer it."""
    said = await body.fields(request, ("by", "note"))
    by, note = body.name(said, "by"), body.note(said, "note")
    deps, drill = request.app[DEPS], await found(request)
    try:
        drill = await patiently(deps.drills.acknowledge(drill.id, by, note))
    except DrillRefusedError as error:
        raise refused(error) from None
    return document(shown(drill, deps.clock.now()))


def _hotel(said: Mapping[str, Any]) -> str:
    hotel = said.get("hotel")
    if not isinstance(hotel, str) or not query.ID.fullmatch(hotel):
        raise RefusedError(400, "hotel must be the id of a hotel.")
    return hotel


def _level(said: Mapping[str, Any]) -> str:
    level = said.get("level", 1)
    if isinstance(level, float) and level.is_integer():
        # In JSON 3.0 is the integer 3.
        level = int(level)
    if isinstance(level, bool) or not isinstance(level, int | str) or str(level) not in LEVELS:
        raise RefusedError(400, "level must be 1, 2 or 3.")
    return str(level)
