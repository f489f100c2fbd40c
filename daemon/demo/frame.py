"""What the demo prints: narration with the time, and mails in a frame; colours on a terminal only."""

import os
import shutil
import sys
import textwrap
import time

from daemon.demo.letter import Letter

WIDTH = 96
INDENT = 10
"""Columns before what is said: the time and a gap."""

SHOWN = {
    "From": "sender",
    "To": "to",
    "Subject": "subject",
    "X-Nightporter-Kind": "kind",
    "X-Nightporter-Severity": "severity",
    "X-Nightporter-Cause": "cause",
}

BOLD, DIM, RED, GREEN = "1", "2", "1;31", "1;32"


def say(text: str) -> None:
    """Print a paragraph, with the time it happened; one of several lines as it is."""
    whole = text if "\n" in text else folded(text, INDENT)
    print(f"\n{_paint(time.strftime('%H:%M:%S'), DIM)}  {whole}", flush=True)


def show(text: str) -> None:
    """Print a paragraph as it is."""
    print(f"\n{text}", flush=True)


def folded(text: str, indent: int) -> str:
    """Return a text in lines that fit beside and below what stands `indent` columns wide before it."""
    width = max(_columns() - indent, 24)
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return f"\n{' ' * indent}".join(lines)


def framed(letter: Letter) -> str:
    """Return the headers that matter and the text of a mail, in a frame."""
    width = max(_columns() - 4, 24)
    side = _paint("│", DIM)
    rows = []
    for name, field in SHOWN.items():
        colour = _tone(letter) if name == "Subject" else DIM
        rows += [(piece, colour) for piece in _wrapped(f"{name}: {getattr(letter, field)}", width)]
    rows.append(("", ""))
    for line in letter.text.rstrip().splitlines():
        rows += [(piece, BOLD if line.isupper() else "") for piece in _wrapped(line, width)]
    bar = "─" * (width + 2)
    middle = [f"{side} {_paint(piece.ljust(width), colour)} {side}" for piece, colour in rows]
    return "\n".join([_paint(f"╭{bar}╮", DIM), *middle, _paint(f"╰{bar}╯", DIM)])


def _columns() -> int:
    return min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)


def _wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, subsequent_indent=_indent(line)) or [""]


def _indent(line: str) -> str:
    """Return what the rest of a wrapped line begins with: below its text, not below its mark."""
    text = line.lstrip().lstrip("-0123456789.").lstrip()
    return " " * (len(line) - len(text)) if text else ""


def _tone(letter: Letter) -> str:
    return GREEN if letter.kind == "resolved" else RED


def _paint(text: str, colour: str) -> str:
    plain = not colour or "NO_COLOR" in os.environ or not sys.stdout.isatty()
    return text if plain else f"\x1b[{colour}m{text}\x1b[0m"
