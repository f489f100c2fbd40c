"""The mail: its headers, its two parts, and that nothing hostile gets through it."""

import os
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from alerts import digest as digests
from alerts.incident import Criterion, Severity
from alerts.message import Mail, Renderer
from checks.result import CheckId, Reason, State
from tests.support.letters import (
    NEXT,
    REFUSED,
    ROOT,
    at_the_desk,
    breach,
    cut_off,
    desk_digest,
    digest,
    escalated,
    incident,
    problem,
    resolved,
    waiting,
)

GOLDEN = Path(__file__).parent / "golden"
SLOW = breach(
    Reason.THRESHOLD,
    "answers take 1430 ms on average, the limit is 1000 ms",
    state=State.WARNING,
    observed=1430.2,
    limit=1000.0,
    unit="ms",
)
DOWN = breach(Reason.SERVER_ERROR, "the answer was 503", check=CheckId("grand-harbour", "expedia", "rates"))


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


def text_of(renderer: Renderer, mail: Mail) -> str:
    return part(parse(renderer.render(mail)), "plain")


@pytest.mark.parametrize(
    ("name", "mail"),
    [
        ("problem", problem()),
        ("resolved", resolved()),
        ("resolved-untold", resolved(told_before=False)),
        ("front-desk", at_the_desk(problem(next_step=NEXT))),
        ("front-desk-resolved", at_the_desk(resolved())),
        ("root", cut_off()),
        ("root-front-desk", at_the_desk(cut_off())),
        ("root-resolved", resolved(cut_off().incident)),
        ("escalation", escalated()),
        ("waiting", waiting()),
        ("unknown", problem(incident(DOWN, kind="ota", severity=Severity.WARNING, criteria=()), affected=())),
    ],
)
def test_the_mail_reads_as_it_was_approved(renderer: Renderer, name: str, mail: Mail) -> None:
    as_approved(name, parse(renderer.render(mail)))


def test_the_digest_reads_as_it_was_approved(renderer: Renderer) -> None:
    as_approved("digest", parse(digests.render(digest(), renderer)))
    as_approved("digest-front-desk", parse(digests.render(desk_digest(), renderer)))


def as_approved(name: str, message: EmailMessage) -> None:
    for kind, suffix in (("plain", "txt"), ("html", "html")):
        golden = GOLDEN / f"{name}.{suffix}"
        if os.environ.get("UPDATE_GOLDEN"):
            golden.write_text(part(message, kind))
        assert part(message, kind) == golden.read_text()


def test_headers_are_those_of_the_contract(renderer: Renderer) -> None:
    message = parse(renderer.render(problem()))
    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": "Night Porter <nightporter@hotel.example>",
        "To": "integration-support@hotel.example",
        "Subject": "[CRITICAL] Grand Harbour Hotel: payment: refuses our credentials (401)",
        "Date": "Wed, 25 Nov 2026 08:12:30 +0000",
        "Message-ID": ROOT,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Nightporter-Hotel": "grand-harbour",
        "X-Nightporter-Integration": "payment",
        "X-Nightporter-Incident": "inc-7f3a9c",
        "X-Nightporter-Severity": "critical",
        "X-Nightporter-Level": "1",
        "X-Nightporter-Kind": "problem",
        "X-Nightporter-Cause": "api-credentials-invalid",
        "X-Nightporter-Criteria": "critical-system-down",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }
    assert [one.get_content_type() for one in message.iter_parts()] == ["text/plain", "text/html"]


def test_a_later_mail_joins_the_thread_of_the_first(renderer: Renderer) -> None:
    first, later = parse(renderer.render(problem())), parse(renderer.render(resolved()))
    assert "References" not in first
    assert later["In-Reply-To"] == later["References"] == ROOT
    assert later["Subject"].startswith("[RESOLVED] Grand Harbour Hotel: payment: ")


def test_criteria_are_absent_when_none_holds(renderer: Renderer) -> None:
    mail = problem(incident(severity=Severity.WARNING, criteria=()))
    assert "X-Nightporter-Criteria" not in parse(renderer.render(mail))


def test_several_integrations_and_criteria_are_separated_by_commas(renderer: Renderer) -> None:
    names = tuple(f"integration_number_{number}" for number in range(30))
    both = (Criterion.CRITICAL_SYSTEM_DOWN, Criterion.MULTIPLE_INTEGRATIONS)
    message = parse(renderer.render(problem(incident(integrations=names, criteria=both))))
    assert message["X-Nightporter-Integration"].split(",") == list(names)
    assert message["X-Nightporter-Criteria"] == "critical-system-down,multiple-integrations"


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert Renderer().render(problem()) == Renderer().render(problem())


def test_long_message_ids_survive_whole(renderer: Renderer) -> None:
    own, root = f"<{'a' * 120}@hotel.example>", f"<{'b' * 120}@hotel.example>"
    raw = renderer.render(problem(message_id=own, thread_root=root))
    assert f"Message-ID: {own}\r\n".encode() in raw
    assert f"References: {root}\r\n".encode() in raw


def test_a_hotel_name_in_any_script_arrives_as_it_is(renderer: Renderer) -> None:
    mail = problem(hotel_name="Hôtel “Ärö” 東京", sender="Nachtportier Müller, Köln <np@hotel.example>")
    message = parse(renderer.render(mail))
    assert message["Subject"] == "[CRITICAL] Hôtel “Ärö” 東京: payment: refuses our credentials (401)"
    assert "Hôtel “Ärö” 東京" in part(message, "plain")


def test_the_first_line_stands_alone_and_has_no_codes(renderer: Renderer) -> None:
    first = text_of(renderer, problem()).splitlines()[0]
    assert first == "The payment gateway refuses our user name, password or key."


def test_the_sections_come_in_the_order_of_the_contract(renderer: Renderer) -> None:
    text = text_of(renderer, problem())
    headings = [line for line in text.splitlines() if line.isupper() and "·" not in line]
    assert headings == [
        "WHAT THIS MEANS",
        "PROBABLE CAUSE",
        "WHAT TO DO",
        "EVIDENCE (HOTEL TIME, UTC+00:00)",
        "WHAT ELSE",
        "WHO WAS TOLD, WHO IS NEXT",
        "ACKNOWLEDGE",
        "VENDOR",
        "MORE",
    ]
    assert text.index("H-1234") < text.index("wiki.hotel.example") < text.index("Incident inc-7f3a9c")


def test_the_evidence_holds_the_observed_against_the_limit_in_hotel_time(renderer: Renderer) -> None:
    text = text_of(renderer, problem(incident(SLOW, severity=Severity.WARNING, criteria=())))
    assert "Observed 1430 ms, limit 1000 ms" in text
    assert "EVIDENCE (HOTEL TIME, UTC+00:00)" in text
    assert "limit 1000 ms; since 08:00:00, last ok 07:59:00" in text


def test_a_warning_says_that_nobody_else_is_told(renderer: Renderer) -> None:
    warning = incident(SLOW, severity=Severity.WARNING, criteria=())
    text = text_of(renderer, problem(warning, standstill=""))
    assert "Next: nobody else is told of a warning." in text


def test_an_unknown_cause_is_called_unknown_and_names_the_phase(renderer: Renderer) -> None:
    down = breach(Reason.CONNECT, "cannot connect to api.gateway.example:443: no route to host")
    text = text_of(renderer, problem(incident(down)))
    assert "Not known yet. The name is known, but the connection phase fails (TCP)." in text
    assert "nc -vz -w 5 api.gateway.example 443" in text


def test_a_generic_integration_gets_an_honest_consequence(renderer: Renderer) -> None:
    locks = breach(
        Reason.TIMEOUT, "no answer within 10 s", check=CheckId("grand-harbour", "door_locks", "gateway")
    )
    text = text_of(renderer, problem(incident(locks, kind="generic")))
    assert "does not know what the hotel uses door_locks for" in text


def test_a_resolved_mail_to_one_who_never_heard_tells_the_whole_story(renderer: Renderer) -> None:
    text = text_of(renderer, resolved(told_before=False))
    for told in (
        "It was over before the mail about it reached you.",
        "payment: refuses our credentials (401). The check health saw: ",
        "25 Nov 2026, 08:00:00 to 09:05:00 WET (UTC+00:00): 1 h 5 min.",
        "Its checks are ok again.",
        "deposits and online payments cannot be taken",
    ):
        assert told in text
    assert "It was over before" not in text_of(renderer, resolved())


def test_many_breaches_and_names_are_shortened(renderer: Renderer) -> None:
    many = tuple(replace(REFUSED, check=CheckId("grand-harbour", "payment", f"check{n}")) for n in range(40))
    names = tuple(f"vendor{number}" for number in range(50))
    text = text_of(renderer, problem(incident(*many), healthy=names))
    assert "and 34 more checks" in text
    assert "vendor19 and 30 more" in text


@pytest.mark.parametrize(
    ("mail", "most"),
    [
        (replace(cut_off(), reason="because", affected=("door_locks",)), 60),
        (problem(incident(*(REFUSED,) * 20), next_step=NEXT, ack_link="https://porter.example/"), 60),
        (resolved(cut_off().incident, told_before=False), 60),
        (at_the_desk(cut_off()), 25),
        (at_the_desk(resolved(told_before=True)), 25),
    ],
)
def test_a_mail_is_no_longer_than_a_tired_reader_takes(renderer: Renderer, mail: Mail, most: int) -> None:
    text = text_of(renderer, mail)
    assert len(text.splitlines()) <= most
