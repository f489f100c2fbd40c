"""Incidents as words: lists, stories and Markdown, whatever remote systems and people have written."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.words.incident_markdown import escaped, markdown
from daemon.words.incident_text import coming, story, title_of
from tests.support.clock import START

LISBON = ZoneInfo("Europe/Lisbon")
LATER = START + timedelta(minutes=40)


def incident(**changes: Any) -> dict[str, Any]:
    """Return an incident as the API shows it."""
    found: dict[str, Any] = {
        "id": "k3x9d2m7qa",
        "hotel": "grand-harbour",
        "integrations": ["payment"],
        "state": "open",
        "severity": "critical",
        "criteria": ["critical-system-down"],
        "title": "payment: refuses our credentials (401)",
        "opened_at": "2026-11-25T08:00:00.000Z",
        "acknowledged_by": None,
        "acknowledged_until": None,
        "resolved_at": None,
        "outcome": None,
        "epoch": 1,
        "next_step": {
            "level": "2",
            "at": "2026-11-25T09:00:00.000Z",
            "reason": "Outside its hours until then.",
        },
        "standstill": None,
        "notifications": [],
        "timeline": [{"at": "2026-11-25T08:00:00.000Z", "kind": "opened", "text": "opened: it fails"}],
        "evidence": [
            {
                "check": "grand-harbour/payment/health",
                "state": "critical",
                "reason": "credentials",
                "message": "our credentials are refused (401)",
                "since": "2026-11-25T07:59:00.000Z",
                "last_ok": None,
                "observed": None,
                "limit": None,
                "unit": None,
            }
        ],
        "diagnosis": {
            "cause": "api-credentials-invalid",
            "confidence": "likely",
            "fault": "us",
            "summary": "The key is wrong.",
            "steps": ["Renew it."],
            "evidence": ["the control targets answer"],
            "missing": ["whether the key was withdrawn"],
            "runner_up": "property-not-authorised",
            "next_test": "Log in to the portal.",
        },
    }
    return found | changes


def mail(state: str, **changes: Any) -> dict[str, Any]:
    """Return a notification as the API shows it."""
    found = {
        "kind": "problem",
        "level": "1",
        "channel": "email",
        "recipient": "a@hotel.example",
        "state": state,
        "created_at": "2026-11-25T08:00:00.000Z",
        "sent_at": "2026-11-25T08:01:00.000Z" if state == "sent" else None,
        "last_error": None,
        "delivery_seconds": 2.0 if state == "sent" else None,
    }
    return found | changes


def test_a_story_tells_everything_in_hotel_time() -> None:
    said = story(incident(notifications=[mail("sent")]), ZoneInfo("America/New_York"), LATER)
    for part in (
        "25 Nov 2026, 03:00:00 EST (UTC-05:00)",
        "Lasts         40 min",
        "level 2 at 04:00. Outside its hours until then.",
        "payment/health is critical (credentials): our credentials are refused (401)",
        "Cause        api-credentials-invalid (likely)",
        "Whose fault  ours",
        "  - whether the key was withdrawn",
        "  1. Renew it.",
        "It may be property-not-authorised. To tell the two apart: Log in to the\n  portal.",
        "Problem to a@hotel.example (level 1, email): 2026-11-25 03:01 EST",
        "2026-11-25 03:00 EST  opened: it fails",
    ):
        assert part in said
    assert max(map(len, said.splitlines())) <= 80


def test_a_mail_that_did_not_get_out_says_why() -> None:
    rows = [mail("dead", last_error="550 no such user"), mail("pending", level="front-desk")]
    said = " ".join(story(incident(notifications=rows), LISBON, LATER).split())
    assert (
        "Problem to a@hotel.example (level 1, email): dead since 2026-11-25 08:00 WET: 550 no such user"
        in said
    )
    assert "(the front desk, email): pending since 2026-11-25 08:00 WET" in said


def test_what_comes_next_or_why_nothing_does() -> None:
    silent = incident(next_step=None, standstill="warnings go to level 1 only")
    assert coming(silent, LISBON, LATER) == "Next: nothing, warnings go to level 1 only."
    over = incident(resolved_at="2026-11-25T08:30:00.000Z")
    assert coming(over, LISBON, LATER) == "Resolved at 2026-11-25 08:30 WET."


def test_a_title_begins_with_a_capital_letter_but_a_name_stays_as_it_is() -> None:
    assert title_of(incident()) == "payment: refuses our credentials (401)"
    assert title_of(incident(title="the internet connection is down")) == "The internet connection is down"


def test_the_document_holds_facts_timeline_diagnosis_people_and_what_was_done() -> None:
    note = {"at": "2026-11-25T08:20:17.000Z", "kind": "note", "text": "Ada: called the vendor"}
    one = incident(
        state="resolved",
        resolved_at="2026-11-25T08:30:00.000Z",
        outcome="works again",
        notifications=[mail("sent")],
        timeline=[*incident()["timeline"], note],
    )
    said = markdown(one, LISBON, LATER)
    assert said.splitlines()[0] == r"# \[CRITICAL\] payment: refuses our credentials (401)"
    for part in (
        "| Lasted | 30 min |",
        "| Resolved | 25 Nov 2026, 08:30:00 WET (UTC+00:00): works again |",
        "| Cause | api-credentials-invalid (likely) |",
        "## Diagnosis\n\nThe key is wrong.\n\n### What shows it\n\n- the control targets answer",
        "1. Renew it.",
        "| 2026-11-25 08:01 WET | a@hotel.example | level 1 | problem | email | 2 s | sent |",
        "## What was done\n\n| When | What |\n| --- | --- |\n",
        "| --- | --- |\n| 2026-11-25 08:20:17 WET | Ada: called the vendor",
    ):
        assert part in said


def test_nobody_told_and_nothing_done_is_said() -> None:
    said = markdown(incident(), LISBON, LATER)
    assert "Nobody was told." in said
    assert "Nobody has written anything down." in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
        ("a | b", r"a \| b"),
        ("[x](https://evil.example)", r"\[x\](https\://evil.example)"),
        ("www.evil.example", r"www\.evil.example"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("- no list", r"\- no list"),
        ("--- no rule", r"\--- no rule"),
        ("2026-11-25", "2026-11-25"),
        ("`code` *strong* _em_ ~~gone~~ &amp; \\", r"\`code\` \*strong\* \_em\_ \~\~gone\~\~ \&amp; \\"),
        ("one\n\n# two", r"one \# two"),
        ("\x1b[31mred\x1b[0m \u202eevil", "red evil"),
    ],
)
def test_markdown_shows_what_others_wrote_as_it_is(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_a_hostile_incident_breaks_neither_screen_nor_document() -> None:
    evil = "\x1b]0;owned\x07<img src=x> | \r\n# pwned"
    breach = incident()["evidence"][0] | {"message": evil}
    one = incident(
        title=evil, evidence=[breach], timeline=[{"at": "2026-11-25T08:00:00Z", "kind": "note", "text": evil}]
    )
    screen, document = story(one, LISBON, LATER), markdown(one, LISBON, LATER)
    assert "\x1b" not in screen + document
    assert "\n# pwned" not in screen + document
    assert "\n#" not in document.replace("\n## ", "").replace("\n### ", "")
    rows = [line for line in document.splitlines() if line.startswith("| 2026")]
    assert rows == [r"| 2026-11-25 08:00:00 WET | \<img src=x\> \| \# pwned |"] * 2
