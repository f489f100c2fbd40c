"""The audit trail: what is rotation, what is tampering, and what only sounds like a failed login."""

import gzip
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from checks import audit_log
from checks.audit_log import BURST, is_failed_login
from checks.memory import Memories
from checks.result import Reason, Result, State
from tests.support.probing import look

DAY = 86_400.0


class Audit:
    """An audit folder with one log of 50 entries, looked at once."""

    def __init__(self, path: Path) -> None:
        self.path = path / "audit"
        self.path.mkdir()
        self.log = self.path / "audit.log"
        self.memories = Memories()
        self.log.write_text("".join(f"entry {number:02}\n" for number in range(50)))

    def failed_logins(self, count: int, ago: float) -> None:
        """Write failed logins, all at one time."""
        at = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
        with self.log.open("a") as file:
            file.write(f"{at} WARN login failed for x\n" * count)

    async def look(self) -> Result:
        """Run the check once more."""
        zone = ZoneInfo("Europe/Lisbon")
        return await look(audit_log.CHECK, memories=self.memories, path=self.path, timezone=zone)


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """An audit trail in which nothing happened."""
    return Audit(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '{"event":"loginFailed","user":"x"}',
        "UserLoginFailed",
        "LOGIN_FAILURE user=x",
        "auth failed for anna",
        "401 Unauthorized: login of x",
        "AuthenticationFailed for x",
        "wrong password",
        "login incorrect",
        "Failed password for root from 10.0.0.9",
    ],
)
def test_a_failed_login_is_known_however_it_is_written(text: str) -> None:
    assert is_failed_login(text)


@pytest.mark.parametrize(
    "text",
    [
        "night audit: no-show charge R1: payment authorization denied by issuer",
        "authorisation rejected",
        "pre-auth failed for R1",
        "3DS authentication failed",
        "card authentication failed",
        "reservation 7 design online: author=anna, invalid voucher removed",
        "AUTHOR INVALID",
        "rooms assigned online: rejected",
        "webhook authentication failed",
        "login failed X-Monitor-Probe: nightporter",
        "0 failed logins today",
        "login failures: 0",
        '{"login":{"failed":0}}',
        "x" * 5000 + " login failed",
    ],
)
def test_what_only_sounds_like_a_failed_login_is_none(text: str) -> None:
    assert not is_failed_login(text)


def test_a_hostile_line_is_judged_in_no_time() -> None:
    start = time.perf_counter()
    for text in ("auth" * 2000, "login " * 2000, "fail " * 2000, "invalid" * 2000):
        is_failed_login(text)
    assert time.perf_counter() - start < 0.1


async def test_failed_logins_are_counted_once_though_their_log_gets_a_date(audit: Audit) -> None:
    await audit.look()
    audit.failed_logins(BURST - 1, ago=60)
    assert (await audit.look()).state is State.OK
    audit.log.rename(audit.path / "audit-20241122.log")
    audit.log.touch()
    for _ in range(2):
        result = await audit.look()
        assert (result.state, result.measurements["failed_logins"]) == (State.OK, 0)


async def test_failed_logins_are_counted_once_though_no_new_log_is_there_yet(audit: Audit) -> None:
    await audit.look()
    audit.failed_logins(BURST - 1, ago=60)
    await audit.look()
    audit.log.rename(audit.path / "audit-20241122.log")
    assert (await audit.look()).measurements["failed_logins"] == 0
    audit.log.write_text("entry\n")
    result = await audit.look()
    assert (result.state, result.measurements["failed_logins"]) == (State.OK, 0)


async def test_what_is_still_written_into_a_renamed_log_is_counted_once(audit: Audit) -> None:
    await audit.look()
    new, audit.log = audit.log, audit.path / "audit-20241122.log"
    new.rename(audit.log)
    await audit.look()
    audit.failed_logins(BURST - 1, ago=60)
    assert (await audit.look()).measurements["failed_logins"] == BURST - 1
    new.write_text("entry\n")
    assert (await audit.look()).measurements["failed_logins"] == 0


def touched_beside(audit: Audit) -> None:
    (audit.path / ".x").touch()
    audit.log.write_text("entry 00\n")


def small_one_beside(audit: Audit) -> None:
    (audit.path / "audit.log.1").write_text("entry 00\n")
    audit.log.write_text("entry 00\n")


def other_log_beside(audit: Audit) -> None:
    (audit.path / "other.txt").write_text("x" * 10_000)
    audit.log.unlink()


def cut_in_place(audit: Audit) -> None:
    lines = audit.log.read_text().splitlines(keepends=True)
    with audit.log.open("r+") as file:
        file.writelines(lines[:40] + [f"later {number:02}\n" for number in range(15)])
        file.truncate()


@pytest.mark.parametrize("how", [touched_beside, small_one_beside, other_log_beside, cut_in_place])
async def test_what_was_taken_out_is_a_gap_whatever_lies_beside(
    audit: Audit, how: Callable[[Audit], None]
) -> None:
    await audit.look()
    how(audit)
    result = await audit.look()
    assert (result.reason, result.measurements["gaps"]) == (Reason.SECURITY, 1)


def into_the_next_folder(audit: Audit) -> None:
    (audit.path.parent / "old").mkdir()
    audit.log.rename(audit.path.parent / "old" / "audit.log.1")
    audit.log.write_text("entry\n")


def compressed_and_longer(audit: Audit) -> None:
    with gzip.open(audit.path / "audit.log.1.gz", "wb") as file:
        file.write(audit.log.read_bytes() + b"entry\n")
    audit.log.unlink()
    audit.log.write_text("next\n")


@pytest.mark.parametrize("how", [into_the_next_folder, compressed_and_longer])
async def test_a_log_put_away_near_by_is_no_gap(audit: Audit, how: Callable[[Audit], None]) -> None:
    await audit.look()
    how(audit)
    for _ in range(2):
        result = await audit.look()
        assert result.state is State.OK, result


@pytest.mark.parametrize(
    ("name", "age", "state"),
    [
        ("audit-2024-01-15.log", 6.05 * DAY, State.OK),
        ("audit-2024-01-15.log", 1.5 * DAY, State.CRITICAL),
        ("audit-night.log", 6.05 * DAY, State.CRITICAL),
    ],
)
async def test_the_oldest_of_several_dated_logs_may_be_cleared_away_sooner(
    audit: Audit, name: str, age: float, state: State
) -> None:
    old = audit.path / name
    old.write_text("old\n")
    os.utime(old, (time.time() - age,) * 2)
    (audit.path / "audit-2024-01-16.log").write_text("new\n")
    await audit.look()
    old.unlink()
    assert (await audit.look()).state is state
