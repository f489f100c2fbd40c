"""Who may do what: with the token everything; without one configured, changes are for this host only."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from daemon.web import cookies, form
from daemon.web.answer import API, RefusedError, refusal
from daemon.web.deps import DEPS
from daemon.web.local_path import local_path
from daemon.web.origin import caller, elsewhere, suspicion
from daemon.web.sessions import Session, Sessions
from daemon.web.strikes import Allowance, Strikes
from daemon.web.visitor import NOBODY, VISITOR, Visitor

log = structlog.get_logger()

READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
OPEN_PATHS = frozenset({"/-/healthy", "/-/ready"})
OPEN_PREFIX = "/i/"
"""The acknowledge page: its links carry a token of their own."""

LOGIN = "/login"
PROGRAMS = (API, "/-/")
"""What is meant for programs: without a token they need no mark of a form, for they are given none."""

CSRF_HEADER = "X-CSRF-Token"
BEARERS = Allowance(60, 1.0)
"""Wrong Bearer tokens of an address. More than a job with an old token sends, less than guessing takes."""

STALE = "This page is too old, or was not made here: nothing was changed. Load it again, and try once more."


@dataclass(frozen=True, slots=True)
class Entry:
    """How somebody has come in. `holds` says whether they would still be let in."""

    visitor: Visitor
    holds: Callable[[], bool]
    session: Session | None = None
    bearer: bool = False


SESSIONS = web.AppKey("sessions", Sessions)
WRONG_BEARERS = web.AppKey("wrong_bearers", Strikes)
ENTRY = web.RequestKey("entry", Entry)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who may come in, and let only those change anything whose own page or program asks for it."""
    path = request.path
    if path in OPEN_PATHS or path.startswith(OPEN_PREFIX) or path == LOGIN:
        return await handler(request)
    entry = enter(request)
    if entry is None:
        return _turned_away(request)
    if request.method not in READING:
        await _judge_change(request, entry)
    request[ENTRY], request[VISITOR] = entry, entry.visitor
    response = await handler(request)
    _renew(request, response, entry)
    return response


def enter(request: web.Request) -> Entry | None:
    """Return how somebody comes in: as everybody does where no token is set, by Bearer token, or session."""
    deps, sessions = request.app[DEPS], request.app[SESSIONS]
    token = deps.token()
    if token is None:
        return Entry(Visitor(csrf=sessions.csrf(None)), lambda: deps.token() is None)
    shown = _bearer(request)
    if shown is not None:
        return (
            Entry(NOBODY, lambda: deps.token() == token, bearer=True)
            if _right(request, shown, token)
            else None
        )
    session = cookies.session_of(request, sessions, deps.clock.now())
    if session is None:
        return None
    value = sessions.write(session)
    visitor = Visitor(session.name, sessions.csrf(session), leaves=True)
    return Entry(visitor, lambda: sessions.read(value, deps.clock.now()) is not None, session)


def same(shown: str, token: str) -> bool:
    """Compare with the token in a time that does not tell how much of it is right."""
    return hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), token.encode())


def too_many(wait: int) -> dict[str, str]:
    """Return the headers of an answer to who has tried too often."""
    return {hdrs.RETRY_AFTER: str(wait)}


def _bearer(request: web.Request) -> str | None:
    """Return the Bearer token that is shown. Another scheme is what a proxy asked for: no matter of ours."""
    scheme, _, shown = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return shown.strip() if scheme.lower() == "bearer" else None


def _right(request: web.Request, shown: str, token: str) -> bool:
    strikes, now, who = request.app[WRONG_BEARERS], request.app[DEPS].clock.monotonic(), caller(request)
    if wait := strikes.wait(who, now):
        raise RefusedError(
            429, "Too many wrong tokens came from this address: wait a little.", too_many(wait)
        )
    right = same(shown, token)
    if not right:
        strikes.add(who, now)
        if strikes.wait(who, now):
            log.warning("web.bearer.limited", address=who)
    return right


def _turned_away(request: web.Request) -> web.Response:
    """Send a person to the login, and tell a program what is missing."""
    program = request.path.startswith(PROGRAMS) or "text/html" not in request.headers.get(hdrs.ACCEPT, "")
    if program or hdrs.AUTHORIZATION in request.headers:
        sentence = "This needs the token: send it as `Authorization: Bearer TOKEN`."
        return refusal(request, 401, sentence, {hdrs.WWW_AUTHENTICATE: 'Bearer realm="nightporter"'})
    if request.method in READING:
        back, lost = request.rel_url.raw_path_qs, ""
    else:
        back, lost = _page_before(request), "&lost=1"
    return see_other(f"{LOGIN}?next={quote(local_path(back), safe='/')}{lost}")


def _page_before(request: web.Request) -> str:
    """Return the page whose form was sent, as far as the browser says so."""
    try:
        return urlsplit(request.headers.get(hdrs.REFERER, "")).path
    except ValueError:
        return ""


def see_other(address: str) -> web.Response:
    """Send a browser on to a page of ours."""
    return web.Response(status=303, headers={hdrs.LOCATION: address})


async def _judge_change(request: web.Request, entry: Entry) -> None:
    """Refuse a change that the page of another site may have asked for."""
    if entry.bearer:
        return
    open_house = entry.session is None
    if open_house and (reason := suspicion(request)):
        raise RefusedError(403, f"Without web.token_file, changes are taken from this host only: {reason}.")
    if entry.session is not None and elsewhere(request):
        raise RefusedError(403, "This comes from a page of another site: nothing was changed.")
    if request.match_info.http_exception is not None or (open_house and request.path.startswith(PROGRAMS)):
        return
    shown = request.headers.get(CSRF_HEADER) or await _field(request)
    if not request.app[SESSIONS].is_csrf(shown, entry.session):
        raise RefusedError(403, STALE)


async def _field(request: web.Request) -> str:
    if request.content_type != form.KIND:
        return ""
    return (await form.read(request)).get("csrf", "")


def _renew(request: web.Request, response: web.StreamResponse, entry: Entry) -> None:
    """Note in the cookie that the session is used, unless it has just ended."""
    if (
        entry.session is None
        or not isinstance(response, web.Response)
        or response.prepared
        or not entry.holds()
    ):
        return
    sessions, now = request.app[SESSIONS], request.app[DEPS].clock.now()
    renewed = sessions.renewed(entry.session, now)
    if renewed is not None:
        cookies.give(request, response, sessions.write(renewed), (renewed.expires - now).total_seconds())
