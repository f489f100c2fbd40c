"""Figures -> a picture as SVG: readable on light and dark pages, text as text, each curve named at its end.

The same figures give the same bytes, so that a test can compare a picture with what it was drawn from.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 400
FAR = 2.5
LEFT, RIGHT, TOP, BOTTOM = 76, 190, 74, 56
STYLE = """\
<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #1f2328 }
.title { font-size: 17px; font-weight: 600 } .soft { fill: #59636e } .end { text-anchor: end }
.middle { text-anchor: middle } .name { font-weight: 600 } .grid { stroke: #d1d9e0; stroke-width: 1 }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
.aim { stroke-dasharray: 6 5; stroke-width: 1.5 }
.porter { stroke: #0969da } .first { stroke: #bc4c00 } .second { stroke: #8250df } .third { stroke: #1a7f37 }
.goal { stroke: #59636e } .spread { stroke-width: 1.5 } .paper { fill: #ffffff }
.gap { stroke: #ffffff; stroke-width: 6 }
.fill-porter { fill: #0969da } .fill-first { fill: #bc4c00 }
.fill-second { fill: #8250df } .fill-third { fill: #1a7f37 }
.fill-goal { fill: #59636e }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .soft { fill: #9198a1 } .grid { stroke: #3d444d } .paper { fill: #0d1117 }
.gap { stroke: #0d1117 }
.porter { stroke: #4493f8 } .first { stroke: #f0883e } .second { stroke: #ab7df8 } .third { stroke: #3fb950 }
.goal { stroke: #9198a1 } .fill-goal { fill: #9198a1 }
.fill-porter { fill: #4493f8 } .fill-first { fill: #f0883e }
.fill-second { fill: #ab7df8 } .fill-third { fill: #3fb950 }
}
</style>"""
COLOURS = ("porter", "first", "second", "third")


@dataclass(frozen=True, slots=True)
class Point:
    """A median at a place of the x axis, between the lowest and the highest run."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A named line; `dashed` ones were reckoned from a measured cost, not measured at each place."""

    name: str
    points: Sequence[Point]
    colour: str
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A named length among others of its group; `note` stands behind its figure."""

    group: str
    name: str
    value: float
    low: float
    high: float
    colour: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis between two values, in pixels."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return where a value stands; what is below the axis stands at its beginning."""
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def decades(self) -> list[float]:
        """Return the powers of ten on the axis."""
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return [10.0**power for power in range(first, last + 1)]


def curves(title: str, under: str, unit: str, lines: Sequence[Curve], aim: tuple[str, float] | None) -> str:
    """Return a picture of lines over numbers of checks, both axes logarithmic; `aim` is a limit."""
    values = [each for line in lines for one in line.points for each in (one.low, one.high)]
    values += [aim[1]] if aim else []
    low = 10.0 ** math.floor(math.log10(min(values)))
    high = 10.0 ** math.ceil(math.log10(max(values)))
    places = [one.x for line in lines for one in line.points]
    across = Axis(min(places), max(places), LEFT, WIDTH - RIGHT)
    down = Axis(low, high, HEIGHT - BOTTOM, TOP)
    parts = [*_grid(across, down, unit)]
    if aim:
        at = down.place(aim[1])
        parts.append(f'<path class="goal aim" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>')
    for line in lines:
        parts += _line(line, across, down)
    ends = [(down.place(line.points[-1].y), line.name, line.colour) for line in lines]
    ends += [(down.place(aim[1]), aim[0], "goal")] if aim else []
    parts += _names(ends)
    return _picture(title, under, HEIGHT, parts)


def _grid(across: Axis, down: Axis, unit: str) -> Iterable[str]:
    for value in down.decades():
        at = down.place(value)
        yield f'<path class="grid" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text class="soft end" x="{LEFT - 9}" y="{at + 4:.1f}">{plain(value)}{unit}</text>'
    for value in across.decades():
        at = across.place(value)
        yield f'<path class="grid" d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}"/>'
        yield f'<text class="soft middle" x="{at:.1f}" y="{HEIGHT - BOTTOM + 21}">{plain(value)}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text class="soft middle" x="{middle:.0f}" y="{HEIGHT - 12}">checks, each once a minute</text>'


def _line(line: Curve, across: Axis, down: Axis) -> Iterable[str]:
    where = [(across.place(one.x), down.place(one.y)) for one in line.points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in where)
    dashes = ' stroke-dasharray="2 4"' if line.dashed else ""
    yield f'<path class="line {line.colour}"{dashes} d="M{path}"/>'
    for (x, y), one in zip(where, line.points, strict=True):
        low, high = down.place(one.low), down.place(one.high)
        if low - high > 1:
            yield f'<path class="{line.colour} spread" d="M{x:.1f} {low:.1f}V{high:.1f}"/>'
        if not line.dashed:
            yield f'<circle class="fill-{line.colour}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def _names(ends: Sequence[tuple[float, str, str]]) -> Iterable[str]:
    """Yield the names at the ends of lines, moved apart where they would lie on each other."""
    last = -math.inf
    for place, name, colour in sorted(ends):
        last = max(place, last + 17)
        x, y = WIDTH - RIGHT + 12, last + 4
        yield f'<text class="name fill-{colour}" x="{x}" y="{y:.1f}">{escape(name)}</text>'


def bars(title: str, under: str, unit: str, all_bars: Sequence[Bar]) -> str:
    """Return a picture of bars in groups, the longest over the whole width, from zero on."""
    parts: list[str] = []
    left, room = 196, WIDTH - 196 - 200
    longest = _shown(all_bars)
    y, group = 68.0, ""
    for one in all_bars:
        if one.group != group:
            y += 28 if group else 12
            group = one.group
            parts.append(f'<text class="name" x="20" y="{y:.0f}">{escape(group)}</text>')
            y += 12
        length = room * min(max(one.value / longest, 0.002), 1.0)
        parts.append(f'<text class="end" x="{left - 9}" y="{y + 15:.0f}">{escape(one.name)}</text>')
        size = f'width="{length:.1f}" height="20" rx="2"'
        parts.append(f'<rect class="fill-{one.colour}" x="{left}" y="{y:.0f}" {size}/>')
        if one.value > longest:
            parts.append(f'<path class="gap" d="M{left + 0.8 * length:.0f} {y + 24:.0f}l10 -28"/>')
        said = f"{plain(one.value)}{unit}"
        note = f' <tspan class="soft">{escape(one.note)}</tspan>' if one.note else ""
        parts.append(f'<text x="{left + length + 8:.1f}" y="{y + 15:.0f}">{said}{note}</text>')
        y += 26
    return _picture(title, under, round(y + 12), parts)


def _shown(all_bars: Sequence[Bar]) -> float:
    """Return what the whole width stands for: a bar far longer than all others is drawn with a gap."""
    *_, second, first = sorted(one.value for one in all_bars)
    return first if first < FAR * second else 1.25 * second


def _picture(title: str, under: str, height: int, parts: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="{escape(title)}">'
    )
    words = (
        f'<text class="title" x="20" y="30">{escape(title)}</text>',
        f'<text class="soft" x="20" y="50">{escape(under)}</text>',
    )
    ground = f'<rect class="paper" width="{WIDTH}" height="{height}" rx="6"/>'
    return "\n".join([head, STYLE, ground, *words, *parts, "</svg>"]) + "\n"


def plain(value: float) -> str:
    """Return a number with two or three digits that count, as people write it."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}".removesuffix(".0")
    if value >= 0.1:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.4f}".rstrip("0").rstrip(".") or "0"
