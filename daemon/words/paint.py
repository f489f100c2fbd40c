"""Tables and colours for people; colours only on a terminal, and not where NO_COLOR is set."""

import json
import os
import re
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import Any

from checks.result import State

WIDTH = 80
"""Columns that everything but a cell and a word too long for it keeps to."""

_COLOUR = {State.OK: "32", State.WARNING: "33", State.CRITICAL: "31;1", State.UNKNOWN: "35"}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what a terminal obeys instead of showing it."""

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def painted(text: str, state: State) -> str:
    """Return the text in the colour of a state, where colours are wanted."""
    return _escaped(text, _COLOUR[state])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under a head, in columns as wide as their widest cell."""
    lines = [head, *rows]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def noted_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose last cells are notes: one that does not fit into `WIDTH` stands under its row."""
    found = []
    plain = table(head[:-1], [row[:-1] for row in rows]).splitlines()
    column = max(map(_width, plain))
    for line, note in zip(plain, (head[-1], *(row[-1] for row in rows)), strict=True):
        whole = f"{line}{' ' * (column - _width(line))}  {note}".rstrip()
        fits = _width(whole) <= WIDTH
        found += [whole] if fits else [line, paragraph(note, "  ")]
    return "\n".join(found)


def paragraph(text: str, first: str = "", rest: str | None = None) -> str:
    """Return a text in lines of `WIDTH` columns, behind `first` and then `rest` (by default, as far in)."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        # Addresses and names must stay whole, to be copied.
        break_long_words=False,
        break_on_hyphens=False,
    )


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    """Return names and what they are, in two columns, the second one wrapped."""
    width = max((len(name) for name, _ in rows), default=0) + 2
    return "\n".join(paragraph(text, name.ljust(width)) for name, text in rows)


def bold(text: str) -> str:
    """Return a heading, bold where colours are wanted."""
    return _escaped(text, "1")


def as_json(value: Any) -> str:
    """Return JSON that people can read, too: letters stay, what could move a terminal's cursor is escaped."""
    plain = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(char if _seen(char) else json.dumps(char)[1:-1] for char in plain)


def _seen(char: str) -> bool:
    return char == "\n" or unicodedata.category(char) not in _UNSEEN


def _escaped(text: str, code: str) -> str:
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def _width(cell: str) -> int:
    return len(_ESCAPE.sub("", cell))
