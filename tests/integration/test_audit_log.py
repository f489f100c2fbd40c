"""The audit trail: password guessing is noticed, and so is who takes something out of it."""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from checks import audit_log
from checks.audit_log import BURST
from checks.memory import Memories
from checks.result import CheckId, Reason, Result, State
from tests.support.probing import look

CHECK = CheckId("h", "i", "c")
ZONE = ZoneInfo("Europe/Lisbon")


class Audit:
    """An audit folder with one log, and a check that remembers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "audit.log"
        self.memories = Memories()
        self.log.write_text("2024-01-15T14:30:00Z INFO user anna changed a rate\n" * 3)

    def failed_logins(self, count: int, ago: float = 0, every: float = 1.0) -> None:
        """Write failed logins, the newest so many seconds old."""
        newest = datetime.now(UTC) - timedelta(seconds=ago)
        with self.log.open("a") as file:
            for number in reversed(range(count)):
                file.write(
                    f"{(newest - timedelta(seconds=number * every)).isoformat()} WARN login failed for x\n"
                )

    async def look(self, later: timedelta = timedelta(0)) -> Result:
        """Run the check once more."""
        return await look(audit_log.CHECK, memories=self.memories, later=later, path=self.path, timezone=ZONE)


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """An audit trail in which nothing happened."""
    return Audit(tmp_path)


async def test_a_quiet_trail_is_fine(audit: Audit) -> None:
    assert (await audit.look()).state is State.OK
    result = await audit.look(timedelta(days=2))
    assert result.state is State.OK
    assert result.measurements["newest_write_age_seconds"] == pytest.approx(2 * 86_400, abs=10)


async def test_a_burst_of_failed_logins_is_an_attack(audit: Audit) -> None:
    await audit.look()
    audit.failed_logins(BURST)
    result = await audit.look()
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.SECURITY, True)
    assert result.message.startswith("20 failed logins within 5 minutes")
    assert result.measurements["failed_logins_5m"] == 20


async def test_a_burst_is_seen_over_two_looks_and_a_restart(audit: Audit) -> None:
    await audit.look()
    audit.failed_logins(BURST // 2)
    assert (await audit.look()).state is State.OK
    stored = json.loads(json.dumps(audit.memories.take()[CHECK]))
    audit.memories = Memories()
    audit.memories.restore({CHECK: stored})
    audit.failed_logins(BURST // 2)
    assert (await audit.look()).reason is Reason.SECURITY


async def test_failed_logins_far_apart_are_no_burst(audit: Audit) -> None:
    await audit.look()
    audit.failed_logins(100, every=20)
    result = await audit.look()
    assert result.state is State.OK
    assert result.measurements["failed_logins_5m"] == 16


async def test_a_burst_is_over_when_five_minutes_passed_without(audit: Audit) -> None:
    audit.failed_logins(BURST)
    assert (await audit.look()).reason is Reason.SECURITY
    assert (await audit.look(timedelta(seconds=200))).reason is Reason.SECURITY
    assert (await audit.look(timedelta(seconds=400))).state is State.OK


async def test_a_burst_of_long_ago_does_not_greet_the_porter(audit: Audit) -> None:
    audit.failed_logins(BURST, ago=7200)
    assert (await audit.look()).state is State.OK


async def test_lines_without_a_time_count_when_they_are_read(audit: Audit) -> None:
    audit.log.write_text("login failed for x\n" * BURST)
    assert (await audit.look()).state is State.OK
    with audit.log.open("a") as file:
        file.write("login failed for x\n" * BURST)
    assert (await audit.look()).reason is Reason.SECURITY


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ('{"event":"LOGIN_FAILED","user":"x"}', True),
        ("Failed password for root from 10.0.0.9", True),
        ("authentication failure; user=x", True),
        ("sign-in denied for x", True),
        ("invalid credentials", True),
        ("login of anna succeeded", False),
        ("0 failed logins today", False),
        ("rate update failed", False),
    ],
)
async def test_a_failed_login_is_known_by_its_words(audit: Audit, text: str, counts: bool) -> None:
    await audit.look()
    with audit.log.open("a") as file:
        file.write(f"{datetime.now(UTC).isoformat()} {text}\n")
    assert (await audit.look()).measurements["failed_logins"] == float(counts)


def truncated(audit: Audit) -> None:
    os.truncate(audit.log, 10)


def rewritten(audit: Audit) -> None:
    other = audit.path / "other"
    other.write_text("2024-01-15T14:30:00Z INFO nothing happened\n")
    other.replace(audit.log)


def removed(audit: Audit) -> None:
    audit.log.unlink()


def all_removed(audit: Audit) -> None:
    audit.log.unlink()
    audit.path.rmdir()


@pytest.mark.parametrize("how", [truncated, rewritten, removed, all_removed])
async def test_what_was_taken_out_of_the_trail_is_a_gap(audit: Audit, how: object) -> None:
    await audit.look()
    assert callable(how)
    how(audit)
    for _ in range(2):
        result = await audit.look()
        assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.SECURITY, True)
        assert result.message.startswith("the audit trail has a gap: ")
        assert result.measurements["gaps"] == 1


async def test_a_log_that_comes_back_leaves_no_gap_for_ever(audit: Audit) -> None:
    await audit.look()
    audit.log.rename(audit.path.parent / "away.log")
    assert (await audit.look()).reason is Reason.SECURITY
    (audit.path.parent / "away.log").rename(audit.log)
    assert (await audit.look(timedelta(hours=2))).state is State.OK


def renamed(audit: Audit) -> None:
    audit.log.rename(audit.path / "audit.log.1")
    audit.log.write_text("next day\n")


def renamed_only(audit: Audit) -> None:
    audit.log.rename(audit.path / "audit-2024-01-15.log")


def copied(audit: Audit) -> None:
    (audit.path / "audit.log.1").write_bytes(audit.log.read_bytes())
    os.truncate(audit.log, 0)


def compressed(audit: Audit) -> None:
    with gzip.open(audit.path / "audit.log.1.gz", "wb") as file:
        file.write(audit.log.read_bytes())
    audit.log.unlink()
    audit.log.write_text("next day\n")


def put_away(audit: Audit) -> None:
    (audit.path / "old").mkdir(exist_ok=True)
    audit.log.rename(audit.path / "old" / "audit.log.1")
    audit.log.write_text("next day\n")


@pytest.mark.parametrize("how", [renamed, renamed_only, copied, compressed, put_away])
async def test_rotation_is_no_gap(audit: Audit, how: object) -> None:
    await audit.look()
    assert callable(how)
    how(audit)
    for _ in range(2):
        result = await audit.look()
        assert result.state is State.OK, result


async def test_old_logs_may_be_cleared_away(audit: Audit) -> None:
    old = audit.path / "audit-2023.log"
    old.write_text("old\n")
    os.utime(old, (0, 0))
    await audit.look()
    old.unlink()
    assert (await audit.look()).state is State.OK


async def test_what_was_failing_before_a_rotation_counts(audit: Audit) -> None:
    await audit.look()
    audit.failed_logins(BURST // 2)
    renamed(audit)
    audit.failed_logins(BURST // 2)
    assert (await audit.look()).reason is Reason.SECURITY


async def test_an_audit_folder_that_never_was_is_missing(tmp_path: Path) -> None:
    result = await look(audit_log.CHECK, path=tmp_path / "audit", timezone=ZONE)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)


async def test_an_empty_folder_is_fine(tmp_path: Path) -> None:
    assert (await look(audit_log.CHECK, path=tmp_path, timezone=ZONE)).state is State.OK


async def test_a_card_number_is_a_finding(audit: Audit) -> None:
    with audit.log.open("a") as file:
        file.write("card 4111-1111-1111-1111 stored\n")
    result = await audit.look()
    assert result.reason is Reason.SECURITY
    assert "a card number stands in" in result.message
    assert "1111" not in result.message


def lines() -> Iterator[str]:
    """Yield more failed logins than anybody can type."""
    now = datetime.now(UTC).isoformat()
    yield from (f"{now} WARN login failed for {number}\n" for number in range(20_000))


async def test_an_attack_of_any_size_is_remembered_in_little(audit: Audit) -> None:
    await audit.look()
    with audit.log.open("a") as file:
        file.writelines(lines())
    assert (await audit.look()).reason is Reason.SECURITY
    assert len(json.dumps(audit.memories.of(CHECK).value)) < 2000
