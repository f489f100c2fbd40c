"""Nothing hostile gets through a mail, and no mail is lost to what cannot be laid out."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from alerts.impact import Deadline
from alerts.incident import Acknowledgement, Cause, Diagnosis, Incident
from alerts.message import Mail, NextStep, Renderer, Told, fallback, subject
from alerts.notification import Kind
from checks.result import CheckId, Reason
from tests.support.letters import HOSTILE, NOW, ROOT, breach, incident, problem, resolved


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def parse(raw: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.SMTP).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    assert not body.defects
    return str(body.get_content()).replace("\r\n", "\n")


def hostile_incident(*, whole: bool = False) -> Incident:
    bad = breach(Reason.CONTENT, HOSTILE, check=CheckId("grand-harbour", "payment", "health"))
    about = incident(bad)
    diagnosis = Diagnosis(
        Cause.VENDOR_OUTAGE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        (HOSTILE,) * 9,
        title=HOSTILE,
        sentence=HOSTILE,
        whole=whole,
        evidence=(HOSTILE,) * 9,
        missing=(HOSTILE,) * 9,
        runner_up=Cause.RATE_LIMITED,
        next_test=HOSTILE,
    )
    promise = Acknowledgement(HOSTILE, NOW, NOW, HOSTILE)
    return replace(about, title=HOSTILE, outcome=HOSTILE, diagnosis=diagnosis, acknowledgement=promise)


def test_the_bytes_are_fit_for_any_relay(renderer: Renderer) -> None:
    raw = renderer.render(problem(hotel_name="Hôtel d'Été 東京 " * 10, incident=hostile_incident()))
    raw.decode("ascii")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.endswith(b"\r\n")


class Elements(HTMLParser):
    """Collects what a browser would see as elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


HOSTILE_PROBLEM = problem(
    hostile_incident(),
    hotel_name=HOSTILE,
    told=(Told(HOSTILE, HOSTILE, (HOSTILE,), None),),
    next_step=NextStep(HOSTILE, None, HOSTILE),
    healthy=(HOSTILE,),
    affected=(HOSTILE,),
    docs_url="javascript:alert(1)//" + HOSTILE,
    ack_command=HOSTILE,
    ack_link="javascript:alert(1)//" + HOSTILE,
    reason=HOSTILE,
    standstill=HOSTILE,
    deadline=Deadline(NOW, HOSTILE),
)
HOSTILE_UPDATE = replace(HOSTILE_PROBLEM, kind=Kind.UPDATE, next_step=None)
HOSTILE_ROOT = replace(
    HOSTILE_PROBLEM, incident=replace(hostile_incident(whole=True), integrations=(HOSTILE,) * 9)
)
HOSTILE_DESK = replace(HOSTILE_PROBLEM, level="front-desk")
HOSTILE_END = resolved(hostile_incident(), hotel_name=HOSTILE, told_before=False)


@pytest.mark.parametrize("mail", [HOSTILE_PROBLEM, HOSTILE_UPDATE, HOSTILE_ROOT, HOSTILE_DESK, HOSTILE_END])
def test_hostile_text_is_inert_in_every_place(renderer: Renderer, mail: Mail) -> None:
    message = parse(renderer.render(mail))
    assert "Bcc" not in message
    assert "plain because" not in renderer.render(mail).decode()
    text, html = part(message, "plain"), part(message, "html")
    for body in (text, html, message["Subject"]):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", body)
        assert "5439" not in body
        assert "A" * 1000 not in body
    assert not re.search(r"^(Bcc|X$)", text, re.MULTILINE)
    seen = Elements()
    seen.feed(html)
    assert not seen.tags & {"script", "img", "table", "link", "iframe"}
    assert not any(name.startswith("on") for name in seen.attributes)
    assert 'href="javascript' not in html


def test_the_html_fetches_nothing(renderer: Renderer) -> None:
    html = part(parse(renderer.render(problem())), "html")
    assert not re.search(r"\bsrc=|url\(|@import|<link|<script", html)


def test_what_cannot_be_laid_out_goes_out_plain(renderer: Renderer) -> None:
    beyond = breach(Reason.CREDENTIALS, "refused", since=datetime.max.replace(tzinfo=UTC))
    broken = problem(incident(beyond), timezone=ZoneInfo("Asia/Kolkata"))
    message = parse(renderer.render(broken))
    assert message["Subject"] == "[CRITICAL] Grand Harbour Hotel: payment: refuses our credentials"
    assert message["Message-ID"] == ROOT
    assert message["X-Nightporter-Severity"] == "critical"
    body = message.get_content()
    assert "grand-harbour/payment/health: critical, refused" in body
    assert "could not be written: " in body


def test_the_plain_message_withstands_hostile_text() -> None:
    mail = problem(hostile_incident(), hotel_name=HOSTILE, recipient="a@b.example\r\nBcc: x@evil.example")
    raw = fallback(mail, HOSTILE)
    message = parse(raw)
    assert "Bcc" not in message
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\x1b" not in raw


def test_the_subject_is_one_line_of_bounded_length() -> None:
    line = subject(problem(hostile_incident(), hotel_name=HOSTILE))
    assert len(line) <= 250
    assert line.isprintable()
