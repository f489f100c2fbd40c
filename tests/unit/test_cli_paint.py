"""What is printed: within eighty columns, and nothing in it that a terminal obeys."""

import json

from daemon.words.paint import WIDTH, as_json, noted_table

HEAD = ("STATE", "CHECK", "SEEN")


def test_a_note_that_does_not_fit_stands_under_its_row() -> None:
    found = noted_table(HEAD, [("ok", "h/payment/health", "fine"), ("bad", "h/email/smtp", "slow " * 40)])
    lines = found.splitlines()
    assert lines[:3] == [
        "STATE  CHECK             SEEN",
        "ok     h/payment/health  fine",
        "bad    h/email/smtp",
    ]
    assert all(line.startswith("  slow") for line in lines[3:])
    assert max(map(len, lines)) <= WIDTH


def test_json_escapes_what_a_terminal_obeys_and_nothing_else() -> None:
    said = {"name": "Hôtel 日本", "text": "\x1b[31m\x9b31m\x7f\u202e\u2028\U000e0001\n"}
    shown = as_json(said)
    assert json.loads(shown) == said
    assert "Hôtel 日本" in shown
    assert not any(char in shown for char in "\x1b\x9b\x7f\u202e\u2028\U000e0001")
