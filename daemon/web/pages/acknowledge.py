"""`/i/ID/TOKEN`: the page behind the link of a letter. Looking at it does nothing; its form acknowledges.

Programs that look at every link of a mail come here too, so only the form acts. Whoever has the link needs
nothing else: the token in it says who they are and which incident it is for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from alerts.ack_link import Pass
from alerts.act import Act, ActKind, ActRefusedError, Refusal, cared_for
from alerts.incident import Incident, IncidentState
from alerts.message_text import clean, moment
from daemon.store import StateError
from daemon.web import form
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS, Deps
from daemon.web.pages import acknowledge_views as views
from daemon.web.pages.acknowledge_views import Choice, TurnedAwayError, View
from daemon.web.pages.layout import html
from daemon.web.patience import patiently

CHOICES = {"1h": ("1 hour", 1), "4h": ("4 hours", 4), "12h": ("12 hours", 12)}
ROBOTS = {"X-Robots-Tag": "noindex, nofollow, noarchive"}


@dataclass(frozen=True, slots=True)
class _Form:
    """What a person has chosen."""

    hours: int = 1
    note: str = ""


async def show(request: web.Request) -> web.Response:
    """Show the incident, and the form if there is anything left to acknowledge."""
    try:
        passed, incident = await _incident(request)
        return await _answer(request, _standing(request, incident, passed.recipient), incident, passed)
    except TurnedAwayError as turned:
        return await _answer(request, turned.view)
    except StateError:
        return await _answer(request, views.BROKEN)


async def act(request: web.Request) -> web.Response:
    """Acknowledge the incident in the name of whom the letter went to."""
    if elsewhere(request):
        return await _answer(request, views.ELSEWHERE)
    try:
        passed, incident = await _incident(request)
        act = _care(passed, await _form(request), request.app[DEPS].clock.now())
        done = await patiently(request.app[DEPS].desk.act(incident, act))
        if done is not None:
            return await _answer(request, views.thanks(done, _local(request, done)), done, passed)
    except TurnedAwayError as turned:
        return await _answer(request, turned.view)
    except ActRefusedError as refused:
        if refused.refusal is not Refusal.TAKEN:
            return await _answer(request, views.OUTDATED)
    except StateError:
        return await _answer(request, views.BROKEN)
    # Somebody was quicker, or it is over: how it stands now says which.
    return await show(request)


def _care(passed: Pass, form: _Form, now: datetime) -> Act:
    return Act(
        incident=passed.incident,
        kind=ActKind.ACKNOWLEDGE,
        by=passed.recipient,
        note=form.note,
        until=now + timedelta(hours=form.hours),
        epoch=passed.epoch,
        unless_cared_for=True,
    )


async def _incident(request: web.Request) -> tuple[Pass, Incident]:
    """Return what the link is good for, or turn away who shows another."""
    deps = request.app[DEPS]
    passed = deps.links.read(request.match_info["token"])
    if passed is None or passed.incident != request.match_info["id"]:
        raise TurnedAwayError(views.FORGED)
    if deps.clock.now() >= passed.expires:
        raise TurnedAwayError(views.EXPIRED)
    record = await deps.store.incident(passed.incident)
    known, stored = deps.board.incidents.get(passed.incident), record.incident.epoch if record else 0
    if known is not None and known.epoch == passed.epoch > stored:
        # What the mail is about is not written down yet.
        raise TurnedAwayError(views.BROKEN)
    if record is None:
        raise TurnedAwayError(views.UNKNOWN)
    if record.incident.epoch != passed.epoch:
        raise TurnedAwayError(views.OUTDATED)
    return passed, record.incident


def _standing(request: web.Request, incident: Incident, reader: str) -> View:
    local = _local(request, incident)
    if incident.state is IncidentState.RESOLVED:
        return views.over(incident, local)
    if cared_for(incident, local.now):
        return views.cared_for(incident, reader, local)
    return views.asking(incident, local)


def _local(request: web.Request, incident: Incident) -> views.Local:
    deps = request.app[DEPS]
    return views.Local(deps.clock.now(), deps.desk.quiet.zone(incident.hotel))


async def _form(request: web.Request) -> _Form:
    """Return what was chosen; an hour, and no note, where nothing was."""
    try:
        said = await form.read(request)
    except RefusedError as refused:
        if refused.status != 400:
            raise
        raise TurnedAwayError(views.UNREADABLE) from None
    chosen = CHOICES.get(said.get("until") or "1h")
    if chosen is None:
        raise TurnedAwayError(views.UNREADABLE)
    return _Form(chosen[1], said.get("note", ""))


def elsewhere(request: web.Request) -> bool:
    """Say whether the form of another site was sent here.

    Our own page sends `Origin: null`, as every page does that gives no referrer away.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        return True
    origin = request.headers.get(hdrs.ORIGIN, "null")
    if origin == "null":
        return False
    own = {request.host, _host(request.app[DEPS].public_url() or "")}
    return _host(origin) not in own - {""}


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


async def _answer(
    request: web.Request, view: View, incident: Incident | None = None, passed: Pass | None = None
) -> web.Response:
    about = None
    choices: tuple[Choice, ...] = ()
    if incident is not None:
        local = _local(request, incident)
        about = views.about(incident, _hotel(request.app[DEPS], incident), local)
        choices = _choices(local) if view.asks else ()
    return await html(
        request,
        "acknowledge.html.j2",
        status=view.status,
        headers=ROBOTS,
        bare=True,
        view=view,
        about=about,
        choices=choices,
        who=clean(passed.recipient if passed else "", 254),
        note_length=views.NOTE,
    )


def _hotel(deps: Deps, incident: Incident) -> str:
    return deps.hotels().get(incident.hotel, incident.hotel)


def _choices(local: views.Local) -> tuple[Choice, ...]:
    return tuple(
        Choice(value, label, moment(local.now + timedelta(hours=hours), local.now, local.zone))
        for value, (label, hours) in CHOICES.items()
    )
