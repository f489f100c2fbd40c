"""The incident note: complete enough to file, and Markdown whatever is in it."""

import re
from datetime import timedelta
from typing import Any

from alerts.aids.aid import Aid, AidKind, Due
from alerts.aids.aid_json import aid_json
from alerts.aids.ticket import ticket
from daemon.words.incident_markdown import BETTER, markdown
from tests.support.clock import START
from tests.support.letters import HOSTILE
from tests.unit.test_aids_ticket import DOWN, sight
from tests.unit.test_cli_incident_words import LATER, LISBON, incident, mail

CLOCK = Aid(
    AidKind.CLOCK,
    "Deadlines (hotel time)",
    ("Key in what comes by e-mail.",),
    due=tuple(
        Due(who, "sends bookings by e-mail", START + timedelta(minutes=minutes))
        for who, minutes in (("Expedia, arrivals today (25 Nov)", 25), ("Expedia, later arrivals", 1435))
    ),
)
ENDED = {"state": "resolved", "resolved_at": "2026-11-25T08:30:00.000Z", "outcome": "works again"}
ACKNOWLEDGED = {"at": "2026-11-25T08:10:00.000Z", "kind": "acknowledged", "text": "acknowledged by Ada"}


def whole(**changes: Any) -> str:
    letter = ticket(sight(DOWN))
    assert letter is not None
    one = incident(
        impact=["Deposits cannot be taken."],
        aids=[aid_json(CLOCK), aid_json(letter)],
        timeline=[*incident()["timeline"], ACKNOWLEDGED],
        notifications=[mail("sent", delivery_seconds=61.5)],
    )
    return markdown(one | changes, LISBON, LATER)


def part(said: str, heading: str) -> str:
    return said.partition(f"## {heading}\n\n")[2].partition("\n\n## ")[0]


def test_it_says_what_it_meant_and_whether_deadlines_passed() -> None:
    assert part(whole(**ENDED), "Impact") == (
        "Deposits cannot be taken.\n\n### Deadlines (hotel time)\n\n"
        "- Expedia, arrivals today (25 Nov): sends bookings by e-mail from 2026-11-25 08:25 WET: passed, "
        "5 min before it was over\n"
        "- Expedia, later arrivals: sends bookings by e-mail from 2026-11-26 07:55 WET: not reached\n"
        "- Key in what comes by e-mail."
    )
    still = part(whole(), "Impact")
    assert "passed, 15 min ago" in still
    assert "23 h 15 min left" in still


def test_it_says_who_was_told_how_fast_who_looked_after_it_and_how_it_ended() -> None:
    said = whole(**ENDED)
    assert "| level 1 | problem | email | 1 min 2 s | sent |" in part(said, "Who was told")
    assert "acknowledged by Ada" in part(said, "Who looked after it")
    assert (
        part(said, "How it ended") == "Works again, at 25 Nov 2026, 08:30:00 WET (UTC+00:00), after 30 min."
    )
    assert part(whole(), "How it ended") == "It is not over: it lasts for 40 min now."


def test_an_incident_that_came_back_tells_all_openings() -> None:
    lines = (("07:52:00", "opened"), ("07:52:15", "resolved"), ("08:00:00", "reopened"))
    timeline = [{"at": f"2026-11-25T{at}.000Z", "kind": kind, "text": kind} for at, kind in lines]
    said = whole(**(ENDED | {"resolved_at": "2026-11-25T08:00:14.000Z", "epoch": 2, "timeline": timeline}))
    for row in (
        "| Opened | 25 Nov 2026, 07:52:00 WET (UTC+00:00) |",
        "| Came back | once, the last time 25 Nov 2026, 08:00:00 WET (UTC+00:00) |",
        "| Lasted | 29 s in all, opened 2 times |",
        "| 2026-11-25 07:52:15 WET | resolved |",
    ):
        assert row in said
    assert part(said, "How it ended").endswith(", after 29 s in all, opened 2 times.")


def test_the_hotel_is_called_by_its_name() -> None:
    said = markdown(incident(), LISBON, LATER, "Grand *Harbour*")
    assert r"| Hotel | Grand \*Harbour\* (grand-harbour) |" in said
    assert "| Hotel | grand-harbour |" in markdown(incident(), LISBON, LATER)


def test_what_ended_by_itself_was_done_by_nobody() -> None:
    line = {"at": "2026-11-25T08:30:00.000Z", "kind": "resolved", "text": "resolved: works again"}
    by_itself = whole(**ENDED, timeline=[line])
    assert part(by_itself, "What was done") == "Nothing was written down; its checks are ok again."
    by_hand = whole(
        **ENDED | {"outcome": "resolved by Ada"}, timeline=[line | {"text": "resolved: resolved by Ada"}]
    )
    assert "resolved by Ada" in part(by_hand, "What was done")


def test_it_holds_the_letter_to_the_vendor_as_it_is() -> None:
    said = part(whole(), "A letter to their support")
    assert all(line.startswith("    ") or not line for line in said.splitlines())
    assert "    To: support@gateway.example\n    Subject: H-1234: payment " in said


def test_it_ends_with_what_only_people_know() -> None:
    questions = part(whole(), "What could be better")
    assert [line[6:] for line in questions.splitlines() if line.startswith("- [ ] ")] == list(BETTER)


def test_an_incident_of_an_older_porter_has_a_note_too() -> None:
    assert "What it means for guests and sales is not known." in markdown(incident(), LISBON, LATER)


def test_hostile_words_break_no_table_and_bring_no_markup() -> None:
    bad = Aid(AidKind.TRIAGE, HOSTILE, (HOSTILE,), (), (Due(HOSTILE, HOSTILE, START),))
    letter = ticket(sight(DOWN))
    assert letter is not None
    assert letter.ticket is not None
    said = whole(
        impact=[HOSTILE],
        aids=[aid_json(bad), aid_json(letter) | {"heading": HOSTILE, "ticket": _hostile()}],
        timeline=[ACKNOWLEDGED | {"text": HOSTILE}],
        outcome=HOSTILE,
    )
    outside = [line for line in said.splitlines() if not line.startswith("    ")]
    assert not any(re.search(r"(?<!\\)<", line) for line in outside)
    tables = [line for line in outside if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) in {3, 8} for line in tables)


def _hostile() -> dict[str, str]:
    return {"to": HOSTILE, "subject": HOSTILE, "body": f"Hello,\n{HOSTILE}\n\n\n# not a heading"}
