"""`/i/d-ID/TOKEN`: the page behind the link of a drill's mail. Looking at it does nothing; its form acts."""

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from alerts.ack_link import DRILLS
from alerts.drill import Drill, Receipt
from alerts.message_text import clean, full_time, lasting
from daemon.drillmaster import DrillRefusedError
from daemon.store import StateError
from daemon.web import form
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS
from daemon.web.pages import acknowledge_views as views
from daemon.web.pages.acknowledge import ROBOTS, elsewhere
from daemon.web.pages.acknowledge_views import NOTE, TurnedAwayError, View
from daemon.web.pages.layout import html
from daemon.web.patience import patiently

ASKING = View(
    200,
    "dim",
    "◇",
    "This is a drill: nothing is wrong",
    ("Somebody wanted to know how long it takes until an alarm is acknowledged. Press the button.",),
    asks=True,
)
UNKNOWN = View(404, "dim", "?", "There is no such drill", ("Night Porter knows nothing of it any more.",))
OVER = View(200, "dim", "◇", "This drill is over", ("Nobody acknowledged it within a day.",))
UNREADABLE = View(400, "bad", "✕", "This was not understood", ("Open the link of the mail again.",))


@dataclass(frozen=True, slots=True)
class _Link:
    """Whose link it is, and for which drill."""

    drill: Drill
    recipient: str


async def show(request: web.Request) -> web.Response:
    """Show that it is a drill, and the form if there is anything left to acknowledge."""
    try:
        link = await _link(request)
    except TurnedAwayError as turned:
        return await _answer(request, turned.view)
    except StateError:
        return await _answer(request, views.BROKEN)
    return await _answer(request, _standing(request, link), link)


async def act(request: web.Request) -> web.Response:
    """Acknowledge the drill in the name of whom the mail went to."""
    if elsewhere(request):
        return await _answer(request, views.ELSEWHERE)
    try:
        link = await _link(request)
        note = clean((await _said(request)).get("note", ""), NOTE)
        drills = request.app[DEPS].drills
        done = await patiently(drills.acknowledge(link.drill.id, link.recipient, note))
        return await _answer(request, _thanks(done), _Link(done, link.recipient))
    except TurnedAwayError as turned:
        return await _answer(request, turned.view)
    except StateError:
        return await _answer(request, views.BROKEN)
    except DrillRefusedError:
        # Somebody was quicker, or it is over: how it stands now says which.
        return await show(request)


async def _link(request: web.Request) -> _Link:
    """Return what the link is good for, or turn away who shows another."""
    deps, name = request.app[DEPS], request.match_info["id"]
    passed = deps.links.read(request.match_info["token"])
    if passed is None or passed.incident != name:
        raise TurnedAwayError(views.FORGED)
    if deps.clock.now() >= passed.expires:
        raise TurnedAwayError(views.EXPIRED)
    drill = await deps.drills.one(name.removeprefix(DRILLS))
    if drill is None:
        raise TurnedAwayError(UNKNOWN)
    return _Link(drill, passed.recipient)


async def _said(request: web.Request) -> dict[str, str]:
    try:
        return dict(await form.read(request))
    except RefusedError as refused:
        if refused.status != 400:
            raise
        raise TurnedAwayError(UNREADABLE) from None


def _standing(request: web.Request, link: _Link) -> View:
    receipt = link.drill.acknowledged
    if receipt is not None:
        who = "You" if receipt.by == link.recipient else clean(receipt.by, 200)
        said = f"{who} acknowledged it after {_after(link.drill, receipt)}."
        return View(200, "good", "✓", "The drill is acknowledged already", (said,))
    return ASKING if link.drill.open(request.app[DEPS].clock.now()) else OVER


def _thanks(drill: Drill) -> View:
    receipt = drill.acknowledged
    took = _after(drill, receipt) if receipt else lasting(timedelta())
    said = (f"It took {took} from the asking to your answer.", "There is nothing else to do.")
    return View(200, "good", "✓", "Thank you, the drill is acknowledged", said)


def _after(drill: Drill, receipt: Receipt) -> str:
    return lasting(receipt.at - drill.asked_at)


async def _answer(request: web.Request, view: View, link: _Link | None = None) -> web.Response:
    deps, drill = request.app[DEPS], link.drill if link else None
    asked = ""
    if drill is not None:
        asked = full_time(drill.asked_at, deps.desk.quiet.zone(drill.hotel))
    return await html(
        request,
        "acknowledge_drill.html.j2",
        status=view.status,
        headers=ROBOTS,
        bare=True,
        view=view,
        drill=drill,
        hotel=clean(deps.hotels().get(drill.hotel, drill.hotel), 200) if drill else "",
        asked=asked,
        by=clean(drill.by, 200) if drill else "",
        who=clean(link.recipient, 254) if link else "",
        note_length=NOTE,
    )
