"""`/drills`: the drills that were held and what became of them, and the form to hold one now."""

from aiohttp import hdrs, web

from alerts.drill import Drill, last_drill, latest
from daemon.drillmaster import DrillRefusedError
from daemon.store import StateError
from daemon.web import query
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS, Deps
from daemon.web.drilling import LEVELS, STATUS, found, levels
from daemon.web.pages import drill_views as views
from daemon.web.pages.layout import html
from daemon.web.patience import patiently
from daemon.web.sheets import ONCE, WHOLE, Sheet, sheet
from daemon.web.visitor import NOBODY, VISITOR

HERE = "/drills"
FIELDS = ("hotel", "level", "by", "note")
LISTED = 30
"""Drills on one page."""

NOT_WRITTEN = "This cannot be written down now: {}. Nothing you typed is lost; send it again in a moment."


async def several(request: web.Request) -> web.Response:
    """Answer the drills of all hotels or of one, and the form to hold another."""
    hotel = query.name(request.query, "hotel")
    return await _several(request, Sheet({"hotel": hotel} if hotel else {}), hotel)


async def hold(request: web.Request) -> web.Response:
    """Begin a drill, and lead to its page."""
    said = await sheet(request, FIELDS)
    hotels = request.app[DEPS].hotels()
    hotel = said.said.get("hotel") or (next(iter(hotels)) if len(hotels) == 1 else "")
    if hotel not in hotels:
        said.errors["hotel"] = "Choose a hotel."
    level = said.said.get("level") or LEVELS[0]
    if level not in LEVELS:
        said.errors["level"] = "Choose a level."
    by, note = said.name("by", "Your name"), said.note("note", "The note")
    if said.errors:
        return await _several(request, said, None, status=400)
    return await _held(request, said, (hotel, level, by, note))


async def _held(request: web.Request, said: Sheet, wanted: tuple[str, str, str, str]) -> web.Response:
    deps, begun = request.app[DEPS], list[Drill]()

    async def begin() -> None:
        begun.append(await patiently(deps.drills.hold(*wanted)))

    try:
        await request.app[ONCE].do(request, said, begin)
    except DrillRefusedError as error:
        said.errors[WHOLE] = str(error)
        return await _several(request, said, None, status=STATUS[error.why])
    except StateError as error:
        said.errors[WHOLE] = NOT_WRITTEN.format(error)
        return await _several(request, said, None, status=503)
    # A form that is sent twice begins one drill: the latest of the hotel is it.
    name = begun[0].id if begun else next(iter(await deps.drills.of(wanted[0], 1))).id
    return _led_to(name)


async def one(request: web.Request) -> web.Response:
    """Answer a drill with its steps, and the form to acknowledge it."""
    return await _one(request, Sheet({}))


async def ack(request: web.Request) -> web.Response:
    """Note that somebody acknowledges a drill, and lead back to its page."""
    said = await sheet(request, ("by", "note"))
    by, note = said.name("by", "Your name"), said.note("note", "The note")
    if said.errors:
        return await _one(request, said, status=400)
    deps, name = request.app[DEPS], request.match_info["id"]

    async def acknowledge() -> None:
        await patiently(deps.drills.acknowledge(name, by, note))

    try:
        await request.app[ONCE].do(request, said, acknowledge)
    except DrillRefusedError as error:
        said.errors[WHOLE] = str(error)
        return await _one(request, said, status=STATUS[error.why])
    except StateError as error:
        said.errors[WHOLE] = NOT_WRITTEN.format(error)
        return await _one(request, said, status=503)
    return _led_to(name)


def _led_to(name: str) -> web.Response:
    return web.Response(status=303, headers={hdrs.LOCATION: f"{HERE}/{name}"})


async def _several(
    request: web.Request, said: Sheet, hotel: str | None, *, status: int = 200
) -> web.Response:
    deps, before = request.app[DEPS], query.name(request.query, "before")
    try:
        drills = await deps.drills.of(hotel, LISTED + 1, before)
    except StateError as error:
        raise _unreadable(error) from error
    now, hotels = deps.clock.now(), deps.hotels()
    shown = drills[:LISTED]
    only = hotel or (next(iter(hotels), None) if len(hotels) == 1 else None)
    return await html(
        request,
        "drills.html.j2",
        status=status,
        rows=[views.row(drill, hotels, deps.directory.zone(drill.hotel), now) for drill in shown],
        older=shown[-1].id if len(drills) > LISTED else None,
        later=before is not None,
        last=last_drill(latest(shown), now) if only and before is None else "",
        only=only,
        hotels=hotels,
        levels=levels(deps, only),
        said=said.said,
        errors=said.errors,
        once=said.once or deps.new_id(),
        by=request.get(VISITOR, NOBODY).name,
    )


async def _one(request: web.Request, said: Sheet, *, status: int = 200) -> web.Response:
    deps = request.app[DEPS]
    try:
        drill = await found(request)
    except StateError as error:
        raise _unreadable(error) from error
    return await html(
        request,
        "drill.html.j2",
        status=status,
        drill=views.page(drill, deps.hotels(), deps.directory.zone(drill.hotel), deps.clock.now()),
        said=said.said,
        errors=said.errors,
        once=said.once or deps.new_id(),
        by=request.get(VISITOR, NOBODY).name,
    )


async def line(deps: Deps, hotel: str) -> str:
    """Return what is said of a hotel's last drill; nothing while the state cannot be read."""
    try:
        return last_drill(latest(await deps.drills.of(hotel, 1)), deps.clock.now())
    except StateError:
        return ""


def _unreadable(error: StateError) -> RefusedError:
    return RefusedError(503, f"The drills cannot be read now: {error}")
