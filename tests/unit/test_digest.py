"""The mail that names several incidents at once."""

from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from zoneinfo import ZoneInfo

import pytest

from alerts.digest import MOST, Digest, letter, render
from alerts.message import Renderer
from tests.support.letters import HOSTILE, cut_off, digest, incident


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
    assert message["Subject"] == "[DIGEST] Grand Harbour Hotel: 3 incidents while the office was closed"
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


def test_one_incident_is_one_and_what_is_over_is_green(renderer: Renderer) -> None:
    one = digest(incidents=digest().incidents[1:2], occasion="held back")
    assert parse(one, renderer)["Subject"] == "[DIGEST] Grand Harbour Hotel: 1 incident held back"
    assert letter(one).headline == "1 incident held back: all over."
    assert letter(one).tone == "resolved"


def test_of_a_flood_every_incident_is_named_and_a_few_are_told_at_length(renderer: Renderer) -> None:
    many = tuple(incident(id=f"inc-{number:04}") for number in range(MOST + 200))
    message = parse(digest(incidents=many), renderer)
    text = text_of(message)
    assert all(f"{one.id} · payment · open" in text for one in many)
    assert text.count("· critical, since") == MOST
    named = message["X-Nightporter-Incident"].split(",")
    assert named == [one.id for one in many[: len(named)]]
    assert len(named) > 50


def test_hostile_text_is_inert(renderer: Renderer) -> None:
    bad = replace(cut_off().incident, title=HOSTILE, id=HOSTILE, integrations=(HOSTILE,), outcome=HOSTILE)
    raw = render(digest(incidents=(bad, bad), hotel_name=HOSTILE, occasion=HOSTILE), renderer)
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
