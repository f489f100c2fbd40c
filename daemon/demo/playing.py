"""What the demo's pages show and do."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from daemon import __version__
from daemon.clock import SystemClock
from daemon.demo.catcher import Inbox
from daemon.demo.errands import Errands
from daemon.demo.switchboard import Switchboard
from daemon.demo.witness import Witness
from daemon.web.pages.layout import page


@dataclass(frozen=True, slots=True)
class Played:
    """The switchboard, the mails, the porter as it tells of itself, and what it was asked for."""

    board: Switchboard
    inbox: Inbox
    witness: Witness
    errands: Errands = field(default_factory=Errands)

    async def stamp(self) -> Hashable:
        """Return what differs when a page would show something else that matters."""
        seen = await self.witness.incidents()
        done = tuple(self.errands.done)
        return self.inbox.count, tuple(self.board.episodes()), tuple(seen), self.witness.answers, done


PLAYED = web.AppKey("played", Played)


async def answer(request: web.Request, template: str, **options: Any) -> web.Response:
    """Answer a page of the demo."""
    return await page(
        request,
        template,
        now=SystemClock().now(),
        version=__version__,
        status_page=request.app[PLAYED].witness.url,
        **options,
    )
