"""The mail that names several incidents at once."""

from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from zoneinfo import ZoneInfo

import pytest

from alerts.digest import MOST, Digest, letter, render
from alerts.message import FRONT_DESK, Renderer, Vendor
from tests.support.letters import (
    CREDENTIALS,
    HOSTILE,
    SUPPORT,
    at_the_desk,
    desk_digest,
    digest,
    incident,
    problem,
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def parse(found: Digest, renderer: Renderer) -> EmailMessage:
    message = BytesParser(policy=policy.SMTP).parsebytes(render(found, renderer))
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_subject_and_headers_name_what_it_is_about(renderer: Renderer) -> None:
    message = parse(digest(), renderer)
    assert message["Subject"] == (
        "[DIGEST] Grand Harbour Hotel: 1 EMERGENCY and 1 CRITICAL incident still open, 1 over"
    )
    assert message["X-Nightporter-Kind"] == "digest"
    assert message["X-Nightporter-Level"] == "2"
    assert message["X-Nightporter-Severity"] == "emergency"
    assert message["X-Nightporter-Incident"] == "inc-7f3a9c,inc-11aa22,inc-33bb44"
    assert message["X-Nightporter-Integration"].startswith("payment,door_locks,booking_engine,")
    assert message["Auto-Submitted"] == "auto-generated"
    assert "References" not in message


def test_every_incident_is_named_by_id_integration_and_state(renderer: Renderer) -> None:
    text = text_of(parse(digest(), renderer))
    for told in (
        "inc-7f3a9c · payment · open · critical, since 24 Nov 12:12 (20 h)",
        "inc-33bb44 · booking_engine, payment, expedia, email, network · acknowledged · emergency",
        "Ana Silva looks after it until 09:12",
        "inc-11aa22 · door_locks · resolved · warning, at 24 Nov 02:12, 1 h 10 min long: works again",
    ):
        assert told in text


def test_the_gravest_open_incident_comes_first() -> None:
    still, over, _ = letter(digest()).sections
    assert still.lines[0].text == "The hotel's internet connection is down"
    assert over.lines[0].text.startswith("door_locks: ")
    assert letter(digest()).tone == "emergency"


def test_one_incident_says_what_it_is_in_the_subject(renderer: Renderer) -> None:
    one = digest(incidents=digest().incidents[:1], new=frozenset({"inc-7f3a9c"}))
    on_top = "[DIGEST] Grand Harbour Hotel: 1 CRITICAL incident still open: payment: refuses our credentials"
    assert parse(one, renderer)["Subject"] == f"{on_top} (401)"
    assert parse(replace(one, level=FRONT_DESK), renderer)["Subject"] == on_top
    assert letter(one).headline == "1 critical incident is still open (1 new to you)."


def test_what_is_over_is_green(renderer: Renderer) -> None:
    one = digest(incidents=digest().incidents[1:2])
    assert parse(one, renderer)["Subject"].startswith(
        "[DIGEST] Grand Harbour Hotel: 1 incident is over: door_locks"
    )
    assert letter(one).headline == "1 incident is over."
    assert letter(one).tone == "resolved"


def test_what_is_open_says_what_to_do_and_how_to_acknowledge(renderer: Renderer) -> None:
    text = text_of(parse(digest(), renderer))
    assert "First step: Find out who changed or withdrew the key of payment" in text
    assert "Phone of the vendor: +49 30 5550 100" in text
    command = "nightporter --config /etc/hotel.yml incidents ack inc-7f3a9c"
    assert text.count(f"Acknowledge on the porter's host: {command}") == 1, "somebody looks after the other"


def test_with_a_public_address_there_is_a_link_to_acknowledge(renderer: Renderer) -> None:
    address = "https://porter.hotel.example/i/inc-7f3a9c/token"
    message = parse(digest(mail=lambda one: problem(one, ack_link=address)), renderer)
    html = message.get_body(("html",))
    assert html is not None
    assert f'href="{address}"' in str(html.get_content())
    assert f"Acknowledge: {address}" in text_of(message)


def test_what_is_new_to_the_reader_is_marked() -> None:
    back = replace(digest().incidents[2], epoch=2)
    first, second = digest().incidents[:2]
    found = digest(incidents=(first, second, back), new=frozenset({first.id, back.id}))
    still, over = letter(found).sections[:2]
    assert [one.text.partition(": ")[0] for one in still.lines] == ["Back again", "New to you"]
    assert over.lines[0].text.startswith("door_locks: ")
    assert "(2 new to you)" in letter(found).headline


def test_the_front_desk_reads_what_it_means_and_what_to_do_first(renderer: Renderer) -> None:
    text = text_of(parse(desk_digest(), renderer))
    assert "New to you: The payment gateway refuses our user name, password or key" in text
    assert "What it means: While this lasts, deposits and online payments cannot be taken." in text
    assert "What to do first: Use the card terminal at the desk" in text
    assert "Integration Support Team: +351 21 555 0100" in text
    assert "inc-7f3a9c · payment · open" in text
    assert not any(one in text for one in ("401", "nightporter incidents", "Acknowledge"))


def test_without_a_phone_the_front_desk_reads_that(renderer: Renderer) -> None:
    silent = replace(SUPPORT, phone=None)
    found = desk_digest(mail=lambda one: at_the_desk(problem(one, told=(silent,))))
    assert "Integration Support Team: no phone number is configured" in text_of(parse(found, renderer))


def test_of_a_flood_every_incident_is_named_and_a_few_are_told_at_length(renderer: Renderer) -> None:
    many = tuple(incident(id=f"inc-{number:04}") for number in range(MOST + 200))
    message = parse(digest(incidents=many), renderer)
    text = text_of(message)
    assert all(f"{one.id} · payment · open" in text for one in many)
    assert text.count("· critical, since") == MOST
    named = message["X-Nightporter-Incident"].split(",")
    assert named == [one.id for one in many[: len(named)]]
    assert len(named) > 50


@pytest.mark.parametrize("level", ["1", FRONT_DESK])
@pytest.mark.parametrize("link", [None, HOSTILE])
def test_hostile_text_is_inert(renderer: Renderer, level: str, link: str | None) -> None:
    found = replace(CREDENTIALS, summary=HOSTILE, sentence=HOSTILE, steps=(HOSTILE,))
    bad = incident(title=HOSTILE, id=HOSTILE, integrations=(HOSTILE,), outcome=HOSTILE, diagnosis=found)
    role = replace(SUPPORT, role=HOSTILE, phone=HOSTILE)
    mail = problem(
        bad, level=level, ack_command=HOSTILE, ack_link=link, told=(role,), vendor=Vendor(phone=HOSTILE)
    )
    hostile = digest(
        incidents=(bad, bad),
        mail=lambda _: mail,
        level=level,
        hotel_name=HOSTILE,
        reason=HOSTILE,
        command=HOSTILE,
    )
    raw = render(hostile, renderer)
    assert b"could not be written" not in raw
    message = BytesParser(policy=policy.SMTP).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    assert "Bcc" not in message
    html = message.get_body(("html",))
    assert html is not None
    assert "<script" not in str(html.get_content())
    assert len(message["Subject"]) <= 250
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_what_cannot_be_laid_out_goes_out_plain(renderer: Renderer) -> None:
    beyond = incident(opened_at=datetime.max.replace(tzinfo=UTC))
    raw = render(digest(incidents=(beyond,), timezone=ZoneInfo("Asia/Kolkata")), renderer)
    assert b"inc-7f3a9c: payment: open: payment: refuses our credentials (401)" in raw
    assert b"could not be written" in raw


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert render(digest(), Renderer()) == render(digest(), Renderer())
