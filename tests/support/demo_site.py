"""The demo's own pages on a real socket, over a hotel without a database and a porter's real API."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from alerts.drill import Drill
from alerts.incident import Cause, Incident, IncidentState, Severity
from daemon.demo.catcher import Inbox, inbox
from daemon.demo.hotel import Hotel
from daemon.demo.site import open_site
from daemon.demo.switchboard import Switchboard
from daemon.demo.witness import witness
from daemon.drillmaster import DrillRefusedError, Why
from tests.support.boards import breach, check
from tests.support.drills import NoDrills
from tests.support.story import an_incident
from tests.support.web import House, Stored, serving


@dataclass
class DrillsAsked(NoDrills):
    """Drills that are asked for, and never end."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def hold(self, hotel: str, level: str, by: str, note: str = "") -> Drill:
        if self.asked:
            raise DrillRefusedError(Why.RUNNING, f"A drill of level {level} is under way already.")
        self.asked.append((hotel, level, by))
        return Drill("k3x9", hotel, level, "Integration Support Team", datetime.now(UTC), by, note)


@dataclass
class Site:
    """The pages, what is behind them, and a browser's view of them."""

    url: str
    hotel: Hotel
    board: Switchboard
    inbox: Inbox
    porter: House
    session: ClientSession
    drills: DrillsAsked
    said: list[str]
    reloads: list[str] = field(default_factory=list)

    async def page(self, path: str, status: int = 200) -> str:
        """Return a page."""
        async with self.session.get(self.url + path) as answer:
            assert answer.status == status
            return await answer.text()

    async def mark(self) -> str:
        """Return what the forms carry."""
        found = re.search(r'name="csrf" value="([^"]{20,})"', await self.page("/"))
        assert found is not None
        return found[1]

    async def post(self, path: str, headers: dict[str, str] | None = None, **said: Any) -> ClientResponse:
        """Send a form as it stands in the page, and follow nothing."""
        form = {"csrf": await self.mark()} | said
        async with self.session.post(
            self.url + path, data=form, headers=headers, allow_redirects=False
        ) as answer:
            await answer.read()
            return answer

    async def press(self, fault: str, turn: str = "on") -> ClientResponse:
        """Press the button of a fault."""
        return await self.post(f"/faults/{fault}", turn=turn)


@asynccontextmanager
async def demo_site(directory: Path) -> AsyncIterator[Site]:
    """Serve the demo's pages while the context lasts."""
    said: list[str] = []
    reloads: list[str] = []
    drills = DrillsAsked()
    async with (
        _without_database(directory) as hotel,
        inbox() as mails,
        serving(drills=drills) as house,
        witness(house.url) as seen,
        ClientSession() as session,
    ):
        board = Switchboard(hotel, lambda: reloads.append(hotel.configuration()), said.append)
        async with open_site(board, mails, seen) as url:
            yield Site(url, hotel, board, mails, house, session, drills, said, reloads)


@asynccontextmanager
async def _without_database(directory: Path) -> AsyncIterator[Hotel]:
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TEST_PG_BINDIR", str(directory / "none"))
            hotel = await stack.enter_async_context(Hotel.open(directory))
        yield hotel


def payment_is_down(opened_at: datetime, cause: Cause = Cause.VENDOR_OUTAGE) -> Stored:
    """Return an open incident about payment/health."""
    whole: Incident = an_incident(opened_at, Severity.CRITICAL)
    return Stored(
        replace(
            whole,
            hotel="grand-harbour",
            breaches=(breach(check("payment", "health")),),
            diagnosis=replace(whole.diagnosis, cause=cause),
            state=IncidentState.OPEN,
        )
    )
