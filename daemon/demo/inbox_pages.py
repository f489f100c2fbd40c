"""`/inbox` of the demo: every mail, and each as it looks to who gets it."""

import re

from aiohttp import web

from daemon.demo.inbox_view import ROLES, line
from daemon.demo.letter import Letter
from daemon.demo.playing import PLAYED, answer
from daemon.web.answer import RefusedError
from daemon.web.pages.layout import LAYOUT

VIEWS = ("mail", "text", "headers")
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""What a mail may do: open a link of it elsewhere, when somebody presses it; no script, no form, no frame."""

CONTENT = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'self'; sandbox {SANDBOX}"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}
ELSEWHERE = '<base target="_blank">'
_HEAD = re.compile(r"<head(\s[^<>]{0,500})?>", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


async def several(request: web.Request) -> web.Response:
    """List the mails, newest first; those to one address, if one is asked for."""
    letters, to = request.app[PLAYED].inbox.letters(), request.query.get("to", "")
    known = dict.fromkeys((*ROLES, *sorted(one.to for one in letters)))
    shown = [line(one) for one in letters if to in {"", one.to}]
    return await answer(
        request, "inbox.html.j2", letters=shown, to=to, addresses=known, roles=ROLES, count=len(letters)
    )


async def one(request: web.Request) -> web.Response:
    """Show a mail: as it looks, as plain text, or all its headers."""
    letter, way = _letter(request), request.query.get("as", "")
    if way not in VIEWS:
        way = "mail" if letter.html else "text"
    policy = f"{request.app[LAYOUT].policy}; frame-src 'self'"
    return await answer(
        request,
        "letter.html.j2",
        headers={"Content-Security-Policy": policy},
        letter=letter,
        line=line(letter),
        way=way,
        sandbox=SANDBOX,
    )


async def content(request: web.Request) -> web.Response:
    """Answer the HTML of a mail as it came, in a policy that lets nothing of it come alive."""
    letter = _letter(request)
    if not letter.html:
        raise RefusedError(404, "This mail has no HTML part.")
    # Links open beside the inbox: the page they lead to would not let itself be framed.
    body = _HEAD.sub(lambda head: head[0] + ELSEWHERE, letter.html, count=1)
    return web.Response(
        body=body.encode("utf-8", "replace"), content_type="text/html", charset="utf-8", headers=CONTENT
    )


def _letter(request: web.Request) -> Letter:
    number = request.match_info["number"]
    found = request.app[PLAYED].inbox.letter(int(number)) if _NUMBER.fullmatch(number) else None
    if found is None:
        raise RefusedError(404, "There is no such mail, or not any more.")
    return found
