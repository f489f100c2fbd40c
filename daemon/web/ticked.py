"""The task of the ledger that an address names: for the API and the pages."""

from aiohttp import web

from alerts.maintenance import Standing
from daemon.maintenance import Sheet
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS


async def found(request: web.Request) -> tuple[Sheet, Standing]:
    """Return the hotel's page and the task that a path names, or refuse it."""
    sheet = await request.app[DEPS].maintenance.sheet(request.match_info["hotel"])
    if sheet is None:
        raise RefusedError(404, "There is no hotel with this id.")
    standing = sheet.task(request.match_info["task"])
    if standing is None:
        raise RefusedError(404, "This hotel has no task with this id.")
    return sheet, standing
