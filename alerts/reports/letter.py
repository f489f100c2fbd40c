"""A report -> the mail that brings it: a whole message, the same bytes whenever it is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from alerts.message import MISHAPS
from alerts.message_wire import Envelope, assemble, plain
from alerts.notification import Kind
from alerts.reports.address import address
from alerts.reports.heading import over, subject
from alerts.reports.page import Pages
from alerts.reports.plain_text import plain_text
from alerts.reports.report import Point, Report
from alerts.reports.tidy import tidied

LARGEST = 98_000
"""Bytes that a mail keeps to, by cutting its tables; several clients hide what is beyond 100 kB."""

CUTS = ((25, 30_000), (12, 20_000), (6, 10_000), (3, 5_000), (3, 0))
"""Rows of a table and bytes of pictures in a mail at the most: the first of these for which there is room."""


@dataclass(frozen=True, slots=True)
class ReportLetter:
    """A report to one recipient of a level, as whom and when it is written.

    `message_id` stands in angle brackets; `public_url` is where the pages are, if anywhere.
    """

    report: Report
    sender: str
    recipient: str
    level: str
    message_id: str
    date: datetime
    public_url: str | None = None


class ReportLetters:
    """Writes reports as mails."""

    def __init__(self) -> None:
        self._pages = Pages()

    def render(self, letter: ReportLetter) -> bytes:
        """Return the message as it goes over the wire; a plain one when it cannot be laid out."""
        try:
            return self._laid_out(letter)
        except MISHAPS as error:
            report = letter.report
            envelope = _envelope(letter, f"[REPORT] {report.hotel_name}: {report.headline}")
            return plain(envelope, _in_short(letter.report, f"{type(error).__name__}: {error}"))

    def _laid_out(self, letter: ReportLetter) -> bytes:
        report, url = letter.report, letter.public_url
        # What is shown as of now has other figures an hour later.
        page = address(report, url) if url and over(report) else None
        domain = letter.message_id.strip("<>").rpartition("@")[2] or "nightporter"
        where = "on the page" if page else "which have no room here"
        message = b""
        for most, room in CUTS:
            shown = tidied(report, most, where)
            illustrated = self._pages.illustrated(shown, room, domain=domain, public_url=url, page=page)
            message = assemble(_envelope(letter, subject(report)), plain_text(shown, page), *illustrated)
            if len(message) <= LARGEST:
                break
        return message


def _envelope(letter: ReportLetter, on_top: str) -> Envelope:
    facts = {"Hotel": letter.report.hotel, "Level": letter.level, "Kind": str(Kind.REPORT)}
    return Envelope(letter.sender, letter.recipient, on_top, letter.date, letter.message_id, facts)


def _in_short(report: Report, error: str) -> Iterator[str]:
    yield report.headline
    yield ""
    yield f"The {report.kind} report of {report.hotel_name}, {report.begins.isoformat()} to {report.ends}"
    for section in report.sections:
        yield ""
        yield section.heading
        yield from (f"- {block.text}" for block in section.blocks if isinstance(block, Point))
    yield ""
    yield f"This mail is plain because the usual one could not be written: {error}"
