"""The demo's story: all is well, the payment gateway fails, a mail, it heals, another mail."""

import asyncio
import signal
import tempfile
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from pathlib import Path

from daemon.demo.catcher import Inbox, inbox
from daemon.demo.frame import framed, say, show
from daemon.demo.porter import CONFIGURATION, Porter, PorterError, porter
from daemon.demo.ports import free_port
from daemon.demo.vendor import Vendors, vendors

CALM = 6.0
"""Seconds of a quiet night before the fault: time to look at the status page."""

TROUBLE = 10.0
"""Seconds between the problem mail and the gateway's recovery."""

HURRY = 2.0
"""Seconds of both when nobody is to look: with `once`."""

MAIL_WITHIN = 30.0
GATEWAY = "/v1/status"
INTERRUPTED = 130


def main(*, once: bool = False, port: int | None = None) -> int:
    """Run the demo until a signal ends it, or with `once` until the resolved mail; return an exit code."""
    try:
        return asyncio.run(_demo(once=once, port=port))
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("Good night. The porter has left, and nothing of the demo remains.")
        return INTERRUPTED if once else 0
    except PorterError as error:
        say(str(error))
        return 1


async def _demo(*, once: bool, port: int | None) -> int:
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nightporter-demo-")))
        hotel = await stack.enter_async_context(vendors(directory / "vendor-ca.pem"))
        mails = await stack.enter_async_context(inbox())
        say("Starting a hotel's vendors, a mail catcher and the porter, all on this machine ...")
        listen = port or free_port()
        configuration = _configure(directory, listen, hotel, mails)
        found = await stack.enter_async_context(porter(configuration, listen))
        _introduce(found, hotel)
        told = await _while_on_duty(found, _night(found, hotel, mails, once=once))
    return 0 if told else 1


def _configure(directory: Path, port: int, hotel: Vendors, mails: Inbox) -> Path:
    path = directory / "nightporter.yml"
    path.write_text(
        CONFIGURATION.format(
            directory=directory,
            port=port,
            plain=hotel.url,
            tls=hotel.tls_url,
            locks=hotel.port,
            relay=mails.port,
        )
    )
    return path


def _introduce(found: Porter, hotel: Vendors) -> None:
    at = f"http://127.0.0.1:{found.port}"
    say("The porter is on duty. Look at it while it works:")
    show(f"""\
  status page    {at}/
  metrics        {at}/metrics
  API            {at}/api/v1/status
                 {at}/api/v1/incidents
  vendors        {hotel.url}{GATEWAY}, {hotel.tls_url}/api/sync/status
  configuration  {found.configuration}
  log            {found.log}""")


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


async def _night(found: Porter, hotel: Vendors, mails: Inbox, *, once: bool) -> bool:
    calm, trouble = (HURRY, HURRY) if once else (CALM, TROUBLE)
    say(f"All is well. In {calm:.0f} seconds the payment gateway will fail ...")
    await asyncio.sleep(calm)
    hotel.broken.add(GATEWAY)
    say("The payment gateway answers 503 now. Three looks in a row decide ...")
    if not await _mail(found, mails, "problem"):
        return False
    say(f"In {trouble:.0f} seconds the gateway will heal ...")
    await asyncio.sleep(trouble)
    hotel.broken.clear()
    say("The payment gateway works again. Two good looks in a row decide ...")
    if not await _mail(found, mails, "resolved"):
        return False
    if not once:
        say("That was the story. The porter stays on duty until you press Ctrl-C.")
        await asyncio.Event().wait()
    return True


async def _mail(found: Porter, mails: Inbox, kind: str) -> bool:
    """Show mails as they come, until one of this kind; say so when it does not come."""
    try:
        async with asyncio.timeout(MAIL_WITHIN):
            while True:
                mail = await mails.next()
                say("A mail has come:")
                show(framed(mail))
                if mail["X-Nightporter-Kind"] == kind:
                    return True
    except TimeoutError:
        say(f"No {kind} mail came within {MAIL_WITHIN:.0f} seconds. The porter said:\n{found.said()}")
        return False
