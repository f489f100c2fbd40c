"""A page that says why there is nothing to be seen."""

from aiohttp import web

from daemon.web.answer import RefusedError
from daemon.web.pages.layout import html

HEADINGS = {404: "Not found", 503: "Not now"}


async def sorry(request: web.Request, refused: RefusedError, here: str) -> web.Response:
    """Answer a page with the sentence of a refusal; `here` is where in the site it stands."""
    return await html(
        request,
        "sorry.html.j2",
        status=refused.status,
        here=here,
        heading=HEADINGS.get(refused.status, "Not understood"),
        sentence=str(refused),
    )
