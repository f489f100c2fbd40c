"""A report as it may be shown: every text harmless, no table endless."""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from alerts.message_text import clean
from alerts.reports.report import Block, Cell, Chart, Point, Report, Section, Table

LONGEST = 2000
"""Characters of a text that are shown at the most."""

CELL = 300
"""The same, of a cell."""


def tidied(report: Report, most: int | None = None, where: str = "on the page") -> Report:
    """Return a report that can disturb no reader, with at most so many rows in a table.

    What is left out is counted, and said to be `where`.
    """
    return replace(
        report,
        headline=clean(report.headline, LONGEST),
        figures={name: value for name, value in report.figures.items() if math.isfinite(value)},
        hotel_name=clean(report.hotel_name, 200),
        sections=tuple(
            Section(
                clean(one.heading), tuple(new for block in one.blocks for new in _block(block, most, where))
            )
            for one in report.sections
        ),
    )


def _block(block: Block, most: int | None, where: str) -> Iterator[Block]:
    if isinstance(block, Point):
        yield _point(block, most, where)
    elif isinstance(block, Chart):
        yield _chart(block)
    else:
        yield _table(block, most)
        left = 0 if most is None else len(block.rows) - most
        if left > 0:
            yield Point(f"And {left} more, {where}.")


def _table(table: Table, most: int | None) -> Table:
    rows = table.rows if most is None else table.rows[:most]
    return Table(
        clean(table.caption),
        tuple(clean(one) for one in table.head),
        tuple(tuple(Cell(clean(cell.text, CELL), cell.tone, cell.numeric) for cell in row) for row in rows),
    )


def _point(point: Point, most: int | None, where: str) -> Point:
    details = [clean(one, LONGEST) for one in (point.details if most is None else point.details[:most])]
    left = len(point.details) - len(details)
    more = [f"and {left} more, {where}"] if left else []
    return Point(clean(point.text, LONGEST), point.tone, (*details, *more), clean(point.incident, 64))


def _chart(chart: Chart) -> Chart:
    limit = chart.limit if chart.limit is not None and math.isfinite(chart.limit) else None
    return Chart(
        title=clean(chart.title),
        said=clean(chart.said, LONGEST),
        values=_values(chart.values),
        first=clean(chart.first, 60),
        last=clean(chart.last, 60),
        unit=clean(chart.unit, 20),
        limit=limit,
        before=_values(chart.before),
    )


def _values(values: tuple[float | None, ...]) -> tuple[float | None, ...]:
    return tuple(value if value is not None and math.isfinite(value) else None for value in values)


def gathered(values: tuple[float | None, ...], most: int) -> tuple[float | None, ...]:
    """Return at most so many values: of those that share a place the highest, None where none is known."""
    if len(values) <= most:
        return values
    edges = [place * len(values) // most for place in range(most + 1)]
    shares = (values[start:end] for start, end in pairwise(edges))
    return tuple(max((value for value in share if value is not None), default=None) for share in shares)
