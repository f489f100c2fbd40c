"""Commands against something that answers as the porter does, and means ill."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import Outcome, command
from tests.support.servers import Answer, http, raw, server

HOSTILE = "\x1b[2J\x9b31m\u202e\nall is well " * 20
SILENCE = {
    "id": "s1",
    "match": {"integration": "payment"},
    "from": "0001-01-01T00:00:00.000Z",
    "to": "2026-11-30T00:00:00.000Z",
    "cron": None,
    "for_seconds": None,
    "by": "Ada",
    "reason": "r",
    "active": True,
    "ends_at": None,
    "next": None,
}
STATUS = {
    "status": "unhealthy",
    "hotels": {
        "h": {
            "integrations": {
                "payment": {
                    "status": HOSTILE,
                    "incident": HOSTILE,
                    "checks": {"health": {"state": "critical", "message": HOSTILE}},
                }
            }
        }
    },
    "notifications": {"pending": 1, "last_error": HOSTILE},
}


def configured(directory: Path, port: int) -> Path:
    """Return a configuration whose porter is to be found on a port."""
    config = directory / "c.yml"
    config.write_text(f"hotel: {{id: h, name: H, timezone: America/New_York}}\nlisten: 127.0.0.1:{port}\n")
    return config


async def asked(directory: Path, answer: Answer, *words: str) -> Outcome:
    """Return how a command ended to which this was answered."""
    async with server(answer) as other:
        return await command("--config", str(configured(directory, other.port)), *words)


def told(value: Any) -> Answer:
    """Return an answer of JSON."""
    return http("200 OK", json.dumps(value).encode())


async def test_status_shows_nothing_that_a_terminal_obeys_and_keeps_to_its_width(tmp_path: Path) -> None:
    plain = await asked(tmp_path, told(STATUS), "status")
    script = await asked(tmp_path, told(STATUS), "status", "--json")
    assert plain.code == script.code == 2, plain.err
    assert not any(char in plain.out + script.out for char in "\x1b\x9b\u202e")
    assert json.loads(script.out) == STATUS
    assert max(map(len, plain.out.splitlines())) <= 80 + 64


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"last_run": None}, "health: has not run yet"),
        ({"last_run": "2026-11-30T00:00:00.000Z", "reason": "timeout"}, "health: timeout"),
        ({"last_run": "2026-11-30T00:00:00.000Z", "reason": None}, "health: nothing is known yet"),
    ],
)
async def test_status_says_of_a_check_without_words_why_nothing_is_known(
    tmp_path: Path, seen: dict[str, Any], said: str
) -> None:
    checks = {"health": {"state": "unknown", "message": "", **seen}}
    payment = {"status": "unknown", "checks": checks}
    answer = {"status": "unknown", "hotels": {"h": {"integrations": {"payment": payment}}}}
    outcome = await asked(tmp_path, told(answer | {"notifications": {"pending": 3, "held": 2}}), "status")
    assert said in outcome.out
    assert "2 notifications are held" in outcome.out


async def test_a_time_beyond_the_calendar_is_no_answer_of_a_porter(tmp_path: Path) -> None:
    outcome = await asked(tmp_path, told({"silences": [SILENCE]}), "silence")
    assert outcome.code == 1
    assert outcome.err.endswith("is not Night Porter\n")


async def test_what_greets_with_escapes_is_quoted_without_them(tmp_path: Path) -> None:
    outcome = await asked(tmp_path, raw(b"\x1b[31mSSH-2.0-sshd\r\n\r\n"), "incidents")
    assert outcome.code == 1
    assert "\x1b" not in outcome.err
    assert "no porter answers on 127.0.0.1" in outcome.err


async def test_a_hotel_that_is_not_there_is_named(tmp_path: Path) -> None:
    nothing = told({"incidents": [], "next": None})
    outcome = await asked(tmp_path, nothing, "incidents", "--hotel", "grand-habour")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "nightporter: there is no hotel 'grand-habour'; there are h\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("status", 3),
        ("check", 3),
        ("diagnose payment", 3),
        ("incidents", 1),
        ("silence", 1),
        ("maintenance", 1),
        ("report daily", 1),
        ("who", 2),
    ],
)
async def test_without_a_configuration_nothing_was_looked_at(tmp_path: Path, words: str, code: int) -> None:
    outcome = await command("--config", str(tmp_path / "none.yml"), *words.split())
    assert (outcome.code, outcome.out) == (code, "")
    assert "there is no such file" in outcome.err
