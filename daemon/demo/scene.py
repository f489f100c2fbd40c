"""What a demo is made of while it runs: the hotel, the porter, the mails, and the pages to play with."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from daemon.demo import past, past_reports
from daemon.demo.catcher import Inbox, inbox
from daemon.demo.configuration import HOTEL, state_of
from daemon.demo.frame import say, show
from daemon.demo.hotel import Hotel
from daemon.demo.porter import Porter, porter
from daemon.demo.ports import free_port
from daemon.demo.site import open_site
from daemon.demo.switchboard import Switchboard
from daemon.demo.witness import Witness, witness
from daemon.settings import load


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is there to be played with; `site` is where the switchboard and the inbox are."""

    hotel: Hotel
    porter: Porter
    inbox: Inbox
    board: Switchboard
    witness: Witness
    site: str


Play = Callable[[Scene], Awaitable[bool]]
"""What happens in a demo; it returns whether all of it was as it should be."""


@asynccontextmanager
async def scene(directory: Path, port: int | None) -> AsyncIterator[Scene]:
    """Set everything up in an empty directory; raise PorterError or SiteError when that cannot be."""
    async with AsyncExitStack() as stack:
        say("A hotel opens on this machine ...")
        written = asyncio.create_task(past.write(state_of(directory), HOTEL))
        stack.callback(written.cancel)
        hotel = await stack.enter_async_context(Hotel.open(directory, say=say))
        mails = await stack.enter_async_context(inbox())
        hotel.relay = mails.port
        await written
        say("The porter comes on duty. Five weeks that were before are simulated, too ...")
        listen = port or free_port()
        configuration = _configure(hotel, listen)
        await past_reports.make(load(configuration, os.environ))
        found = await stack.enter_async_context(porter(configuration, listen))
        seen = await stack.enter_async_context(witness(f"http://127.0.0.1:{listen}"))
        board = Switchboard(hotel, lambda: _reconfigure(found, hotel), say)
        site = await stack.enter_async_context(open_site(board, mails, seen, port + 1 if port else 0))
        yield Scene(hotel, found, mails, board, seen, site)


def introduce(to: Scene) -> None:
    """Say where to look, what is looked at most first."""
    at, hotel = to.witness.url, to.hotel
    say("The porter is on duty. Open these in a browser:")
    show(f"""\
  status page    {at}/
  incidents      {at}/incidents
  reports        {at}/reports     drills: {at}/drills, ledger: {at}/maintenance
  switchboard    {to.site}/         a button per fault: press one, and see what comes of it
  inbox          {to.site}/inbox    every mail as it looks""")
    show(f"""\
  API            {at}/api/v1/status
                 {at}/api/v1/incidents
  metrics        {at}/metrics
  configuration  {to.porter.configuration}
  hotel's logs   {hotel.logs.directory}
  hotel's data   {hotel.database.dsn if hotel.database else "none"}
  porter's log   {to.porter.log}""")


def _configure(hotel: Hotel, port: int) -> Path:
    path = hotel.directory / "nightporter.yml"
    at = f"127.0.0.1:{port}"
    path.write_text(hotel.configuration(listen=at, web={"public_url": f"http://{at}"}))
    return path


def _reconfigure(found: Porter, hotel: Hotel) -> None:
    """Have the porter read its configuration again, if that has changed."""
    before = found.configuration.read_text()
    if _configure(hotel, found.port).read_text() != before:
        found.reload()
