"""The forms on the page of an incident: acknowledge, note, resolve. What cannot be done is said there."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from aiohttp import hdrs, web

from alerts.act import Act, ActKind, ActRefusedError, Refusal
from daemon.store import StateError
from daemon.web import cases
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS, Deps
from daemon.web.pages import incident_views as views
from daemon.web.pages.incident import CHOICES, HERE, shown
from daemon.web.sheets import ONCE, WHOLE, Sheet, sheet

NAME, NOTE = "Your name", "The note"
OVER = "It was resolved meanwhile, so this was not done. A note can still be added."
BACK_AGAIN = (
    "It was over, and has come back since you opened this page. See how it stands now, and send it again if "
    "it still holds."
)
TAKEN = "Somebody else has taken it meanwhile, as the page now says. Send this again to take their place."
NOT_WRITTEN = "This cannot be written down now: {}. Nothing you typed is lost; send it again in a moment."
REFUSED = {Refusal.OUTDATED: BACK_AGAIN, Refusal.TAKEN: TAKEN}


async def ack(request: web.Request) -> web.Response:
    """Put the incident in somebody's care."""
    deps, said = request.app[DEPS], await sheet(request, ("by", "note", "until", "epoch", "seen"))
    choice = CHOICES.get(said.said.get("until", ""))
    if choice is None:
        said.errors["until"] = "Say for how long: 1, 4 or 12 hours."
    seen = said.said.get("seen", "")
    act = Act(
        incident=request.match_info["id"],
        kind=ActKind.ACKNOWLEDGE,
        by=said.name("by", NAME),
        note=said.note("note", NOTE),
        until=deps.clock.now() + timedelta(hours=choice[1] if choice else 1),
        epoch=said.number("epoch"),
        unless_cared_for=not seen,
    )
    return await _do(request, "ack", said, lambda: _acknowledge(deps, act, seen))


async def note(request: web.Request) -> web.Response:
    """Add a line to the timeline."""
    deps, said = request.app[DEPS], await sheet(request, ("by", "note"))
    by, text = said.name("by", NAME), said.note("note", NOTE, required=True)
    return await _do(request, "note", said, lambda: cases.note(deps, request.match_info["id"], by, text))


async def resolve(request: web.Request) -> web.Response:
    """End the incident, whatever its checks say."""
    deps, said = request.app[DEPS], await sheet(request, ("by", "note", "sure", "epoch"))
    if said.said.get("sure") != "yes":
        said.errors["sure"] = "Say that you mean it."
    act = Act(
        incident=request.match_info["id"],
        kind=ActKind.RESOLVE,
        by=said.name("by", NAME),
        note=said.note("note", NOTE),
        epoch=said.number("epoch"),
    )
    return await _do(request, "resolve", said, lambda: _act(deps, act))


async def _acknowledge(deps: Deps, act: Act, seen: str) -> None:
    """Acknowledge it as it was seen on the page: by nobody, or by whom has not changed since."""
    incident = (await cases.as_stored(deps, act.incident)).incident
    if seen and (now := views.care(incident)) and now != seen:
        raise ActRefusedError(Refusal.TAKEN, TAKEN)
    await cases.act(deps, act)


async def _act(deps: Deps, act: Act) -> None:
    await cases.act(deps, act)


async def _do(
    request: web.Request, name: str, said: Sheet, act: Callable[[], Coroutine[Any, Any, None]]
) -> web.Response:
    """Do what a form asks and lead back to the page, or show there why it was not done."""
    if name != "note" and said.number("epoch") is None:
        said.errors[WHOLE] = BACK_AGAIN
    status = 400
    if not said.errors:
        status, said.errors[WHOLE] = await _tried(request, said, act)
    if status == 303:
        address = f"{HERE}/{request.match_info['id']}?done={name}"
        return web.Response(status=303, headers={hdrs.LOCATION: address})
    return await shown(request, form=name, sheet=said, status=status)


async def _tried(
    request: web.Request, said: Sheet, act: Callable[[], Coroutine[Any, Any, None]]
) -> tuple[int, str]:
    """Do what a form asks; return the status of the answer, and why it was not done."""
    try:
        await request.app[ONCE].do(request, said, act)
    except cases.OverError:
        return 409, OVER
    except ActRefusedError as refused:
        return 409, REFUSED.get(refused.refusal, f"This is refused: {refused}.")
    except RefusedError as refused:
        return refused.status, str(refused)
    except StateError as error:
        return 503, NOT_WRITTEN.format(error)
    return 303, ""


ACTS = {"ack": ack, "note": note, "resolve": resolve}
"""What can be done, by the last part of the address."""
