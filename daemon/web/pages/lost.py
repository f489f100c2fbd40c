"""Pages that say sorry: what people see in place of a bare sentence when something cannot be shown."""

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from daemon.web.answer import API, RefusedError
from daemon.web.pages.layout import html

NOTHING = "There is nothing at this address."
BACK = {"/incidents": "the incidents", "/silences": "the silences", "/maintenance": "the maintenance"}
"""Where one can go back to from what is not there, by how its address begins."""

HEADINGS = {404: "Nothing here", 405: "Not that way", 413: "Too large", 503: "Not now"}


def nothing_here() -> RefusedError:
    """Return what is raised where an address leads nowhere."""
    return RefusedError(404, NOTHING)


@web.middleware
async def sorry(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals as a page where a page was asked for; programs get their sentence."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        if not _reads_pages(request):
            raise
        return await _page(request, 404, NOTHING)
    except RefusedError as refused:
        if not _reads_pages(request):
            raise
        return await _page(request, refused.status, str(refused))


def _reads_pages(request: web.Request) -> bool:
    """Say whether a browser asks for a page."""
    return not request.path.startswith(API) and "text/html" in request.headers.get(hdrs.ACCEPT, "")


async def _page(request: web.Request, status: int, sentence: str) -> web.Response:
    heading = HEADINGS.get(status, "That did not work")
    room = "/" + request.path.split("/")[1]
    here = room if room in BACK and room != request.path else ""
    back = BACK.get(here, "the status page")
    return await html(
        request, "lost.html.j2", status=status, heading=heading, sentence=sentence, here=here, back=back
    )
