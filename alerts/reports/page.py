"""A report -> an HTML page of its own: a mail with pictures beside it, or a file with them inside."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from alerts.message import templates
from alerts.message_wire import Picture
from alerts.reports.heading import SYMBOLS, called, closing, known, period, title
from alerts.reports.picture import HEIGHT, WIDTH, around, png
from alerts.reports.report import Chart, Report
from alerts.reports.tidy import tidied

_BREAKS = re.compile(r"(?<=\w)[_./:@-](?=[^\W\d])|[^\s_./:@-]{12}(?=\S)")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where a chart's picture is, and what is to be known of it; without an address it is told in words."""

    address: str
    around: str


class Pages:
    """The template of reports, read and compiled once."""

    def __init__(self) -> None:
        found = templates()
        found.filters["breaking"] = breaking
        self._page = found.get_template("report.html.j2")

    def alone(self, report: Report) -> str:
        """Return a page that needs nothing beside it."""
        shown = tidied(report)
        return self._written(shown, {one: Drawn(data(one), around(one)) for one in charts(shown)})

    def illustrated(
        self,
        report: Report,
        room: int,
        *,
        domain: str,
        public_url: str | None = None,
        page: str | None = None,
    ) -> tuple[str, list[Picture]]:
        """Return a page for a mail and its pictures: as many as have room, the others are told in words.

        The report is `tidied` already; `room` is in bytes, `page` the address where all of it is.
        """
        drawn: dict[Chart, Drawn] = {}
        pictures: dict[str, Picture] = {}
        for number, one in enumerate(charts(report), 1):
            picture = Picture(f"chart-{number}@{domain}", png(one))
            used = sum(len(other.png) for other in pictures.values())
            if one not in drawn and used + len(picture.png) <= room:
                pictures[picture.name] = picture
                drawn[one] = Drawn(f"cid:{picture.name}", around(one))
            drawn.setdefault(one, Drawn("", ""))
        written = self._written(report, drawn, public_url=public_url, page=page)
        return written, list(pictures.values())

    def _written(
        self,
        report: Report,
        pictures: dict[Chart, Drawn],
        *,
        public_url: str | None = None,
        page: str | None = None,
    ) -> str:
        return self._page.render(
            report=report,
            title=title(report),
            called=called(report),
            period=period(report),
            known=known(report),
            closing=closing(report),
            pictures=pictures,
            symbols=SYMBOLS,
            width=WIDTH,
            height=HEIGHT,
            public_url=public_url.rstrip("/") if public_url else None,
            page=page,
        )


def breaking(text: str) -> Markup:
    """Return a text that may be broken inside of long words, if need be, lest a table be too wide."""
    return Markup("<wbr>").join(_BREAKS.sub("\\g<0>\0", text).split("\0"))


def charts(report: Report) -> Iterator[Chart]:
    """Yield a report's charts, from above to below."""
    return (block for one in report.sections for block in one.blocks if isinstance(block, Chart))


def data(chart: Chart) -> str:
    """Return a chart's picture as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png(chart)).decode('ascii')}"
