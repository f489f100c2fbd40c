"""Pieces of Markdown: tables, code, anchors, and slots in a page that are filled from the code."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar within a cell stays one."""
    lines = [_line(columns), _line("---" for _ in columns)]
    return "\n".join([*lines, *(_line(map(_cell, row)) for row in rows)])


def code(text: object) -> str:
    """Return a text as code within a line."""
    return f"`{text}`"


def codes(names: Iterable[object]) -> str:
    """Return names as code, listed."""
    return ", ".join(map(code, names))


def fenced(text: str, language: str = "") -> str:
    """Return a block of code."""
    return f"```{language}\n{text.strip()}\n```"


def anchor(heading: str) -> str:
    """Return what GitHub calls a heading in a link."""
    plain = re.sub(r"[^\w\- ]", "", heading.lower())
    return plain.replace(" ", "-")


def readable(text: str) -> str:
    """Return a text on one line, harmless where it would be read as HTML."""
    parts = " ".join(text.split()).split("`")
    return "`".join(part if number % 2 else part.replace("<", "&lt;") for number, part in enumerate(parts))


def sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "?", "!", ":")) else f"{whole}."


def filled(page: str, slot: str, text: str) -> str:
    """Return a page with what stands between `<!-- slot -->` and `<!-- /slot -->`; words around it stay."""
    begin, end = f"<!-- {slot} -->", f"<!-- /{slot} -->"
    before, opening, rest = page.partition(begin)
    _, closing, after = rest.partition(end)
    if not (opening and closing):
        raise ValueError(f"the page has no slot {begin} … {end}")
    return f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}"


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", readable(text)) or "-"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
