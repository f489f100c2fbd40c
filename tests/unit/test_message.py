"""The mail: its headers, its two parts, and that nothing hostile gets through it."""

import os
import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from alerts.incident import Criterion, Severity
from alerts.message import Mail, NextStep, Renderer
from alerts.notification import Kind
from checks.result import CheckId, Reason, State
from tests.support.letters import NOW, REFUSED, ROOT, breach, incident, problem, resolved

GOLDEN = Path(__file__).parent / "golden"
SLOW = breach(
    Reason.THRESHOLD,
    "answers take 1430 ms on average, the limit is 1000 ms",
    state=State.WARNING,
    observed=1430.2,
    limit=1000.0,
    unit="ms",
)


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
        ("front-desk", problem(level="front-desk")),
    ],
)
def test_the_mail_reads_as_it_was_approved(renderer: Renderer, name: str, mail: Mail) -> None:
    message = parse(renderer.render(mail))
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
        "EVIDENCE",
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
    assert "Since 25 Nov 2026, 08:00:00 WET (UTC+00:00)" in text
    assert "Last ok 25 Nov 2026, 07:59:00 WET (UTC+00:00)" in text


def test_the_next_step_is_told_with_its_hotel_time(renderer: Renderer) -> None:
    step = NextStep("Technical Lead", NOW.replace(minute=27), "If nobody has acknowledged by then.")
    text = text_of(renderer, problem(next_step=step))
    assert "Next: Technical Lead at 08:27 WET (UTC+00:00). If nobody has acknowledged by then." in text


def test_a_warning_says_that_nobody_else_is_told(renderer: Renderer) -> None:
    text = text_of(renderer, problem(incident(SLOW, severity=Severity.WARNING, criteria=())))
    assert "Next: nobody else is told of a warning." in text


def test_an_unknown_cause_is_called_unknown_and_names_the_phase(renderer: Renderer) -> None:
    down = breach(Reason.CONNECT, "cannot connect to api.gateway.example:443: no route to host")
    text = text_of(renderer, problem(incident(down)))
    assert "Not known yet. The name is known, but the connection phase fails (TCP)." in text
    assert "nc -vz -w 5 api.gateway.example 443" in text


@pytest.mark.parametrize(("epoch", "times"), [(2, "2nd"), (3, "3rd"), (11, "11th"), (21, "21st")])
def test_what_comes_back_is_told_as_such(renderer: Renderer, epoch: int, times: str) -> None:
    text = text_of(renderer, problem(incident(epoch=epoch)))
    assert text.startswith(f"It is back, for the {times} time: The payment gateway refuses")


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
        "payment: refuses our credentials (401)",
        "25 Nov 2026, 08:00:00 WET (UTC+00:00) to 09:05 WET (UTC+00:00): 1 h 5 min.",
        "Its checks are ok again.",
        "deposits and online payments cannot be taken",
    ):
        assert told in text
    assert "It was over before" not in text_of(renderer, resolved())


def test_an_end_by_configuration_is_said_to_be_one(renderer: Renderer) -> None:
    gone = replace(resolved().incident, outcome="is no longer watched: the configuration changed")
    text = text_of(renderer, replace(resolved(), incident=gone))
    assert text.startswith("The payment gateway is no longer watched: the configuration changed.")
    assert "ok again" not in text


def test_the_front_desk_reads_no_codes(renderer: Renderer) -> None:
    text = text_of(renderer, problem(level="front-desk"))
    assert "WHAT TO DO AT THE DESK" in text
    assert not re.search(r"401|EVIDENCE|credentials\)", text)


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (Kind.ESCALATION, "The payment gateway"),
        (Kind.REMINDER, "Still so: The payment gateway"),
        (Kind.UPDATE, "Now critical: The payment gateway"),
        (Kind.DRILL, "This is a drill, nothing is broken: "),
    ],
)
def test_the_first_line_says_what_kind_of_mail_it_is(renderer: Renderer, kind: Kind, start: str) -> None:
    assert text_of(renderer, problem(kind=kind)).startswith(start)


def test_many_breaches_and_names_are_shortened(renderer: Renderer) -> None:
    many = tuple(replace(REFUSED, check=CheckId("grand-harbour", "payment", f"check{n}")) for n in range(40))
    names = tuple(f"vendor{number}" for number in range(50))
    text = text_of(renderer, problem(incident(*many), healthy=names))
    assert "and 32 more checks" in text
    assert "vendor19 and 30 more" in text
