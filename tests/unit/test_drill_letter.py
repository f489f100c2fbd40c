"""A drill can be taken for nothing but a drill, and says how to acknowledge it."""

import json
import os
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from alerts.drill_letter import DrillMail, letter, render, subject
from alerts.message import Renderer
from alerts.notification import Kind, Notification
from tests.support.drills import MAILBOX, WRITER, asked_for, plan_of
from tests.support.letters import HOSTILE

GOLDEN = Path(__file__).parent / "golden"


def letters(level: str = "1", mailbox: str | None = None) -> tuple[Notification, ...]:
    return WRITER.write(asked_for(level), plan_of(level, mailbox))[1]


def read(one: Notification) -> EmailMessage:
    message = BytesParser(policy=policy.SMTP).parsebytes(one.message)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("name", "level", "number"), [("drill", "1", 0), ("drill-read-back", "1", 2), ("drill-level-2", "2", 0)]
)
def test_the_mail_reads_as_it_should(name: str, level: str, number: int) -> None:
    message = read(letters(level, MAILBOX)[number])
    for kind, ending in (("plain", "txt"), ("html", "html")):
        file = GOLDEN / f"{name}.{ending}"
        if os.environ.get("UPDATE_GOLDEN"):
            file.write_text(part(message, kind))
        assert part(message, kind) == file.read_text()


def test_its_headers_say_drill_and_nothing_that_an_alarm_says() -> None:
    message = read(letters()[0])
    ours = {name: value for name, value in message.items() if name.startswith("X-Nightporter-")}
    assert ours == {
        "X-Nightporter-Hotel": "grand-harbour",
        "X-Nightporter-Level": "1",
        "X-Nightporter-Kind": "drill",
        "X-Nightporter-Drill": "k3x9d2m7qa",
    }
    assert message["Subject"] == "[DRILL] Grand Harbour Hotel: this is a test, nothing is wrong"
    assert message["Auto-Submitted"] == "auto-generated"


def test_there_is_a_message_to_each_with_a_key_of_its_own_and_of_no_incident() -> None:
    found = letters("2", MAILBOX)
    assert [(one.channel, one.recipient) for one in found] == [
        ("email", "lead@hotel.example"),
        ("hook", "hook"),
        ("email", MAILBOX),
    ]
    assert {(one.incident, one.epoch, one.kind) for one in found} == {("", 0, Kind.DRILL)}
    assert len({one.id for one in found}) == len({one.message_id for one in found}) == 3
    assert found[0].key == "drill:k3x9d2m7qa:lead@hotel.example:email"
    assert found[0].message_id.startswith("<drill.k3x9d2m7qa.")
    assert found == letters("2", MAILBOX), "the same request is the same bytes"


def test_the_mailbox_that_is_only_read_back_acknowledges_nothing() -> None:
    text = part(read(letters("1", MAILBOX)[2]), "plain")
    assert "/i/d-" not in text
    assert "drill ack" not in text


def test_a_webhook_gets_no_incident() -> None:
    said = json.loads(letters("2")[1].message)
    assert "incident" not in said
    assert "severity" not in said
    assert said["kind"] == "drill"
    assert said["drill"]["text"] == "This is a test: nothing is wrong."
    assert said["drill"]["acknowledge"].startswith("https://porter.hotel.example/i/d-k3x9d2m7qa/")


def test_a_short_message_says_test_first() -> None:
    said = json.loads(letters("3")[1].message)
    assert said["type"] == "info"
    assert said["title"].startswith("[DRILL] ")
    assert said["body"].startswith("This is a test: nothing is wrong.")


def test_what_people_type_harms_nothing() -> None:
    hostile = replace(asked_for(), by=HOSTILE, note=HOSTILE, hotel_name=HOSTILE)
    drill, found = WRITER.write(hostile, plan_of())
    assert drill.by == HOSTILE
    message = read(found[0])
    assert message.get_all("Bcc") is None
    assert "<script" not in part(message, "html")
    assert "\x1b" not in part(message, "plain")


def test_a_mail_that_cannot_be_laid_out_is_plain_and_still_a_drill() -> None:
    class Torn(Renderer):
        def lay_out(self, *_: object) -> bytes:
            raise ValueError

    drill, _ = WRITER.write(asked_for(), plan_of())
    mail = DrillMail("p@h.example", "a@h.example", "<a@h.example>", drill, "H", asked_for().timezone)
    mail = replace(mail, ack_link="https://p.example/i/d-x/y", ack_command="nightporter drill ack x")
    message = BytesParser(policy=policy.SMTP).parsebytes(render(mail, Torn()))
    assert message["Subject"] == subject(mail)
    assert "This is a test: nothing is wrong." in message.get_content()
    assert "nightporter drill ack x" in message.get_content()


def test_without_a_page_the_command_is_the_way() -> None:
    drill, _ = WRITER.write(asked_for(), plan_of())
    mail = DrillMail("p@h.example", "a@h.example", "<a@h.example>", drill, "H", asked_for().timezone)
    ways = next(
        one
        for one in letter(replace(mail, ack_command="np drill ack x")).sections
        if one.heading == "Acknowledge"
    )
    assert [line.text for line in ways.lines] == ["On the porter's host: np drill ack x"]
