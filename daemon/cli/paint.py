"""Tables and colours for people; colours only on a terminal, and not where NO_COLOR is set."""

import os
import re
import sys
from collections.abc import Sequence

from checks.result import State

_COLOUR = {State.OK: "32", State.WARNING: "33", State.CRITICAL: "31;1", State.UNKNOWN: "35"}
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def painted(text: str, state: State) -> str:
    """Return the text in the colour of a state, where colours are wanted."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{_COLOUR[state]}m{text}\x1b[0m"


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


def _width(cell: str) -> int:
    return len(_ESCAPE.sub("", cell))
