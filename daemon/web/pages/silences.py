"""`/silences`: what is silenced, now and to come; to add one, having seen what it would do; to end one."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from aiohttp import hdrs, web

from daemon.store import StateError
from daemon.web import silencing
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS, Deps
from daemon.web.pages import silence_form as forms
from daemon.web.pages import silence_views as views
from daemon.web.pages.layout import html
from daemon.web.pages.silence_form import Preview
from daemon.web.sheets import ONCE, WHOLE, Sheet, sheet
from daemon.web.silencing import Moment
from daemon.web.visitor import NOBODY, VISITOR

HERE = "/silences"
DONE: Mapping[str, str] = {
    "added": "It is silenced: nobody is told of what matches, and it is recorded all the same.",
    "ended": "The silence has ended. Of what is open all the same, those due are told now.",
}
NOT_WRITTEN = "This cannot be written down now: {}. Nothing you typed is lost; send it again in a moment."


async def several(request: web.Request) -> web.Response:
    """Answer the page; the form holds what the address says, as the link of an incident does."""
    at = await silencing.moment_of(request.app[DEPS])
    said = {key: request.query[key][:200] for key in forms.MATCHED if request.query.get(key)}
    seen = _preview(Sheet(dict(said)), at) if said else None
    return await _page(request, at, Sheet(said), seen=seen, done=DONE.get(request.query.get("done", ""), ""))


async def look(request: web.Request) -> web.Response:
    """Answer what the silence in the form would hold back; nothing changes."""
    at, said = await silencing.moment_of(request.app[DEPS]), await sheet(request, forms.FIELDS)
    seen = _preview(said, at)
    return await _page(request, at, said, seen=seen, status=400 if seen is None else 200)


async def add(request: web.Request) -> web.Response:
    """Silence what matches."""
    deps, said = request.app[DEPS], await sheet(request, forms.FIELDS)
    at = await silencing.moment_of(deps)
    wanted, _ = forms.read(said, at, deps.new_id())
    if wanted is None:
        return await _page(request, at, said, status=400)
    try:
        await request.app[ONCE].do(request, said, lambda: silencing.add(deps, at, wanted))
    except StateError as error:
        said.errors[WHOLE] = NOT_WRITTEN.format(error)
        return await _page(request, at, said, status=503)
    return _led_to("added")


async def end(request: web.Request) -> web.Response:
    """End a silence."""
    deps, said = request.app[DEPS], await sheet(request, ())
    try:
        await request.app[ONCE].do(request, said, lambda: _ended(deps, request.match_info["id"]))
    except RefusedError as refused:
        status, words = refused.status, str(refused)
    except StateError as error:
        status, words = 503, f"This cannot be written down now: {error}. Try again in a moment."
    else:
        return _led_to("ended")
    return await _page(request, await silencing.moment_of(deps), Sheet({}), status=status, refused=words)


async def _ended(deps: Deps, name: str) -> None:
    await silencing.end(deps, await silencing.moment_of(deps), name)


def _led_to(done: str) -> web.Response:
    return web.Response(status=303, headers={hdrs.LOCATION: f"{HERE}?done={done}"})


def _preview(said: Sheet, at: Moment) -> Preview | None:
    """Return what a form would hold back, None where it is wrong."""
    wanted, notes = forms.draft(said, at)
    if wanted is None:
        return None
    zones = silencing.zones(wanted, at)
    chosen = forms.zones_of(at).get(said.said.get("zone", ""))
    zone = chosen or (zones.pop() if len(zones) == 1 else ZoneInfo(forms.UTC_NAME))
    return forms.preview(wanted, notes, at, zone)


async def _page(
    request: web.Request,
    at: Moment,
    said: Sheet,
    *,
    status: int = 200,
    seen: Preview | None = None,
    done: str = "",
    refused: str = "",
) -> web.Response:
    offer = forms.offer(said.said, at)
    return await html(
        request,
        "silences.html.j2",
        status=status,
        groups=await views.groups(at),
        offer=offer,
        said=said.said,
        errors=said.errors,
        seen=seen,
        done=done,
        refused=refused,
        by=request.get(VISITOR, NOBODY).name,
        once=request.app[DEPS].new_id(),
    )
