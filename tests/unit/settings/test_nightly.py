"""`validate` says what it understood of reports, credentials, own tasks and the mailbox of drills."""

from datetime import UTC, datetime
from pathlib import Path

from daemon.settings import load
from daemon.settings.nightly import nightly

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
BODY = """
hotel: {id: h, name: H, timezone: Europe/Lisbon}
mail:
  from: porter@h.example
  relays: [{host: relay.h.example, port: 587, security: starttls}]
escalation:
  levels:
    - {level: 1, role: Support, email: [a@h.example]}
    - {level: 2, role: Lead, email: [lead@h.example]}
"""
MORE = """
reports: {at: "07:30", monthly: false}
credentials:
  google: {title: App password, owner: Ada, expires: 2026-12-05}
  ota: {owner: Ada, created: 2026-01-15, rotate_every: 365d}
maintenance: {tasks: {lifts: {title: Look at the lifts, every: weekly}}}
drills: {mailbox: {address: drills@h.example, host: imap.h.example, username: drills, password: a-secret}}
"""


def said(directory: Path, text: str) -> list[str]:
    file = directory / "nightporter.yml"
    file.write_text(text)
    return [line.strip() for line in nightly(load(file, {}), NOW)]


def test_what_is_configured_is_said_in_a_few_lines(tmp_path: Path) -> None:
    assert said(tmp_path, BODY + MORE) == [
        "Every night:",
        "reports at 07:30 (Europe/Lisbon): daily to a@h.example; weekly to a@h.example, lead@h.example",
        "credentials: 2, next App password by 2026-12-05 (soon); own tasks: lifts",
        "drills: their mail is read back from drills@h.example on imap.h.example:993",
    ]


def test_what_is_not_configured_is_said_too(tmp_path: Path) -> None:
    assert said(tmp_path, BODY) == [
        "Every night:",
        (
            "reports at 06:00 (Europe/Lisbon): daily to a@h.example; "
            "weekly, monthly to a@h.example, lead@h.example"
        ),
        "credentials: none in the register; own tasks: none",
        "drills: their mail is not read back",
    ]


def test_reports_go_to_whom_they_are_for(tmp_path: Path) -> None:
    lines = said(tmp_path, BODY + "reports: {to: [boss@h.example]}\n")
    assert lines[1] == "reports at 06:00 (Europe/Lisbon): daily, weekly, monthly to boss@h.example"
    off = said(tmp_path, BODY + "reports: {daily: false, weekly: false, monthly: false}\n")
    assert off[1] == "reports: none is made"
