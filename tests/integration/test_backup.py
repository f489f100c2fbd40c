"""Backups: the newest is young, and not suddenly small."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from checks import backup
from checks.memory import Memories
from checks.result import Reason, Result, State
from tests.support.probing import look

HOUR, DAY = 3600.0, 86_400.0


def put(path: Path, size: int, age: float) -> Path:
    """Write a backup of a size and an age."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (time.time() - age,) * 2)
    return path


async def see(path: Path, memories: Memories | None = None, later: timedelta = timedelta(0)) -> Result:
    """Run the check."""
    return await look(backup.CHECK, path=path, max_age=26 * HOUR, memories=memories, later=later)


async def test_a_young_backup_is_fine(tmp_path: Path) -> None:
    put(tmp_path / "db-14.dump", 1000, DAY + HOUR)
    put(tmp_path / "db-15.dump", 900, HOUR)
    result = await see(tmp_path)
    assert result.state is State.OK
    assert result.message == "the newest backup, db-15.dump, is 60 min old"
    assert result.measurements["age_seconds"] == pytest.approx(HOUR, abs=5)


async def test_an_old_backup_is_stale_at_once(tmp_path: Path) -> None:
    put(tmp_path / "db-14.dump", 1000, 2 * DAY)
    for path in (tmp_path, tmp_path / "db-14.dump"):
        result = await see(path)
        assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.STALE, True)
        assert "2 days old, at most 26 h expected" in result.message


async def test_a_date_to_come_makes_no_backup_young(tmp_path: Path) -> None:
    put(tmp_path / "db.dump", 1000, -365 * DAY)
    assert (await see(tmp_path, later=timedelta(days=3))).reason is Reason.STALE


async def test_no_backup_is_missing(tmp_path: Path) -> None:
    put(tmp_path / ".hidden", 10, HOUR)
    put(tmp_path / "db.dump.partial", 10, HOUR)
    for path in (tmp_path, tmp_path / "gone", tmp_path / ".hidden" / "x"):
        result = await see(path)
        assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)


@pytest.mark.parametrize(("size", "state"), [(400, State.WARNING), (600, State.OK), (0, State.WARNING)])
async def test_a_backup_that_collapsed_is_a_mismatch(tmp_path: Path, size: int, state: State) -> None:
    put(tmp_path / "db-14.dump", 1000, DAY)
    put(tmp_path / "db-15.dump", size, HOUR)
    result = await see(tmp_path)
    assert result.state is state
    assert result.reason is (None if state is State.OK else Reason.MISMATCH)


async def test_a_backup_is_held_against_its_own_series(tmp_path: Path) -> None:
    put(tmp_path / "db-14.dump", 1000, DAY)
    put(tmp_path / "db-15.dump", 1000, HOUR)
    put(tmp_path / "db-15.dump.sha256", 64, HOUR - 1)
    put(tmp_path / "config-15.tar", 100, HOUR - 2)
    assert (await see(tmp_path)).state is State.OK


async def test_a_backup_still_being_written_is_not_judged_by_its_size(tmp_path: Path) -> None:
    memories = Memories()
    put(tmp_path / "db-14.dump", 1000, DAY)
    put(tmp_path / "db-15.dump", 10, 0)
    assert (await see(tmp_path, memories)).state is State.OK
    assert (await see(tmp_path, memories)).reason is Reason.MISMATCH


async def test_a_single_file_is_held_against_what_it_was(tmp_path: Path) -> None:
    memories = Memories()
    path = put(tmp_path / "db.dump", 1000, DAY)
    assert (await see(path, memories)).state is State.OK
    put(path, 100, HOUR)
    assert (await see(path, memories)).reason is Reason.MISMATCH
    assert (await see(path, memories)).reason is Reason.MISMATCH


async def test_a_folder_is_one_backup(tmp_path: Path) -> None:
    for day, age in ((14, DAY), (15, HOUR)):
        for number in range(3):
            put(tmp_path / f"base-{day}" / str(number), 100, age)
    result = await see(tmp_path)
    assert result.state is State.OK
    assert result.measurements["size_bytes"] == 300
    (tmp_path / "base-15" / "0").unlink()
    (tmp_path / "base-15" / "1").unlink()
    assert (await see(tmp_path, later=timedelta(minutes=2))).reason is Reason.MISMATCH


async def test_the_level_in_a_name_tells_series_apart(tmp_path: Path) -> None:
    put(tmp_path / "pms_20261121_L0.tar", 1_000_000, DAY)
    put(tmp_path / "pms_20261122_L1.tar", 5000, HOUR)
    assert (await see(tmp_path)).state is State.OK
    put(tmp_path / "pms20261123T0300_L1.tar", 5000, HOUR)
    put(tmp_path / "pms20261124T0300_L1.tar", 50, HOUR / 2)
    assert (await see(tmp_path)).reason is Reason.MISMATCH


async def test_a_copy_made_now_is_young_though_its_files_keep_their_times(tmp_path: Path) -> None:
    put(tmp_path / "2026-11-22" / "rooms.csv", 10, 5 * DAY)
    assert (await see(tmp_path)).state is State.OK
    assert (await see(tmp_path, later=timedelta(days=2))).reason is Reason.STALE


async def test_links_that_lead_nowhere_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to("gone")
    put(tmp_path / "db.dump", 10, HOUR)
    assert (await see(tmp_path)).state is State.OK
