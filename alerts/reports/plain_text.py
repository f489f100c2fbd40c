"""A report -> plain text, for mails and terminals."""

from collections.abc import Iterator

from alerts.message_text import number
from alerts.reports.columns import paragraph, table, wide
from alerts.reports.heading import SYMBOLS, called, closing, known, period, title
from alerts.reports.picture import scale
from alerts.reports.report import Block, Chart, Point, Report, Table, Tone
from alerts.reports.tidy import gathered, tidied

WIDTH = 78
"""Columns that everything but a word too long for it keeps to."""

BLOCKS = "▁▂▃▄▅▆▇█"
SPARKS = 36
"""Blocks in a row at the most."""

UNKNOWN = "·"
"""What stands in a row of blocks where nothing is known."""


def plain_text(report: Report, page: str | None = None) -> str:
    """Return all of a report; `page` is the address where it is to be seen."""
    shown = tidied(report)
    lines = [
        *paragraph(shown.headline, WIDTH),
        "",
        *paragraph(f"REPORT · {title(shown)} · {called(shown)}", WIDTH),
        *paragraph(period(shown), WIDTH),
        *(paragraph(known(shown), WIDTH) if known(shown) else []),
    ]
    for section in shown.sections:
        lines += ["", *paragraph(section.heading.upper(), WIDTH)]
        for before, block in zip((None, *section.blocks), section.blocks, strict=False):
            # Points are a list; whatever else there is stands apart.
            apart = before is not None and not (isinstance(before, Point) and isinstance(block, Point))
            lines += [*([""] if apart else []), *_block(block)]
    lines += ["", *([f"All of it: {page}", ""] if page else []), "-- ", closing(shown)]
    return "".join(f"{line}\n" for line in lines)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Table):
        yield from table(block, WIDTH, _symbols(block))
    elif isinstance(block, Chart):
        yield from _chart(block)
    else:
        yield from _point(block)


def _point(point: Point) -> Iterator[str]:
    mark = "-" if point.tone is Tone.PLAIN else SYMBOLS[point.tone]
    named = f" (incident {point.incident})" if point.incident and point.incident not in point.text else ""
    yield from paragraph(f"{point.text}{named}", WIDTH, f"{mark} ", "  ")
    for detail in point.details:
        yield from paragraph(detail, WIDTH, "    ", "    ")


def _symbols(one: Table) -> list[str]:
    """Return what stands before each row: the symbol of the worst in it, where anything is worth one."""
    worst = [max((cell.tone for cell in row), key=list(Tone).index, default=Tone.PLAIN) for row in one.rows]
    if not {Tone.FAIR, Tone.BAD}.intersection(worst):
        return [""] * len(worst)
    return [f"{SYMBOLS[tone] if tone in {Tone.FAIR, Tone.BAD} else ' '} " for tone in worst]


def _chart(chart: Chart) -> Iterator[str]:
    yield from paragraph(chart.title, WIDTH)
    blocks = sparkline(chart.values)
    if blocks:
        yield f"  {blocks}{_top(chart)}"
        gap = max(1, len(blocks) - wide(chart.first) - wide(chart.last))
        yield f"  {chart.first}{' ' * gap}{chart.last}"
    said = chart.said.removeprefix(f"{chart.title}: ")
    yield from paragraph(said, WIDTH, "  ", "  ")


def _top(chart: Chart) -> str:
    values = [value for value in chart.values if value is not None]
    return f"  up to {number(max(values), chart.unit)}" if values else ""


def sparkline(values: tuple[float | None, ...], most: int = SPARKS) -> str:
    """Return values as blocks of eight heights, the lowest at zero or at the least value below it."""
    shown = gathered(values, most)
    found = scale(Chart("", "", shown, "", ""))
    if found is None:
        return UNKNOWN * len(shown)
    return "".join(UNKNOWN if value is None else _block_of(value, found.low, found.high) for value in shown)


def _block_of(value: float, low: float, high: float) -> str:
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span else 0.0
    return BLOCKS[round(share * (len(BLOCKS) - 1))]
