"""What helps with an incident stands at its place in the mail, in a few lines, and writes to the vendor."""

from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.aids.aid import Aid, AidKind, Due, Ticket
from alerts.briefing import account
from alerts.message_aids import LINK_LENGTH, MOST_LINES, mailto
from alerts.message_letter import letter
from alerts.message_mail import Mail
from alerts.notification import Kind
from tests.support.letters import HOSTILE, NOW, at_the_desk, problem, resolved

TICKET = Ticket("help@gateway.example", "H-1234: 401 & more?", "Hello,\n\nwe see 100 % failures.\n")
EVERY = (
    Aid(AidKind.TICKET, "A letter to the vendor", ticket=TICKET),
    Aid(AidKind.BUDGET, "Mail budget", ("1990 of 2000 used",)),
    Aid(AidKind.TRIAGE, "Bookings to enter", tuple(f"B{number}: arrives today" for number in range(9))),
    Aid(
        AidKind.CLOCK,
        "Deadlines",
        desk=("Expedia mails today's bookings from 08:30: look into the inbox.",),
        due=(
            Due("Expedia, arrivals tomorrow", "sends bookings by e-mail", NOW + timedelta(minutes=40)),
            Due("Expedia, arrivals today", "sends bookings by e-mail", NOW - timedelta(minutes=1)),
        ),
    ),
)


def headings(mail: Mail) -> list[str]:
    return [section.heading for section in letter(mail).sections]


def lines_of(mail: Mail, heading: str) -> list[str]:
    return [line.text for one in letter(mail).sections if one.heading == heading for line in one.lines]


def test_each_aid_stands_where_a_reader_looks_for_it() -> None:
    found = headings(problem(aids=EVERY))
    assert found[:4] == ["What this means", "Deadlines", "Bookings to enter", "Probable cause"]
    assert found.index("Mail budget") == found.index("What else") - 1


def test_what_is_due_first_is_told_first_and_what_has_passed_says_so() -> None:
    assert lines_of(problem(aids=EVERY), "Deadlines") == [
        "Expedia, arrivals today: sends bookings by e-mail since 08:11 (passed)",
        "Expedia, arrivals tomorrow: sends bookings by e-mail from 08:52 (40 min left)",
    ]


def test_a_mail_shows_a_few_lines_and_the_page_all() -> None:
    mail = problem(aids=EVERY)
    shown = lines_of(mail, "Bookings to enter")
    assert len(shown) == MOST_LINES
    assert shown[-1].startswith("All that are known, and the statements ")
    assert "6" not in shown[-1], "lines are no bookings"
    (whole,) = (one for one in account(mail).sections if one.heading == "Bookings to enter")
    assert len(whole.lines) == 9


def test_the_front_desk_reads_its_own_lines_only() -> None:
    mail = at_the_desk(problem(aids=EVERY))
    assert "Bookings to enter" not in headings(mail)
    assert lines_of(mail, "Deadlines") == list(EVERY[3].desk)


def test_a_mail_that_it_is_over_helps_with_nothing() -> None:
    mail = resolved(aids=EVERY)
    assert mail.kind is Kind.RESOLVED
    assert not {"Deadlines", "Mail budget"} & set(headings(mail))


def test_the_vendor_is_written_to_at_the_touch_of_a_button() -> None:
    (first, *_) = (
        one for s in letter(problem(aids=EVERY)).sections if s.heading == "Vendor" for one in s.lines
    )
    assert first.button == "Write to their support"
    assert first.text.endswith("nightporter incidents ticket inc-7f3a9c")
    assert first.link == mailto(TICKET)


def test_what_a_remote_system_says_does_no_harm() -> None:
    mail = problem(aids=(Aid(AidKind.CLOCK, HOSTILE, (HOSTILE,), due=(Due(HOSTILE, HOSTILE, NOW),)),))
    said = [
        text for one in letter(mail).sections for text in (one.heading, *(line.text for line in one.lines))
    ]
    assert all(text.isprintable() and len(text) < 1000 for text in said)


@pytest.mark.parametrize("to", ["help@gateway.example", 'a?b&c"@x.example'])
def test_a_ticket_survives_its_link(to: str) -> None:
    link = urlsplit(mailto(Ticket(to, TICKET.subject, TICKET.body)))
    assert link.scheme == "mailto"
    assert unquote(link.path) == to
    asked = parse_qs(link.query, strict_parsing=True)
    assert asked == {"subject": [TICKET.subject], "body": [TICKET.body.replace("\n", "\r\n")]}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=6000))
def test_a_link_is_never_too_long_and_never_cut_within_a_character(body: str) -> None:
    link = mailto(Ticket("help@gateway.example", "S", body))
    assert len(link) <= LINK_LENGTH
    assert link.isascii()
    said = unquote(link.rpartition("body=")[2], errors="strict").replace("\r\n", "\n")
    start = said.removesuffix("\n[…]\n")
    assert body.replace("\r\n", "\n").startswith(start.replace("\r\n", "\n"))
