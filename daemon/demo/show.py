"""The demo's story: all is well, something fails, a mail, it heals, another mail."""

import asyncio
import logging
import signal
import tempfile
from collections.abc import Awaitable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from daemon.demo.catcher import Inbox, inbox
from daemon.demo.fault import Fault
from daemon.demo.frame import framed, say, show
from daemon.demo.hotel import Hotel
from daemon.demo.porter import Porter, PorterError, porter
from daemon.demo.ports import free_port

CALM = 6.0
"""Seconds of a quiet night before the fault: time to look at the status page."""

TROUBLE = 10.0
"""Seconds between the problem mail and the recovery."""

HURRY = 2.0
"""Seconds of both when nobody is to look: with `once`."""

MAIL_WITHIN = 40.0

WITH_IT = 1.5
"""Seconds in which others get their mail about the same."""

INTERRUPTED = 130


def main(fault: Fault, *, once: bool = False, port: int | None = None) -> int:
    """Run the demo until a signal ends it, or with `once` until its story is told; return an exit code."""
    # Its server talks of its own deprecations there, to nobody who could do anything about them.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    try:
        return asyncio.run(_demo(fault, once=once, port=port))
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("Good night. The porter has left, and nothing of the demo remains.")
        return INTERRUPTED if once else 0
    except PorterError as error:
        say(str(error))
        return 1


async def _demo(fault: Fault, *, once: bool, port: int | None) -> int:
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nightporter-demo-")))
        say("A hotel opens on this machine ...")
        hotel = await stack.enter_async_context(Hotel.open(directory, say=say))
        mails = await stack.enter_async_context(inbox())
        hotel.relay = mails.port
        if fault.needs_database and hotel.database is None:
            say(f"Without its database, {fault.name} cannot be shown.")
            return 1
        say("The porter comes on duty ...")
        listen = port or free_port()
        found = await stack.enter_async_context(porter(_configure(hotel, listen), listen))
        _introduce(found, hotel)
        told = await _while_on_duty(found, _night(found, hotel, mails, fault, once=once))
    return 0 if told else 1


def _configure(hotel: Hotel, port: int) -> Path:
    path = hotel.directory / "nightporter.yml"
    at = f"127.0.0.1:{port}"
    path.write_text(hotel.configuration(listen=at, web={"public_url": f"http://{at}"}))
    return path


def _introduce(found: Porter, hotel: Hotel) -> None:
    at = f"http://127.0.0.1:{found.port}"
    database = hotel.database.dsn if hotel.database else "none"
    say("The porter is on duty. Look at it while it works:")
    show(f"""\
  status page    {at}/
  metrics        {at}/metrics
  API            {at}/api/v1/status
                 {at}/api/v1/incidents
  configuration  {found.configuration}
  hotel's logs   {hotel.logs.directory}
  hotel's data   {database}
  porter's log   {found.log}""")


async def _while_on_duty(found: Porter, story: Awaitable[bool]) -> bool:
    """Return what a story returns; raise PorterError when the porter ends before it."""
    told = False
    try:
        async with asyncio.TaskGroup() as group:
            end = group.create_task(found.stays())
            told = await story
            end.cancel()
    except* PorterError as failed:
        raise failed.exceptions[0] from None
    return told


async def _night(found: Porter, hotel: Hotel, mails: Inbox, fault: Fault, *, once: bool) -> bool:
    calm, trouble = (HURRY, HURRY) if once else (CALM, TROUBLE)
    say(f"All is well. In {calm:.0f} seconds something will happen: {fault.name} ...")
    await asyncio.sleep(calm)
    await fault.on(hotel)
    _reconfigure(found, hotel)
    say(f"{fault.sentence} ...")
    if not await _mail(found, mails, "problem"):
        return False
    if fault.lasting:
        say("No look can tell that such an event is over: its incident stays open for a day.")
    say(f"In {trouble:.0f} seconds everything will be as it was ...")
    await asyncio.sleep(trouble)
    await fault.off(hotel)
    _reconfigure(found, hotel)
    if not fault.lasting:
        say("The fault is gone. Two good looks in a row decide ...")
        if not await _mail(found, mails, "resolved"):
            return False
    if not once:
        say("That was the story. The porter stays on duty until you press Ctrl-C.")
        await asyncio.Event().wait()
    return True


def _reconfigure(found: Porter, hotel: Hotel) -> None:
    """Have the porter read its configuration again, if the fault is one of the configuration's."""
    before = found.configuration.read_text()
    if _configure(hotel, found.port).read_text() != before:
        found.reload()


async def _shown(mails: Inbox) -> str:
    """Show the next mail; return its kind."""
    mail = await mails.next()
    say("A mail has come:")
    show(framed(mail))
    return str(mail["X-Nightporter-Kind"])


async def _mail(found: Porter, mails: Inbox, kind: str) -> bool:
    """Show mails as they come, until one of this kind and those that come with it; say so when none does."""
    try:
        async with asyncio.timeout(MAIL_WITHIN):
            while await _shown(mails) != kind:
                pass
    except TimeoutError:
        say(f"No {kind} mail came within {MAIL_WITHIN:.0f} seconds. The porter said:\n{found.said()}")
        return False
    with suppress(TimeoutError):
        while True:
            async with asyncio.timeout(WITH_IT):
                await _shown(mails)
    return True
