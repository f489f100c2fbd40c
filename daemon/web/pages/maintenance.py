"""`/maintenance`: what people do again and again, who did it when, and the form to tick it."""

from collections.abc import Sequence

from aiohttp import hdrs, web

from alerts.maintenance import Entry, Standing
from daemon.maintenance import Sheet as HotelSheet
from daemon.store import StateError
from daemon.web import query
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS
from daemon.web.pages import maintenance_views as views
from daemon.web.pages.layout import html
from daemon.web.patience import patiently
from daemon.web.sheets import ONCE, WHOLE, Sheet, sheet
from daemon.web.ticked import found
from daemon.web.visitor import NOBODY, VISITOR

HERE = "/maintenance"
FIELDS = ("by", "note")
ENTRIES = 50
"""Entries of a task on one page."""

NOT_WRITTEN = "This cannot be written down now: {}. Nothing you typed is lost; send it again in a moment."


async def every(request: web.Request) -> web.Response:
    """Answer how the ledger of all hotels stands; of a single one, its page."""
    try:
        sheets = await request.app[DEPS].maintenance.sheets()
    except StateError as error:
        raise _unreadable(error) from error
    if len(sheets) == 1:
        return await _hotel(request, sheets[0])
    state, words = views.verdict(sheets)
    to_do, done = views.hotels(sheets)
    return await html(
        request,
        "maintenance.html.j2",
        symbol=views.SYMBOLS[state],
        tone=views.TONES[state],
        verdict=words,
        to_do=to_do,
        all_done=done,
    )


async def hotel(request: web.Request) -> web.Response:
    """Answer a hotel's page of the ledger."""
    try:
        one = await request.app[DEPS].maintenance.sheet(request.match_info["hotel"])
    except StateError as error:
        raise _unreadable(error) from error
    if one is None:
        raise RefusedError(404, "There is no hotel with this id.")
    return await _hotel(request, one)


async def task(request: web.Request) -> web.Response:
    """Answer who did a task when, and the form to tick it."""
    try:
        before = query.name(request.query, "before")
        ledger, standing = await found(request)
        return await _task(request, ledger, standing, Sheet({}), before=before)
    except StateError as error:
        raise _unreadable(error) from error


async def tick(request: web.Request) -> web.Response:
    """Write down that somebody has just done a task, and lead back to the hotel's page."""
    said = await sheet(request, FIELDS)
    try:
        ledger, standing = await found(request)
    except StateError as error:
        raise _unreadable(error) from error
    by, note = said.name("by", "Your name"), said.note("note", "The note")
    if said.errors:
        return await _task(request, ledger, standing, said, status=400)
    book, name = request.app[DEPS].maintenance, standing.task.id
    try:
        await request.app[ONCE].do(
            request, said, lambda: patiently(book.enter(ledger.hotel, name, by=by, note=note))
        )
    except StateError as error:
        said.errors[WHOLE] = NOT_WRITTEN.format(error)
        return await _task(request, ledger, standing, said, status=503)
    return web.Response(
        status=303, headers={hdrs.LOCATION: f"{HERE}/{ledger.hotel}?ticked={name}#task-{name}"}
    )


async def _hotel(request: web.Request, one: HotelSheet) -> web.Response:
    page = views.page(one)
    return await html(
        request,
        "maintenance_hotel.html.j2",
        page=page,
        alone=len(request.app[DEPS].maintenance.hotels) == 1,
        symbol=views.SYMBOLS[page.state],
        tone=views.TONES[page.state],
        ticked=request.query.get("ticked", ""),
        once=request.app[DEPS].new_id(),
        by=request.get(VISITOR, NOBODY).name,
    )


async def _task(
    request: web.Request,
    ledger: HotelSheet,
    standing: Standing,
    said: Sheet,
    *,
    before: str | None = None,
    status: int = 200,
) -> web.Response:
    """Answer the page of a task; without its entries where the state cannot be read."""
    book = request.app[DEPS].maintenance
    entries: Sequence[Entry] = ()
    try:
        entries = await book.entries(ledger.hotel, standing.task.id, ENTRIES + 1, before)
    except StateError:
        if status == 200:
            raise
    shown = entries[:ENTRIES]
    seen = await book.evidence(ledger.hotel, standing.task.id) if status == 200 and before is None else ""
    return await html(
        request,
        "maintenance_task.html.j2",
        status=status,
        hotel=ledger.hotel,
        name=views.page(ledger).name,
        task=views.row(standing, ledger.zone),
        seen=views.told(seen),
        entries=views.lines(shown, ledger.zone),
        older=shown[-1].id if len(entries) > ENTRIES else None,
        later=before is not None,
        said=said.said,
        errors=said.errors,
        once=said.once or request.app[DEPS].new_id(),
        by=request.get(VISITOR, NOBODY).name,
    )


def _unreadable(error: StateError) -> RefusedError:
    return RefusedError(503, f"The ledger cannot be read now: {error}")
