"""What the demo prints: narration with the time, and mails in a frame; colours on a terminal only."""

import os
import shutil
import sys
import textwrap
import time
from email.message import EmailMessage

WIDTH = 96
SHOWN = ("From", "To", "Subject", "X-Nightporter-Kind", "X-Nightporter-Severity", "X-Nightporter-Cause")

BOLD, DIM, RED, GREEN = "1", "2", "1;31", "1;32"


def say(text: str) -> None:
    """Print a paragraph, with the time it happened."""
    print(f"\n{_paint(time.strftime('%H:%M:%S'), DIM)}  {text}", flush=True)


def show(text: str) -> None:
    """Print a paragraph as it is."""
    print(f"\n{text}", flush=True)


def framed(mail: EmailMessage) -> str:
    """Return the headers that matter and the text of a mail, in a frame."""
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    width = max(min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns) - 4, 24)
    side = _paint("│", DIM)
    rows = []
    for name in SHOWN:
        colour = _tone(mail) if name == "Subject" else DIM
        rows += [(piece, colour) for piece in _wrapped(f"{name}: {mail[name]}", width)]
    rows.append(("", ""))
    for line in text.rstrip().splitlines():
        rows += [(piece, BOLD if line.isupper() else "") for piece in _wrapped(line, width)]
    bar = "─" * (width + 2)
    middle = [f"{side} {_paint(piece.ljust(width), colour)} {side}" for piece, colour in rows]
    return "\n".join([_paint(f"╭{bar}╮", DIM), *middle, _paint(f"╰{bar}╯", DIM)])


def _wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, subsequent_indent=_indent(line)) or [""]


def _indent(line: str) -> str:
    """Return what the rest of a wrapped line begins with: below its text, not below its mark."""
    text = line.lstrip().lstrip("-0123456789.").lstrip()
    return " " * (len(line) - len(text)) if text else ""


def _tone(mail: EmailMessage) -> str:
    return GREEN if mail["X-Nightporter-Kind"] == "resolved" else RED


def _paint(text: str, colour: str) -> str:
    plain = not colour or "NO_COLOR" in os.environ or not sys.stdout.isatty()
    return text if plain else f"\x1b[{colour}m{text}\x1b[0m"
