"""What holds for every answer: its headers, its deadline, and a sentence where it cannot be given."""

import asyncio

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from daemon.store import StateError
from daemon.web.answer import RefusedError, refusal
from daemon.web.door import OPEN_PREFIX

log = structlog.get_logger()

REQUEST_DEADLINE = 60.0
"""Seconds in which a request must be answered, and the answer taken, before the connection is cut."""

NOBODY_LISTENS = 499
"""What stands for an answer that cannot be given: nobody sees it."""

ENDLESS = frozenset({"/events"})
"""Answers that go on for as long as they are listened to; each piece has a deadline of its own."""

NO_DETOURS = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SECURITY_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; {NO_DETOURS}",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take {method}.",
    413: "The request is too large.",
}


async def furnish(_request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Put the security headers on an answer that is about to be sent."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    # aiohttp has put its own name and version there already.
    response.headers[hdrs.SERVER] = "nightporter"


@web.middleware
async def deadline(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Cut off who takes too long, be it to ask or to listen."""
    try:
        async with asyncio.timeout(None if request.path in ENDLESS else REQUEST_DEADLINE):
            response = await handler(request)
            await response.prepare(request)
            await response.write_eof()
    except (TimeoutError, ConnectionError):
        # Nobody listens any more, or has too slowly: that is their affair and no error of ours.
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=NOBODY_LISTENS)
    return response


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure with a sentence; what is our own fault is logged, once."""
    try:
        return await handler(request)
    except web.HTTPException as refused:
        sentence = SENTENCES.get(refused.status, refused.reason).format(method=request.method)
        allow = refused.headers.get(hdrs.ALLOW)
        return refusal(request, refused.status, sentence, {hdrs.ALLOW: allow} if allow else None)
    except RefusedError as refused:
        return refusal(request, refused.status, str(refused), refused.headers)
    except web.RequestPayloadError:
        return refusal(request, 400, "The body does not arrive as its headers say.")
    except StateError as error:
        log.warning(
            "web.state.failed", method=request.method, path=_loggable(request.path), reason=str(error)
        )
        return refusal(request, 503, f"This cannot be read or written now: {error}")
    except ConnectionError:
        raise
    except Exception:
        log.exception("web.request.failed", method=request.method, path=_loggable(request.path))
        return refusal(request, 500, "Night Porter could not answer this; its log says why.")


def _loggable(path: str) -> str:
    """Return a path without the token of an acknowledge link: who reads the log could use it."""
    return f"{OPEN_PREFIX}…" if path.startswith(OPEN_PREFIX) else path[:200]
