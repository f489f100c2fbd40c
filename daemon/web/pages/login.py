"""`/login` and `/logout`: the token once, and then a session."""

from urllib.parse import urlsplit

import structlog
from aiohttp import web

from alerts.message_text import clean
from daemon.web import cookies, form
from daemon.web.body import NAME
from daemon.web.deps import DEPS
from daemon.web.door import ENTRY, LOGIN, SESSIONS, enter, same, see_other, too_many
from daemon.web.local_path import local_path
from daemon.web.origin import caller, elsewhere
from daemon.web.pages.layout import html
from daemon.web.strikes import Allowance, Strikes

log = structlog.get_logger()

EACH, TOGETHER = Allowance(10, 60.0), Allowance(100, 6.0)
"""Wrong tokens that may be tried here: of one address, and of all of them together."""

WRONG_TOKENS = web.AppKey("wrong_tokens", Strikes)

WRONG = "This is not the token. It is what web.token_file of the porter's configuration holds."
MISSING = "Enter the token: it is what web.token_file of the porter's configuration holds."
LOST = "You were logged out before this arrived: nothing was changed. Log in and do it again."
FOREIGN = "The form was sent by a page of another site. Enter the token here."


async def show(request: web.Request) -> web.Response:
    """Show the form; who is in already is sent on."""
    back = local_path(request.query.get("next", "/"))
    if request.app[DEPS].token() is not None and enter(request) is not None:
        return see_other(back)
    return await _page(request, back, notice=LOST if "lost" in request.query else "")


async def log_in(request: web.Request) -> web.Response:
    """Begin a session for who knows the token, and send them where they wanted to go."""
    said = await form.read(request)
    back, name = local_path(said.get("next", "/")), clean(said.get("name", ""), NAME)
    deps, strikes = request.app[DEPS], request.app[WRONG_TOKENS]
    token, who = deps.token(), caller(request)
    if token is None:
        return see_other(back)
    if elsewhere(request):
        return await _page(request, back, name, error=FOREIGN, status=403)
    if wait := strikes.wait(who, deps.clock.monotonic()):
        return await _page(request, back, name, error=_too_often(wait), status=429, headers=too_many(wait))
    shown = said.get("token", "").strip()
    if not same(shown, token):
        if shown:
            strikes.add(who, deps.clock.monotonic())
            log.warning("web.login.failed", address=who)
        return await _page(request, back, name, error=WRONG if shown else MISSING, status=403)
    log.info("web.login.succeeded", address=who, by=name)
    return _begin(request, name, back)


async def log_out(request: web.Request) -> web.Response:
    """End the session, and show the login."""
    session = request[ENTRY].session
    response = see_other(LOGIN)
    if session is not None:
        request.app[SESSIONS].end(session)
        cookies.take_back(request, response)
    return response


def _begin(request: web.Request, name: str, back: str) -> web.Response:
    sessions, now = request.app[SESSIONS], request.app[DEPS].clock.now()
    session = sessions.begin(name, now)
    response = see_other(back)
    cookies.give(request, response, sessions.write(session), (session.expires - now).total_seconds())
    return response


def _too_often(wait: int) -> str:
    minutes = -(-wait // 60)
    return f"Too many wrong tokens were tried. Try again in {minutes} minute{'s' if minutes > 1 else ''}."


async def _page(
    request: web.Request,
    back: str,
    name: str = "",
    *,
    error: str = "",
    notice: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> web.Response:
    return await html(
        request,
        "login.html.j2",
        status=status,
        # Without an address to come from the form would be taken for that of another site.
        headers={"Referrer-Policy": "same-origin", **(headers or {})},
        bare=True,
        needed=request.app[DEPS].token() is not None,
        back=back,
        site=clean(urlsplit(request.app[DEPS].public_url() or "").netloc.rpartition("@")[2], 200),
        name=name,
        name_length=NAME,
        error=error,
        notice=notice,
    )
