"""`/`: one look tells whether all is well. One hotel is shown at once, several as an overview."""

from aiohttp import web

from daemon.web.deps import DEPS
from daemon.web.pages import hotel
from daemon.web.pages.layout import html
from daemon.web.pages.rows import ALL, WELL, asked, of_hotels, select
from daemon.web.pages.troubles import MOST, troubles, urgent
from daemon.web.pages.upkeep import upkeep
from daemon.web.pages.verdict import mail_trouble, verdict


async def status(request: web.Request) -> web.Response:
    """Answer the status page."""
    deps = request.app[DEPS]
    board, now = await deps.whole(), deps.clock.now()
    if len(board.hotels) == 1:
        return await hotel.page(request, board, next(iter(board.hotels)))
    filtered = asked(request.query)
    rows = await of_hotels(board, deps.board.hotels)
    shown = select(rows, filtered)
    incidents = urgent(board.incidents.values())
    return await html(
        request,
        "overview.html.j2",
        verdict=verdict([row.status for row in rows], "hotel"),
        post=mail_trouble(board.post, now),
        troubles=list(
            troubles(incidents[:MOST], board.hotels, deps.directory.zone, now, quiet=deps.desk.quiet)
        ),
        left_out=max(0, len(incidents) - MOST),
        hotels=len(rows),
        upkeep=await upkeep(deps),
        query=filtered,
        choices=ALL,
        worse=[row for row in shown if row.status != WELL],
        well=[row for row in shown if row.status == WELL],
    )
