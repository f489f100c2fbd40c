"""The demo's own pages: a switchboard and an inbox, on loopback beside the porter's."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from daemon.demo import inbox_pages, switchboard_pages
from daemon.demo.catcher import Inbox
from daemon.demo.playing import PLAYED, Played
from daemon.demo.switchboard import Switchboard
from daemon.demo.witness import Witness
from daemon.web import assets, form, guard, live
from daemon.web.answer import RefusedError
from daemon.web.door import READING, STALE, same
from daemon.web.front import Front, ListenError, heard
from daemon.web.origin import suspicion
from daemon.web.pages.layout import LAYOUT, Layout
from daemon.web.visitor import VISITOR, Visitor

HOST = "127.0.0.1"
BODY = 8192
"""Bytes of a form at the most."""


class SiteError(Exception):
    """The pages cannot be served; the message says why, as a sentence."""


def build(played: Played) -> web.Application:
    """Return the application."""
    doorkeeper = _Doorkeeper()
    app = web.Application(
        middlewares=[heard, guard.deadline, guard.errors, doorkeeper.admit], client_max_size=BODY
    )
    app[PLAYED] = played
    app[LAYOUT] = Layout("daemon.demo", sheets=("demo.css",))
    app[live.PULSE] = live.Pulse(played.stamp)
    app[assets.ASSETS] = assets.Assets()
    app.on_response_prepare.append(guard.furnish)
    app.on_shutdown.append(live.hush)
    app.router.add_get("/", switchboard_pages.show)
    # Where a press was refused, the switchboard is shown at its address, and asked for again there.
    app.router.add_get("/faults/{name}", switchboard_pages.show)
    app.router.add_get("/errands/{name}", switchboard_pages.show)
    app.router.add_get("/heal", switchboard_pages.show)
    app.router.add_post("/faults/{name}", switchboard_pages.press)
    app.router.add_post("/errands/{name}", switchboard_pages.send)
    app.router.add_post("/heal", switchboard_pages.heal)
    app.router.add_get("/inbox", inbox_pages.several)
    app.router.add_get("/inbox/{number}", inbox_pages.one)
    app.router.add_get("/inbox/{number}/html", inbox_pages.content)
    app.router.add_get("/events", live.events)
    app.router.add_get("/static/{name}", assets.file)
    return app


@dataclass(frozen=True, slots=True)
class _Doorkeeper:
    """Lets only the forms of these very pages, sent from this host, change anything."""

    mark: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def admit(self) -> Middleware:
        """The middleware."""

        @web.middleware
        async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
            request[VISITOR] = Visitor(csrf=self.mark)
            if request.method not in READING:
                await self._judge_change(request)
            return await handler(request)

        return admit

    async def _judge_change(self, request: web.Request) -> None:
        if reason := suspicion(request):
            raise RefusedError(403, f"Changes are taken from this host only: {reason}.")
        if not same((await form.read(request)).get("csrf", ""), self.mark):
            raise RefusedError(403, STALE)


@asynccontextmanager
async def open_site(board: Switchboard, inbox: Inbox, witness: Witness, port: int = 0) -> AsyncIterator[str]:
    """Serve the pages while the context lasts, and give their address, or raise SiteError."""
    front = Front(build(Played(board, inbox, witness)))
    try:
        found = await front.open(HOST, port)
    except (ListenError, OverflowError) as error:
        raise SiteError(f"The switchboard cannot listen on {HOST}:{port}: {error}.") from error
    try:
        yield f"http://{HOST}:{found}"
    finally:
        await front.close()
