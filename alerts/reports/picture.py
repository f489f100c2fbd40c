"""A chart -> a small picture of bars that stands well on a light page and on a dark one, as a PNG file."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from alerts.message_text import number
from alerts.reports.report import Chart
from alerts.reports.tidy import gathered

WIDTH, HEIGHT = 556, 96
"""How large it is shown; twice as many points are drawn, for screens that have them."""

SHARP = 2
ACROSS, DOWN = WIDTH * SHARP, HEIGHT * SHARP
WIDEST = 112
"""Points that a bar is wide at the most."""

TELLING = 366
"""Values that are shown one by one; of more, the highest of those that share a bar."""

FAR = 4.0
"""A limit that is so many times beyond all values is told of and not drawn: all would be flat."""

GROUND, BEFORE, NOW, ZERO, LIMIT = range(5)
PALETTE = bytes.fromhex("ffffff98a1ac2f7ae57b8490d1483c")
"""Colours that are seen on white and on black alike."""

CLEAR = b"\x00\x90\xff\xff\xff"
"""How opaque each colour is: the ground is not there at all, what was before is pale."""

THIN, DASH = 4, 16
"""Points: of the lowest bar and the line of the limit, and of a dash of that line and the gap behind it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the lower and the upper edge of a picture stand for, `limit` where it is drawn."""

    low: float
    high: float
    limit: float | None = None

    def place(self, value: float) -> int:
        """Return how many points below the upper edge a value is."""
        # Halves first: the span of the largest numbers is larger than any number.
        span = self.high / 2 - self.low / 2
        share = (self.high / 2 - value / 2) / span if span else 1.0
        return THIN + round(min(max(share, 0.0), 1.0) * (DOWN - 2 * THIN))


def scale(chart: Chart) -> Scale | None:
    """Return between what a chart's bars stand, zero always among it; None where nothing is known."""
    known = [value for value in (*chart.values, *chart.before) if value is not None]
    if not known:
        return None
    low, high = min(*known, 0.0), max(*known, 0.0)
    limit = chart.limit
    if limit is None or not low / 2 - abs(high) <= limit / FAR <= max(high, abs(low)):
        return Scale(low, high)
    return Scale(min(low, limit), max(high, limit), limit)


def around(chart: Chart) -> str:
    """Return what is to be known of the scale and the colours, such as `0 to 430 ms · gaps: not known`."""
    found = scale(chart)
    if found is None:
        return "nothing is known"
    said = [f"{number(found.low, '')} to {number(found.high, chart.unit)}"]
    if any(value is not None for value in chart.before):
        said.append("grey: the time before")
    if chart.limit is not None:
        drawn = "dashed: " if found.limit is not None else "far off: "
        said.append(f"{drawn}the limit {number(chart.limit, chart.unit)}")
    if any(value is None for value in chart.values):
        said.append("gaps: not known")
    return " · ".join(said)


@lru_cache(maxsize=128)
def png(chart: Chart) -> bytes:
    """Return the picture: `ACROSS` by `DOWN` points, bars from left to right, those of before behind."""
    rows = [bytearray(ACROSS) for _ in range(DOWN)]
    found = scale(chart)
    if found is not None:
        zero = found.place(0.0)
        _bars(rows, chart.before, found, zero, BEFORE, wide=1.0)
        _bars(rows, chart.values, found, zero, NOW, wide=0.6 if any(chart.before) else 1.0)
        if found.low < 0.0:
            _fill(rows[zero : zero + SHARP], 0, ACROSS, ZERO)
        if found.limit is not None:
            top = found.place(found.limit) - THIN // 2
            for start in range(0, ACROSS, 2 * DASH):
                _fill(rows[top : top + THIN], start, start + DASH, LIMIT)
    return _file(rows)


def _bars(
    rows: list[bytearray],
    values: tuple[float | None, ...],
    found: Scale,
    zero: int,
    colour: int,
    *,
    wide: float,
) -> None:
    values = gathered(values, TELLING)
    for place, value in enumerate(values):
        if value is None:
            continue
        start, end = place * ACROSS // len(values), (place + 1) * ACROSS // len(values)
        room = end - start
        gap = SHARP if room > 4 * SHARP else room // 3
        width = max(1, round(min(room - gap, WIDEST) * wide))
        left = start + (room - width) // 2
        top = found.place(value)
        # Nothing is something that is known, too: it is drawn as the lowest bar there is.
        above, below = (min(top, zero - THIN), zero) if value >= 0.0 else (zero, max(top, zero + THIN))
        _fill(rows[max(above, 0) : below], left, left + width, colour)


def _fill(rows: Sequence[bytearray], left: int, right: int, colour: int) -> None:
    right = min(right, ACROSS)
    stroke = bytes([colour]) * (right - left)
    for row in rows:
        row[left:right] = stroke


def _file(rows: Sequence[bytearray]) -> bytes:
    """Return rows of numbers of colours as a PNG file."""
    header = struct.pack(">IIBBBBB", ACROSS, DOWN, 8, 3, 0, 0, 0)
    pieces = (
        (b"IHDR", header),
        (b"PLTE", PALETTE),
        (b"tRNS", CLEAR),
        (b"IDAT", zlib.compress(b"".join(_filtered(rows)), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_piece(*one) for one in pieces)


def _filtered(rows: Sequence[bytearray]) -> Iterator[bytes]:
    """Yield rows as the format has them: one that is as the row above is told as no difference to it."""
    above = None
    for row in rows:
        yield b"\x02" + bytes(ACROSS) if row == above else b"\x00" + row
        above = row


def _piece(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
