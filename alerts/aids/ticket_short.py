"""A letter to a vendor that must be shorter: failed requests go first, never the ask and the signature."""

import re
from collections.abc import Callable

from alerts.aids.ticket_words import ASKED_FOR, TIMES

CUT = "\n[…]\n"

_RUN = re.compile(rf"^  {TIMES}  ")
_RUNS = re.compile(r"^- The last (?:\d+ )?failed requests?:$")

Fits = Callable[[str], bool]


def shortened(body: str, fits: Fits) -> str:
    """Return as much of a letter as fits: the oldest failed requests are left out, then what else was seen.

    What is no letter of ours is cut at its end.
    """
    lines = body.split("\n")
    while not fits("\n".join(lines)):
        runs = sorted((line, -number) for number, line in enumerate(lines) if _RUN.match(line))
        if not runs:
            return _cut("\n".join(lines), fits)
        del lines[-runs[0][1]]
        lines = _counted(lines)
    return "\n".join(lines)


def _counted(lines: list[str]) -> list[str]:
    """Return lines in which the requests that are told have the heading of so many."""
    found = []
    for number, line in enumerate(lines):
        if not _RUNS.match(line):
            found.append(line)
            continue
        left = next((nr for nr, one in enumerate(lines[number + 1 :]) if not _RUN.match(one)), 0)
        if left:
            found.append(f"- The last {left} failed requests:" if left > 1 else "- The last failed request:")
    return found


def _cut(body: str, fits: Fits) -> str:
    """Return the beginning of a text, and from what is asked for on its end."""
    head, asked, rest = body.rpartition(ASKED_FOR)
    end = f"{CUT}\n{asked}{rest}" if asked and fits(f"{CUT}\n{asked}{rest}") else CUT
    head = head if end != CUT else body
    low, high = 0, len(head)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(head[:middle] + end) else (low, middle - 1)
    return (head[:low].rpartition("\n")[0] or head[:low]) + end
