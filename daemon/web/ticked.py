"""The task of the ledger that an address names: for the API and the pages."""

from aiohttp import web

from alerts.maintenance import Standing
from daemon.maintenance import Sheet
from daemon.settings.plain import suggestion
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS

SHOWN = 20
"""Tasks that are named to who asks for one that is not there."""


async def found(request: web.Request) -> tuple[Sheet, Standing]:
    """Return the hotel's page and the task that a path names, or refuse it."""
    sheet = await request.app[DEPS].maintenance.sheet(request.match_info["hotel"])
    if sheet is None:
        raise RefusedError(404, "There is no hotel with this id.")
    standing = sheet.task(request.match_info["task"])
    if standing is None:
        raise RefusedError(404, f"This hotel has no task with this id{_meant(sheet, request)}")
    return sheet, standing


def _meant(sheet: Sheet, request: web.Request) -> str:
    """Return the end of the sentence: the nearest task, or else which there are."""
    names = [one.task.id for one in sheet.tasks]
    near = suggestion(request.match_info["task"], names)
    if near or not names:
        return near or "."
    more = " …" if len(names) > SHOWN else "."
    return f"; there are {', '.join(names[:SHOWN])}{more}"
