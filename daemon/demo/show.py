"""The demo's story: all is well, the payment gateway fails, a mail, it heals, another mail."""

import asyncio
import os
import shutil
import sys
import tempfile
import textwrap
from contextlib import AsyncExitStack
from email.message import EmailMessage
from pathlib import Path

from daemon.demo.catcher import Inbox, inbox
from daemon.demo.porter import CONFIGURATION, PorterError, free_port, porter
from daemon.demo.vendor import Vendors, vendors

CALM = 5.0
"""Seconds of a quiet night before the fault, and of trouble before it heals."""

MAIL_WITHIN = 30.0
WIDTH = 96
GATEWAY = "/v1/status"


def main(*, once: bool = False, port: int | None = None) -> int:
    """Run the demo until Ctrl-C, or with `once` until the resolved mail; return an exit code."""
    try:
        return asyncio.run(_demo(once=once, port=port))
    except KeyboardInterrupt:
        _say("Good night.")
        return 0
    except PorterError as error:
        _say(str(error))
        return 1


async def _demo(*, once: bool, port: int | None) -> int:
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nightporter-demo-")))
        hotel = await stack.enter_async_context(vendors())
        mails = await stack.enter_async_context(inbox())
        listen = port or free_port()
        configuration = directory / "nightporter.yml"
        configuration.write_text(
            CONFIGURATION.format(
                directory=directory, port=listen, vendors=hotel.url, locks=hotel.port, relay=mails.port
            )
        )
        _say("Starting a hotel's vendors, a mail catcher and the porter, all on this machine ...")
        await stack.enter_async_context(porter(configuration, listen))
        _introduce(configuration, listen)
        if not await _night(hotel, mails):
            return 1
        if once:
            return 0
        _say("That was the story. The porter stays on duty until you press Ctrl-C.")
        await asyncio.Event().wait()
    return 0


def _introduce(configuration: Path, port: int) -> None:
    _say(f"""\
The porter is on duty. Look at it while it works:

  status page    http://127.0.0.1:{port}/
  metrics        http://127.0.0.1:{port}/metrics
  API            http://127.0.0.1:{port}/api/v1/status
                 http://127.0.0.1:{port}/api/v1/incidents
  configuration  {configuration}
  log            {configuration.with_name("porter.log")}""")


async def _night(hotel: Vendors, mails: Inbox) -> bool:
    _say(f"All is well. In {CALM:.0f} seconds the payment gateway will fail ...")
    await asyncio.sleep(CALM)
    hotel.broken.add(GATEWAY)
    _say("The payment gateway answers 503 now. Three looks in a row decide ...")
    problem = await _mail(mails, "problem")
    if problem is None:
        return False
    _say(f"In {CALM:.0f} seconds the gateway will heal ...")
    await asyncio.sleep(CALM)
    hotel.broken.clear()
    _say("The payment gateway works again. Two good looks in a row decide ...")
    return await _mail(mails, "resolved") is not None


async def _mail(mails: Inbox, kind: str) -> EmailMessage | None:
    mail = await mails.next(MAIL_WITHIN)
    if mail is None or mail["X-Nightporter-Kind"] != kind:
        _say(
            f"No {kind} mail came within {MAIL_WITHIN:.0f} seconds: that is a fault of the demo; see the log."
        )
        return None
    _say(_framed(mail))
    return mail


def _framed(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    lines = [f"{name}: {mail[name]}" for name in ("From", "To", "Subject", "Date")]
    text = body.get_content() if body is not None else ""
    width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns) - 4
    wrapped = [
        piece
        for line in [*lines, "", *text.rstrip().splitlines()]
        for piece in textwrap.wrap(line, width, subsequent_indent=_indent(line)) or [""]
    ]
    bar = "─" * (width + 2)
    rows = [
        f"│ {_bold(line, width) if number < 4 else line.ljust(width)} │"
        for number, line in enumerate(wrapped)
    ]
    return "\n".join([f"╭{bar}╮", *rows, f"╰{bar}╯"])


def _indent(line: str) -> str:
    """Return what the rest of a wrapped line begins with: below its text, not below its mark."""
    text = line.lstrip().lstrip("-0123456789.").lstrip()
    return " " * (len(line) - len(text)) if text else ""


def _bold(line: str, width: int) -> str:
    padded = line.ljust(width)
    return f"\x1b[1m{padded}\x1b[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else padded


def _say(text: str) -> None:
    print(f"\n{text}", flush=True)
