"""The mail that brings a report: its envelope, its parts, and that it is never too large."""

from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest

from alerts.reports.heading import called, known, period
from alerts.reports.letter import ReportLetter, ReportLetters
from alerts.reports.report import Kind, Report, Table
from tests.support.png import read
from tests.support.reports import EXAMPLES, big, chart, hostile, report, row, section

URL = "https://porter.hotel.example"


@pytest.fixture(scope="module")
def letters() -> ReportLetters:
    return ReportLetters()


def letter(one: Report, url: str | None = URL) -> ReportLetter:
    return ReportLetter(
        report=one,
        sender="Night Porter <nightporter@hotel.example>",
        recipient="integration-support@hotel.example",
        level="1",
        message_id="<report.grand-harbour.1@hotel.example>",
        date=one.made_at,
        public_url=url,
    )


def parse(raw: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.SMTP).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def text_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_the_parts_are_text_and_html_with_its_pictures(letters: ReportLetters) -> None:
    message = parse(letters.render(letter(big(Kind.DAILY))))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        *["image/png"] * 4,
    ]
    html = text_of(message, "html")
    for part in message.walk():
        if part.get_content_type() == "image/png":
            assert f'src="cid:{part["Content-ID"].strip("<>")}"' in html
            assert part.get_content_disposition() == "inline"
            assert read(part.get_content()).rows


def test_a_report_without_charts_is_an_ordinary_mail(letters: ReportLetters) -> None:
    message = parse(letters.render(letter(EXAMPLES["empty"])))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_the_envelope_says_what_it_is_and_names_no_incident(letters: ReportLetters) -> None:
    message = parse(letters.render(letter(big(Kind.DAILY))))
    assert message["X-Nightporter-Kind"] == "report"
    assert message["X-Nightporter-Hotel"] == "grand-harbour"
    assert message["X-Nightporter-Level"] == "1"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"] == "integration-support@hotel.example"
    assert message["Message-ID"] == "<report.grand-harbour.1@hotel.example>"
    assert "X-Nightporter-Incident" not in message
    assert message["Subject"] == (
        "[REPORT] Grand Harbour Hotel: daily, Sunday 29 Nov: "
        "2 incidents, nothing is open, the certificate of payment expires in 6 days"
    )


@pytest.mark.parametrize(("kind", "name"), [("weekly", "week of Monday 23 Nov"), ("monthly", "October 2026")])
def test_a_time_is_called_by_what_it_is(kind: str, name: str) -> None:
    one = EXAMPLES[kind]
    assert called(one) == name
    assert called(replace(one, ends=one.ends - timedelta(days=4))) == f"{name} so far, as of 06:00"


def test_a_day_is_told_in_hotel_time_and_a_short_one_is_whole() -> None:
    march = EXAMPLES["daily"].ends.replace(month=3, day=28)
    day = replace(EXAMPLES["daily"], begins=march, ends=march + timedelta(hours=23))
    assert called(day) == "Saturday 28 Mar"
    assert called(replace(day, ends=day.ends - timedelta(minutes=1))) == "Saturday 28 Mar so far, as of 05:59"
    october = march.replace(month=10, day=24, hour=5)
    long_day = replace(day, begins=october, ends=october + timedelta(hours=24))
    assert called(long_day) == "Saturday 24 Oct so far, as of 05:00"
    assert called(replace(long_day, ends=october + timedelta(hours=25))) == "Saturday 24 Oct"
    # At 02:30 on the day before, at 03:00 on the day itself: the clocks of Berlin skip what is between.
    skips = replace(day, timezone="Europe/Berlin", begins=march.replace(day=29, hour=1))
    assert called(replace(skips, ends=march.replace(day=30, hour=0, minute=30))) == "Sunday 29 Mar"
    assert called(replace(skips, ends=march.replace(day=29, hour=23))) == "Sunday 29 Mar so far, as of 01:00"
    assert period(day) == "Saturday 28 Mar 2026, 06:00 to Sunday 29 Mar 2026, 06:00 (Europe/Lisbon)"


def test_it_is_said_since_when_anything_is_known() -> None:
    assert known(EXAMPLES["daily"]) == ""
    assert known(EXAMPLES["one-day"]) == "Recorded since Sunday 29 Nov 2026, 06:00; nothing is known before."
    assert known(EXAMPLES["empty"]) == "Nothing is recorded of this time."


def test_a_letter_leads_to_the_stored_report_and_of_a_time_not_over_to_none(letters: ReportLetters) -> None:
    one = big(Kind.DAILY)
    whole = text_of(parse(letters.render(letter(one))), "plain")
    assert f"{URL}/reports/grand-harbour/daily/2026-11-30T06:00Z\r\n" in whole
    early = text_of(parse(letters.render(letter(replace(one, ends=one.ends - timedelta(hours=9))))), "plain")
    assert "so far, as of 21:00" in " ".join(early.split())
    assert "/reports/" not in early
    assert "/reports/" not in text_of(parse(letters.render(letter(one, None))), "plain")


def test_a_letter_is_the_same_bytes_whenever_it_is_made(letters: ReportLetters) -> None:
    one = letter(big(Kind.WEEKLY))
    assert letters.render(one) == ReportLetters().render(one)


@pytest.mark.parametrize(("many", "drawn"), [(20, 4), (40, 0)])
def test_a_big_hotel_has_a_letter_that_is_not_too_large(
    letters: ReportLetters, many: int, drawn: int
) -> None:
    rows = tuple(
        row(*(f"{name} {place}" for name in ("integration", "a", "b", "c", "d"))) for place in range(500)
    )
    tables = (Table("t", ("Integration", "A", "B", "C", "D"), rows),) * 6
    charts = tuple(chart(f"integration {place}", 366, "a", "b") for place in range(many))
    raw = letters.render(letter(report(section("Much", *tables), section("Times", *charts))))
    assert len(raw) < 100_000
    message = parse(raw)
    assert "more, on the page." in text_of(message, "plain")
    assert text_of(message, "html").count("answered within") == many
    assert sum(part.get_content_type() == "image/png" for part in message.walk()) >= drawn


@pytest.mark.parametrize("name", ["weekly", "hostile"])
def test_lines_are_as_short_as_mail_wants_them(letters: ReportLetters, name: str) -> None:
    raw = letters.render(letter({**EXAMPLES, "hostile": hostile()}[name]))
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    assert "Bcc" not in parse(raw)


def test_a_report_that_cannot_be_laid_out_is_told_plainly(letters: ReportLetters) -> None:
    raw = letters.render(letter(replace(big(Kind.DAILY), timezone="Nowhere/Never")))
    message = parse(raw)
    assert message.get_content_type() == "text/plain"
    assert message["X-Nightporter-Kind"] == "report"
    said = str(message.get_content())
    assert "2 incidents, nothing is open" in said
    assert "- payment: refuses our credentials (401)" in said
    assert "could not be written" in said
