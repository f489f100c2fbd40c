"""`/incidents/ID`: all of one incident, and the forms by which people work on it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from alerts.aids.aid import Ticket
from alerts.briefing import account
from alerts.incident import Incident, IncidentState
from alerts.message_aids import mailto
from alerts.message_letter import evidence_heading
from alerts.message_mail import Mail
from alerts.message_people import following
from alerts.message_text import clean
from alerts.notification import Kind
from alerts.policy import Policy
from daemon.board import Board
from daemon.store import StateError
from daemon.web import cases
from daemon.web.deps import DEPS, Deps, Record
from daemon.web.pages import incident_views as views
from daemon.web.pages.dismissed import failing, said_of
from daemon.web.pages.incident_views import Local
from daemon.web.pages.layout import SYMBOLS, TONES, html
from daemon.web.sheets import Sheet
from daemon.web.visitor import NOBODY, VISITOR

HERE = "/incidents"
CHOICES = {"1h": ("1 hour", 1), "4h": ("4 hours", 4), "12h": ("12 hours", 12)}
DONE: Mapping[str, str] = {
    "ack": "It is acknowledged: nobody further is told until the time you promised, unless it becomes worse.",
    "note": "Your note stands in the timeline.",
    "resolve": "It is resolved: those who were told of it are told so.",
}
"""What is said after something was done. The address holds the name alone, and nothing that anybody wrote."""

HOLDS = {"ack": IncidentState.ACKNOWLEDGED, "resolve": IncidentState.RESOLVED}
"""How it stands while that is so: an address that is opened later may not say what holds no more."""

UNREADABLE = "The state cannot be read now. This is what is remembered: who was told, and when, is missing."
NO_SHEET = Sheet({})


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to a vendor, ready to send; `link` is empty where no address is known."""

    heading: str
    to: str
    ticket: Ticket
    link: str


@dataclass(frozen=True, slots=True)
class Relative:
    """Another incident that has to do with this one."""

    id: str
    title: str


async def one(request: web.Request) -> web.Response:
    """Answer the page of one incident; at the address of one of its forms, too, for who loads that again."""
    return await shown(request, done=request.query.get("done", ""))


async def shown(
    request: web.Request, *, form: str = "", sheet: Sheet = NO_SHEET, status: int = 200, done: str = ""
) -> web.Response:
    """Answer the page of one incident, with what was typed into one of its forms and is wrong with it."""
    deps, name = request.app[DEPS], request.match_info["id"]
    record, trouble = await _record(deps, name)
    incident, board = record.incident, await deps.whole()
    local = Local(deps.clock.now(), deps.desk.quiet.zone(incident.hotel))
    mail = deps.brief(incident, record.notifications, _statuses(deps.board, board, incident.hotel))
    return await html(
        request,
        "incident.html.j2",
        status=status,
        **_case(record, deps, board, local),
        **_words(mail),
        tickets=list(_tickets(mail)),
        **_record_of(record, local),
        parent=_relative(board, incident.parent),
        children=list(_children(board, incident)),
        choices=list(_choices(local)),
        by=request.get(VISITOR, NOBODY).name,
        once=deps.new_id(),
        form=form,
        said=sheet.said,
        errors=sheet.errors,
        done=DONE[done] if done in DONE and HOLDS.get(done, incident.state) is incident.state else "",
        trouble=trouble,
    )


def _case(record: Record, deps: Deps, board: Board, local: Local) -> dict[str, Any]:
    """Return the incident itself as it is shown."""
    incident = record.incident
    times = views.opened(incident, record.events)
    over, still = incident.state is IncidentState.RESOLVED, failing(incident, board, local.now)
    well = over and not still
    quiet = deps.desk.quiet.until(incident, local.now)
    hotel = deps.hotels().get(incident.hotel, incident.hotel)
    return {
        "incident": incident,
        "title": clean(incident.title),
        "over": over,
        "symbol": "✓" if well else "▲" if over else SYMBOLS[incident.severity],
        "tone": "good" if well else "fair" if over else TONES[incident.severity],
        "still": said_of(incident, still, local.now, local.zone) if still else "",
        "state": views.state_of(incident, local),
        "opened": local.clock(times.first),
        "lasts": views.spent(incident, times, local.now),
        "hotel": clean(hotel, 200),
        "facts": list(views.facts(incident, hotel, local, times)),
        "care": views.care(incident),
        "local": local,
        "silence": _silence(incident),
        "silenced": local.clock(quiet) if quiet else "",
        "unwritten": incident.id in deps.owed(),
    }


def _words(mail: Mail) -> dict[str, Any]:
    """Return what a letter says, in two parts: what is wrong and to be done, and what shows it."""
    letter, evidence = account(mail), evidence_heading(mail)
    headings = [section.heading for section in letter.sections]
    cut = headings.index(evidence) if evidence in headings else len(headings)
    return {
        "headline": letter.headline,
        "next": "" if mail.kind is Kind.RESOLVED else following(mail).text,
        "first": letter.sections[:cut],
        "rest": letter.sections[cut:],
    }


def _tickets(mail: Mail) -> Iterator[Letter]:
    """Return the letters to vendors, each with the link that opens it in a mail program."""
    for aid in mail.aids:
        if aid.ticket is not None:
            link = mailto(aid.ticket) if aid.ticket.to else ""
            yield Letter(clean(aid.heading, 100), clean(aid.ticket.to, 254), aid.ticket, link)


def _record_of(record: Record, local: Local) -> dict[str, Any]:
    """Return who was told, and what happened."""
    incident, rows = record.incident, record.notifications
    lines, left_out = views.timeline(record.events, local)
    return {
        "letters": views.letters(rows, incident.policy or Policy(), local, incident.epoch),
        "told": views.told_of_it(rows, incident),
        "timeline": lines,
        "left_out": left_out,
    }


async def _record(deps: Deps, name: str) -> tuple[Record, str]:
    """Return an incident as it is believed to be, and what is to be said of the state."""
    try:
        return await cases.as_believed(deps, name), ""
    except StateError:
        return await cases.from_memory(deps, name), UNREADABLE


def _statuses(own: Board, whole: Board, hotel: str) -> Mapping[str, str]:
    """Return how the integrations of a hotel are, be it looked after here or by another replica."""
    views_of = (view for view in whole.integrations.values() if view.hotel == hotel)
    return own.statuses(hotel) or {view.name: view.status for view in views_of}


def _choices(local: Local) -> Iterator[tuple[str, str, str]]:
    for value, (label, hours) in CHOICES.items():
        yield value, label, local.clock(local.now + hours * views.HOUR)


def _silence(one: Incident) -> str:
    """Return where one silences just what this is: the check or integration it is about, or its cause."""
    match = {"hotel": one.hotel}
    if len(one.integrations) == 1:
        match["integration"] = one.integrations[0]
    if len(one.breaches) == 1 and one.breaches[0].check.integration in one.integrations:
        match["check"] = one.breaches[0].check.check
    if len(match) == 1:
        match["cause"] = str(one.diagnosis.cause)
    return f"/silences?{urlencode(match)}#add"


def _relative(board: Board, name: str | None) -> Relative | None:
    found = board.incidents.get(name) if name else None
    return Relative(name or "", clean(found.title) if found else name or "") if name else None


def _children(board: Board, one: Incident) -> Iterable[Relative]:
    return (
        Relative(other.id, clean(other.title)) for other in board.incidents.values() if other.parent == one.id
    )
