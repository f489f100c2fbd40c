"""What reports of real contents look like; the golden files show it, `UPDATE_GOLDEN=1` writes them anew."""

import os
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from alerts.reports.facts import Facts
from alerts.reports.letter import ReportLetter, ReportLetters
from alerts.reports.plain_text import plain_text
from alerts.reports.report import Kind
from alerts.reports.writing import write
from tests.support.report_facts import bad, facts, first_day, unknown
from tests.support.said_numbers import unfounded

GOLDEN = Path(__file__).parent / "golden" / "reports"
URL = "https://porter.hotel.example"
TOLD = {"unknown": unknown, "first-day": first_day, "quiet": facts, "bad": bad}
STORIES: Mapping[str, Facts] = {f"{name}-{kind}": tell(kind) for name, tell in TOLD.items() for kind in Kind}


@pytest.fixture(scope="module")
def letters() -> ReportLetters:
    return ReportLetters()


def mail(letters: ReportLetters, found: Facts) -> EmailMessage:
    one = write(found)
    raw = letters.render(
        ReportLetter(
            report=one,
            sender="Night Porter <nightporter@hotel.example>",
            recipient="team@hotel.example",
            level="1",
            message_id="<report.1@hotel.example>",
            date=one.made_at,
            public_url=URL,
        )
    )
    message = BytesParser(policy=policy.SMTP).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("name", STORIES)
def test_their_mails_look_as_they_did(letters: ReportLetters, name: str) -> None:
    message = mail(letters, STORIES[name])
    for file, said in ((f"{name}.txt", part(message, "plain")), (f"{name}.html", part(message, "html"))):
        if os.environ.get("UPDATE_GOLDEN"):
            (GOLDEN / file).write_text(said, encoding="utf-8")
        assert said == (GOLDEN / file).read_text("utf-8")


@pytest.mark.parametrize("name", STORIES)
def test_every_number_that_they_say_is_a_figure(name: str) -> None:
    found = write(STORIES[name])
    said = " ".join(plain_text(found).split())
    for text in QUOTED:
        said = said.replace(text, "")
    assert unfounded(said, found.figures) == []


@pytest.mark.parametrize("name", [f"{name}-{kind}" for name in ("unknown", "quiet") for kind in Kind])
def test_where_nothing_was_they_are_short(letters: ReportLetters, name: str) -> None:
    assert len(part(mail(letters, STORIES[name]), "plain").splitlines()) < 45


QUOTED = (
    "(401)",
    "refused: 401",
    "taken: 200",
    "v=DMARC1",
    "the newest backup is 3 days old",
    "11 days overdue",
)
"""What others said, whose numbers are theirs."""
