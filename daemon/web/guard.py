"""Who may do what: the token, or only this host; and what every answer carries."""

import asyncio
import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from daemon.store import StateError
from daemon.web.answer import RefusedError, refusal
from daemon.web.deps import DEPS

log = structlog.get_logger()

REQUEST_DEADLINE = 60.0
"""Seconds in which a request must be answered, and the answer taken, before the connection is cut."""

NOBODY_LISTENS = 499
"""What stands for an answer that cannot be given: nobody sees it."""

READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
OPEN_PATHS = frozenset({"/-/healthy", "/-/ready"})
ENDLESS = frozenset({"/events"})
"""Answers that go on for as long as they are listened to; each piece has a deadline of its own."""

OPEN_PREFIX = "/i/"
"""The acknowledge page: its links carry a token of their own."""

FORWARDING = frozenset(
    {
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-host",
        "x-original-url",
        "x-proxyuser-ip",
        "x-envoy-external-address",
        "x-azure-clientip",
        "x-appengine-user-ip",
        "true-client-ip",
        "fastly-client-ip",
        "fly-client-ip",
        "cf-connecting-ip",
        "cdn-loop",
    }
)
FORWARDED = ("x-forwarded", "x-original-forwarded", "tailscale-")
"""What the names of further headers begin with that only a proxy sends."""

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
        return refusal(request, refused.status, str(refused))
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


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the token; without one configured, let only this host change anything."""
    if request.path in OPEN_PATHS or request.path.startswith(OPEN_PREFIX):
        return await handler(request)
    token = request.app[DEPS].token()
    if token is not None:
        if not _shows(request, token):
            sentence = "This needs the token: send it as `Authorization: Bearer TOKEN`."
            return refusal(request, 401, sentence, {hdrs.WWW_AUTHENTICATE: 'Bearer realm="nightporter"'})
    elif request.method not in READING and (reason := suspicion(request)):
        return refusal(
            request, 403, f"Without web.token_file, changes are taken from this host only: {reason}."
        )
    return await handler(request)


def _shows(request: web.Request, token: str) -> bool:
    scheme, _, shown = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    given = shown.strip().encode("utf-8", "surrogateescape")
    return scheme.lower() == "bearer" and hmac.compare_digest(given, token.encode())


def suspicion(request: web.BaseRequest) -> str | None:
    """Return why a request does not certainly come from this host, None when it does."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not isinstance(peer, tuple) or not _loopback(str(peer[0])):
        return "you are connected from elsewhere"
    names = {name.lower().replace("_", "-") for name in request.headers}
    if any(name in FORWARDING or name.startswith(FORWARDED) for name in names):
        return "the request was forwarded by a proxy"
    hosts = request.headers.getall(hdrs.HOST, [])
    if len(hosts) != 1 or not _local_host(hosts[0]):
        return "the Host header is not that of this host"
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get(hdrs.ORIGIN)
    if site not in {"none", "same-origin"} or (origin is not None and origin != f"http://{hosts[0]}"):
        return "the request comes from a page of another site"
    return None


def _loopback(address: str) -> bool:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


def _local_host(host: str) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        name = parts.hostname or ""
    except ValueError:
        return False
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    return plain and (name == "localhost" or _loopback(name))
