"""`/reports`: what was reported of days, weeks and months, what there is to report now, and to mail it."""

from aiohttp import hdrs, web

from alerts.message_text import clean
from alerts.reports.address import moment, path
from alerts.reports.heading import SYMBOLS, called, closing, known, period, title
from alerts.reports.page import breaking
from alerts.reports.picture import HEIGHT, WIDTH
from alerts.reports.report import Kind, Report
from alerts.reports.tidy import tidied
from daemon.store import StateError
from daemon.web import query, reported
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS
from daemon.web.pages import report_views as views
from daemon.web.pages.layout import html
from daemon.web.reported import Asked
from daemon.web.sheets import ONCE, WHOLE, Sheet, sheet
from daemon.web.visitor import NOBODY, VISITOR

HERE = "/reports"
PAGES = 100
NOT_READ = "The reports cannot be read now: {}"
NOT_MAILED = "It cannot be mailed now: {}. Nothing was sent; try again in a moment."


async def every(request: web.Request) -> web.Response:
    """Answer the hotels to choose from; of a single one, its reports."""
    hotels = request.app[DEPS].hotels()
    if len(hotels) == 1:
        return await _hotel(request, next(iter(hotels)))
    named = sorted(((clean(name, 200), one) for one, name in hotels.items()), key=lambda row: row[0].lower())
    return await html(request, "reports.html.j2", hotels=named)


async def hotel(request: web.Request) -> web.Response:
    """Answer the reports of a hotel."""
    return await _hotel(request, reported.hotel(request))


async def now(request: web.Request) -> web.Response:
    """Answer the report as of now, and the form to mail it."""
    return await _now(request, reported.asked(request), Sheet({}))


async def one(request: web.Request) -> web.Response:
    """Answer a report as it was made."""
    asked = reported.asked(request)
    try:
        found = await reported.stored(asked, moment(request.match_info["ends"]))
    except StateError as error:
        raise RefusedError(503, NOT_READ.format(error)) from error
    return await _report(request, found, None)


async def mail(request: web.Request) -> web.Response:
    """Have the report as of now mailed, and lead back to it."""
    said, asked = await sheet(request, ("by",)), reported.asked(request)
    by = said.name("by", "Your name")
    if said.errors:
        return await _now(request, asked, said, status=400)
    people: list[str] = []

    async def send() -> None:
        people.extend(await reported.mailed(asked, by))

    try:
        await request.app[ONCE].do(request, said, send)
    except StateError as error:
        said.errors[WHOLE] = NOT_MAILED.format(error)
        return await _now(request, asked, said, status=503)
    except RefusedError as refused:
        said.errors[WHOLE] = str(refused)
        return await _now(request, asked, said, status=refused.status)
    return web.Response(
        status=303, headers={hdrs.LOCATION: f"{path(asked.hotel, asked.kind)}?mailed={len(people)}#mail"}
    )


async def _hotel(request: web.Request, name: str) -> web.Response:
    deps, reports = request.app[DEPS], reported.reporting(request)
    place, zone = query.number(request.query, "page", 1, PAGES), deps.directory.zone(name)
    start = (place - 1) * views.SHOWN
    try:
        ends = await reports.stored.ends(name, None, start + views.SHOWN + 1)
        lines = await views.lines(reports.stored, name, ends[start : start + views.SHOWN], zone)
    except StateError as error:
        raise RefusedError(503, NOT_READ.format(error)) from error
    hotels = deps.hotels()
    return await html(
        request,
        "reports_hotel.html.j2",
        hotel=name,
        name=clean(hotels[name], 200),
        alone=len(hotels) == 1,
        live=[(kind.value.capitalize(), path(name, kind)) for kind in Kind],
        lines=lines,
        older=place + 1 if len(ends) > start + views.SHOWN and place < PAGES else None,
        later=place > 1,
    )


async def _now(request: web.Request, asked: Asked, said: Sheet, *, status: int = 200) -> web.Response:
    try:
        found = await asked.reports.now(asked.hotel, asked.kind)
    except StateError as error:
        raise RefusedError(503, NOT_READ.format(error)) from error
    return await _report(request, found, said, status=status)


async def _report(
    request: web.Request, report: Report, said: Sheet | None, *, status: int = 200
) -> web.Response:
    """Answer the page of a report; with the form to mail it, where there is a sheet for it."""
    shown = tidied(report)
    mailed = request.query.get("mailed", "")
    return await html(
        request,
        "report.html.j2",
        status=status,
        report=shown,
        title=title(shown),
        called=called(shown),
        period=period(shown),
        known=known(shown),
        closing=closing(shown),
        pictures=await views.pictures(shown),
        symbols=SYMBOLS,
        tones=views.TONES,
        breaking=breaking,
        width=WIDTH,
        height=HEIGHT,
        said=said,
        mailed=int(mailed) if mailed.isascii() and mailed.isdigit() and len(mailed) < 5 else None,
        once=request.app[DEPS].new_id(),
        by=request.get(VISITOR, NOBODY).name,
    )
