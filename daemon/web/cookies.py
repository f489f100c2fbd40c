"""The cookie that holds a session, in the two forms it has: for HTTPS, and for the rest."""

from collections.abc import Iterator
from datetime import datetime

from aiohttp import hdrs, web

from daemon.web.origin import encrypted
from daemon.web.sessions import Session, Sessions

PLAIN = "nightporter"
SECURE = "__Host-nightporter"
"""A browser takes a cookie of this name from this very host only, and only over HTTPS."""

MOST = 4
"""Cookies of our name that are looked at: a neighbouring site may have put further ones beside ours."""


def session_of(request: web.Request, sessions: Sessions, now: datetime) -> Session | None:
    """Return the session that a browser shows, or None."""
    for value in _shown(request):
        session = sessions.read(value, now)
        if session is not None:
            return session
    return None


def give(request: web.Request, response: web.Response, value: str, lasts: float) -> None:
    """Have a browser keep a session for `lasts` seconds.

    Lax, not Strict: a link in a mail that is read in the browser leads to an incident, not to the login.
    Sites elsewhere can have pages shown then, which changes nothing; a change needs the mark of a form.
    """
    secure = _secure(request)
    response.set_cookie(
        SECURE if secure else PLAIN,
        value,
        max_age=int(lasts),
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def take_back(request: web.Request, response: web.Response) -> None:
    """Have a browser forget the session."""
    give(request, response, "", 0)


def _secure(request: web.Request) -> bool:
    """Say whether the cookie is one for HTTPS; once it is one, it stays so."""
    return encrypted(request) or any(name == SECURE for name, _ in _pairs(request))


def _shown(request: web.Request) -> Iterator[str]:
    """Yield what may be a session. Over HTTPS a plain cookie is none of ours: a neighbour may have set it."""
    name = SECURE if _secure(request) else PLAIN
    values = [value for shown, value in _pairs(request) if shown == name]
    yield from values[:MOST]


def _pairs(request: web.Request) -> Iterator[tuple[str, str]]:
    """Yield names and values. A request's head is limited already, and nothing in it can go wrong here."""
    for header in request.headers.getall(hdrs.COOKIE, []):
        for pair in header.split(";"):
            name, _, value = pair.partition("=")
            yield name.strip(), value.strip()
