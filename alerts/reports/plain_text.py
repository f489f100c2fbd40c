"""A report -> plain text, for mails and terminals."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from alerts.message_text import number
from alerts.reports.columns import paragraph, table, wide
from alerts.reports.heading import SYMBOLS, called, closing, known, period, title
from alerts.reports.picture import scale
from alerts.reports.report import Block, Chart, Kind, Point, Report, Table, Tone
from alerts.reports.tidy import gathered, tidied
from alerts.reports.words import BEFORE

WIDTH = 78
"""Columns that everything but a word too long for it keeps to."""

BLOCKS = "▁▂▃▄▅▆▇█"
SPARKS = 24
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
        for place, (_, run) in enumerate(groupby(section.blocks, _alike)):
            lines += [*([""] if place else []), *_run(list(run), shown.kind)]
    lines += ["", *([f"All of it: {page}", ""] if page else []), "-- ", closing(shown)]
    return "".join(f"{line}\n" for line in lines)


def _alike(block: Block) -> tuple[object, ...]:
    """Return what blocks have in common that follow each other without a gap."""
    if isinstance(block, Chart):
        return Chart, block.first, block.last
    return (Point,) if isinstance(block, Point) else (block,)


def _run(blocks: Sequence[Block], kind: Kind) -> Iterator[str]:
    charts = [one for one in blocks if isinstance(one, Chart)]
    for block in blocks:
        if isinstance(block, Table):
            yield from table(block, WIDTH, _symbols(block))
        elif isinstance(block, Point):
            yield from _point(block)
    if charts:
        yield from _charts(charts)
        before = f"; before: {BEFORE[kind]}" if any(_known(one.before) for one in charts) else ""
        yield from paragraph(f"(from {charts[0].first} to {charts[0].last}{before})", WIDTH)


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


def _charts(charts: Sequence[Chart]) -> Iterator[str]:
    """Yield charts in a line each; what is too wide for one goes on below."""
    titles = max(wide(one.title) for one in charts)
    for one in charts:
        drawn, said = (
            f"{one.title}{' ' * (titles - wide(one.title))}  {sparkline(one.values)}",
            _extremes(one),
        )
        if wide(drawn) + 2 + wide(said) <= WIDTH:
            yield f"{drawn}  {said}"
        else:
            if wide(drawn) <= WIDTH:
                yield drawn
            else:
                yield from paragraph(one.title, WIDTH)
                yield f"  {sparkline(one.values)}"
            yield from paragraph(said, WIDTH, "  ", "  ")


def _extremes(chart: Chart) -> str:
    now, before = _known(chart.values), _known(chart.before)
    said = f"up to {number(max(now), chart.unit)}" if now else "nothing is known"
    if now and chart.limit is not None and max(now) > chart.limit:
        said += f", over the limit of {number(chart.limit, chart.unit)}"
    return f"{said}, before {number(max(before), chart.unit)}" if before else said


def _known(values: Sequence[float | None]) -> list[float]:
    return [one for one in values if one is not None]


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
