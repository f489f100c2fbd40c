"""Whatever is caught becomes plain values: no mail is too odd to be shown."""

import base64
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from alerts.reports.letter import ReportLetter, ReportLetters
from alerts.reports.page import charts
from alerts.reports.picture import png
from alerts.reports.report import Kind
from daemon.demo.letter import MOST_TEXT, UNREADABLE, Letter, read
from tests.support.outline import Outline
from tests.support.reports import big

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def caught(raw: bytes) -> Letter:
    return read(raw, ["a@hotel.example"], 7, NOW)


def test_what_the_porter_says_in_its_headers_is_taken_from_there() -> None:
    mail = EmailMessage()
    mail["Subject"] = "[CRITICAL] Hôtel: payment: Ausfälle"
    mail["From"] = "Night Porter <porter@hotel.example>"
    mail["X-Nightporter-Kind"] = "problem"
    mail["X-Nightporter-Integration"] = "payment,expedia"
    mail["X-Nightporter-Incident"] = "k3x9d2m7qa"
    mail.set_content("plain — words")
    mail.add_alternative("<p>rich — words</p>", subtype="html")
    found = caught(bytes(mail))
    assert (found.number, found.to, found.came) == (7, "a@hotel.example", NOW)
    assert found.subject == "[CRITICAL] Hôtel: payment: Ausfälle"
    assert (found.kind, found.incident) == ("problem", "k3x9d2m7qa")
    assert found.integrations == {"payment", "expedia"}
    assert found.text == "plain — words\n"
    assert found.html == "<p>rich — words</p>\n"
    assert ("From", "Night Porter <porter@hotel.example>") in found.headers


def test_a_report_has_its_pictures_inside() -> None:
    one = big(Kind.DAILY)
    sender = "Night Porter <porter@hotel.example>"
    letter = ReportLetter(one, sender, "a@hotel.example", "1", "<report.1@hotel.example>", one.made_at)
    found = caught(ReportLetters().render(letter))
    assert found.kind == "report"
    sources = [picture["src"] or "" for picture in Outline(found.html).all("img")]
    files = [base64.b64decode(source.removeprefix("data:image/png;base64,")) for source in sources]
    assert files == [png(chart) for chart in charts(one)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"\r\n", ""),
        (b"no header at all", "no header at all"),
        (b"Content-Type: text/plain; charset=klingon\r\n\r\nna\xefve", "na\N{REPLACEMENT CHARACTER}ve"),
        (b"Content-Type: text/plain; charset=hex\r\n\r\nwords", "words"),
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nna\xefve", "naïve"),
        (b'Content-Type: text/plain; charset="a\\0b"\r\n\r\nwords', "words"),
        (b"Content-Transfer-Encoding: base64\r\n\r\nd29yZHM", "words"),
        (b"Content-Transfer-Encoding: base64\r\n\r\n!", ""),
        (b"Content-Transfer-Encoding: rot26\r\n\r\nwords", "words"),
        (
            b"Content-Type: multipart/mixed\r\n\r\nno boundary",
            "Content-Type: multipart/mixed\r\n\r\nno boundary",
        ),
        (b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nnever closed", "never closed"),
        (b"Content-Type: \xff/b\r\n\r\nwords", "Content-Type: \N{REPLACEMENT CHARACTER}/b\r\n\r\nwords"),
        (b"\r\n\0words", "\N{REPLACEMENT CHARACTER}words"),
    ],
)
def test_what_is_broken_is_read_as_far_as_it_can_be(raw: bytes, text: str) -> None:
    assert caught(raw).text == text


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (b"=?utf-8?b?4oKs?= 5", "€ 5"),
        (b"=?klingon?q?=41?=", "=?klingon?q?=41?="),
        (b"=?utf-8?b?!?= 5", "5"),
        (b"red \x1b[31m\xe2\x80\xae words", "red words"),
        (b"a\r\n\tfolded", "a folded"),
    ],
)
def test_a_header_is_one_harmless_line(header: bytes, subject: str) -> None:
    found = caught(b"Subject: " + header + b"\r\n\r\nwords").subject
    assert found.isprintable()
    assert found.replace("\N{REPLACEMENT CHARACTER}", "").split() == subject.split()


def test_what_is_huge_is_cut() -> None:
    found = caught(b"\r\n" + b"x" * 2 * MOST_TEXT)
    assert len(found.text) < MOST_TEXT + 100
    assert found.text.endswith("[… the rest is left out]")
    assert len(caught(b"Subject: " + b"x" * 100_000 + b"\r\n\r\n").subject) < 1000
    assert len(caught(b"A: b\r\n" * 10_000 + b"\r\n").headers) < 100


def test_what_is_nested_without_end_is_said_to_be() -> None:
    nested = b"Content-Type: message/rfc822\r\n\r\n" * 5000 + b"words"
    assert caught(nested).text in {UNREADABLE, "words", ""}


def test_an_attachment_is_not_taken_for_the_mail() -> None:
    mail = EmailMessage()
    mail.set_content("words")
    mail.add_attachment("<p>evil</p>", subtype="html", filename="x.html")
    assert caught(bytes(mail)).html == ""
