"""Tables and paragraphs in a given width, for mails and terminals."""

import unicodedata
from collections.abc import Iterator, Sequence

from alerts.reports.report import Cell, Table

GAP = 2
NARROWEST = 8
"""Columns of text are not made narrower than that; a table for which that is too wide is told row by row."""

WHOLE = 24
"""Columns up to which words are kept whole: heads wrap for the sake of names, not the other way round."""


def table(one: Table, width: int, symbols: Sequence[str]) -> list[str]:
    """Return a table's lines, its columns lined up, wide cells wrapped.

    `symbols` stand before the rows, as wide as each other. Rows that do not fit are told one below the other.
    """
    inset = max((len(symbol) for symbol in symbols), default=0)
    widths = _widths(one, width - inset)
    if widths is None:
        return [line for row in one.rows for line in _told(one.head, row, width)]
    numeric = [all(row[place].numeric for row in one.rows) for place in range(len(one.head))]
    lines = [*_row(one.head, widths, numeric, " " * inset)]
    lines.append(" " * inset + (" " * GAP).join("-" * wide for wide in widths))
    for row, symbol in zip(one.rows, symbols, strict=True):
        lines += _row([cell.text for cell in row], widths, numeric, symbol)
    return lines


def paragraph(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Return a text in lines of a width, behind `first` and then `rest`; addresses stay whole."""
    lines, line = [], first
    fresh = True
    for word in text.split(" "):
        if fresh:
            line += word
        elif wide(line) + 1 + wide(word) <= width:
            line += f" {word}"
        else:
            lines.append(line)
            line = rest + word
        fresh = False
    return [*lines, line.rstrip()]


def wide(text: str) -> int:
    """Return how many columns a text takes: letters of the far east take two, marks above others none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _widths(one: Table, width: int) -> list[int] | None:
    """Return how wide columns are: as their widest cells, the widest ones narrower until all fit.

    Heads are wrapped before cells are, and cells before words are broken.
    """
    lines = [one.head, *([cell.text for cell in row] for row in one.rows)]
    columns = [[line[place] for line in lines] for place in range(len(one.head))]
    numeric = [all(row[place].numeric for row in one.rows) for place in range(len(one.head))]
    widths = [max(map(wide, column)) for column in columns]
    room = width - GAP * (len(widths) - 1)
    for least in _floors(columns, numeric, widths):
        _narrow(widths, least, room)
    return widths if sum(widths) <= room else None


def _floors(
    columns: Sequence[Sequence[str]], numeric: Sequence[bool], widths: Sequence[int]
) -> Iterator[list[int]]:
    """Yield how narrow columns may be, from the kindest way to the last."""
    for head in (_halved, _word):
        yield [max(head(column[:1]), *map(wide, column[1:])) for column in columns]
    for most in (WHOLE, NARROWEST):
        yield [
            max(_word(column[:1]), *map(wide, column[1:])) if number else min(widest, _cells(column, most))
            for column, number, widest in zip(columns, numeric, widths, strict=True)
        ]


def _narrow(widths: list[int], least: Sequence[int], room: int) -> None:
    """Make the widest columns narrower until all fit, none narrower than it may be."""
    while sum(widths) > room:
        slack = [place for place, now in enumerate(widths) if now > least[place]]
        if not slack:
            return
        widths[max(slack, key=widths.__getitem__)] -= 1


def _halved(texts: Sequence[str]) -> int:
    """Return how wide the longest of some texts is in about two lines."""
    return max(_word(texts), *(wide(text) // 2 + 1 for text in texts))


def _cells(column: Sequence[str], most: int) -> int:
    """Return how narrow a column of texts may be: as its words, those below its head up to a width."""
    return max(NARROWEST, _word(column[:1]), min(most, _word(column)))


def _word(texts: Sequence[str]) -> int:
    """Return how wide the longest word of some texts is."""
    return max((wide(word) for text in texts for word in text.split()), default=0)


def _row(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool], symbol: str) -> Iterator[str]:
    parts = [list(_wrapped(cell, width)) for cell, width in zip(cells, widths, strict=True)]
    for number in range(max(map(len, parts))):
        texts = [part[number] if number < len(part) else "" for part in parts]
        padded = [
            " " * (width - wide(text)) + text if right else text + " " * (width - wide(text))
            for text, width, right in zip(texts, widths, numeric, strict=True)
        ]
        yield ((symbol if number == 0 else " " * len(symbol)) + (" " * GAP).join(padded)).rstrip()


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield a cell's lines; a word that is too long for it is broken."""
    for line in paragraph(text, width):
        rest = line
        while wide(rest) > width:
            kept = width
            while wide(rest[:kept]) > width:
                kept -= 1
            yield rest[:kept]
            rest = rest[kept:]
        yield rest


def _told(head: Sequence[str], row: Sequence[Cell], width: int) -> Iterator[str]:
    """Yield a row as lines: its first cell, and below it the others behind their heads."""
    yield from paragraph(row[0].text, width, "- ", "  ")
    for name, cell in zip(head[1:], row[1:], strict=True):
        if cell.text:
            yield from paragraph(f"{name}: {cell.text}", width, "    ", "      ")
