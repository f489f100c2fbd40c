"""`GET /api/v1/status`: how everything is."""

from aiohttp import hdrs, web

from daemon.web import status as status_document
from daemon.web.answer import stream
from daemon.web.deps import DEPS


async def status(request: web.Request) -> web.StreamResponse:
    """Answer how everything is."""
    deps = request.app[DEPS]
    pieces = status_document.document(await deps.whole(), deps.clock.monotonic())
    return await stream(
        request, {hdrs.CONTENT_TYPE: "application/json"}, (one.encode("ascii") async for one in pieces)
    )
