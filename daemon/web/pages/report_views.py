"""Reports as pages show them: those there are, and the pictures of one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.message_text import clean
from alerts.reports.address import path
from alerts.reports.heading import SYMBOLS, called
from alerts.reports.page import Drawn, charts, data
from alerts.reports.picture import around
from alerts.reports.report import Chart, Kind, Report, Tone
from daemon.web.deps import StoredReports

SHOWN = 30
"""Reports in a list at the most."""

TONES = {Tone.PLAIN: "dim", Tone.GOOD: "good", Tone.FAIR: "fair", Tone.BAD: "bad"}


@dataclass(frozen=True, slots=True)
class Line:
    """A report in a list."""

    kind: Kind
    called: str
    headline: str
    symbol: str
    tone: str
    address: str
    made: str


async def lines(
    stored: StoredReports, hotel: str, ends: Sequence[tuple[Kind, datetime]], zone: tzinfo
) -> list[Line]:
    """Return reports as lines, those that are still there."""
    found = [await stored.one(hotel, kind, when) for kind, when in ends]
    return [_line(one, zone) for one in found if one is not None]


def _line(one: Report, zone: tzinfo) -> Line:
    made = one.made_at.astimezone(zone)
    return Line(
        kind=one.kind,
        called=called(one),
        headline=clean(one.headline, 500),
        symbol=SYMBOLS[one.tone],
        tone=TONES[one.tone],
        address=path(one.hotel, one.kind, one.ends),
        made=f"{made.day} {made:%b %Y, %H:%M}",
    )


async def pictures(report: Report) -> Mapping[Chart, Drawn]:
    """Return the pictures of a report, drawn aside: it takes a while."""
    found = list(dict.fromkeys(charts(report)))
    drawn = await asyncio.to_thread(lambda: [Drawn(data(one), around(one)) for one in found])
    return dict(zip(found, drawn, strict=True))
