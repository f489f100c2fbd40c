"""The log folders of the PMS: there, readable, with room, and with no new kinds of error unnoticed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checks import log_dirs
from checks.log_dirs import FOLDERS, NEWEST_WRITE, Room, signature
from checks.memory import Memories
from checks.result import CheckId, Reason, Result, State
from tests.support.probing import look

CHECK = CheckId("h", "i", "c")
GB = 1_000_000_000


class Folders:
    """The five folders, and a check that remembers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.memories = Memories()
        for name in FOLDERS:
            (path / name).mkdir()

    def error(self, *lines: str, file: str = "app.log") -> None:
        """Write lines into errors/."""
        with (self.path / "errors" / file).open("a") as log:
            log.writelines(f"{line}\n" for line in lines)

    async def look(self) -> Result:
        """Run the check once more."""
        return await look(log_dirs.CHECK, memories=self.memories, path=self.path)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Five empty folders."""
    return Folders(tmp_path)


async def test_five_folders_with_room_are_fine(folders: Folders) -> None:
    result = await folders.look()
    assert result.state is State.OK, result
    assert 0 < result.measurements["disk_free_percent"] <= 100


@pytest.mark.parametrize("name", FOLDERS)
async def test_a_folder_that_is_gone_is_missing(folders: Folders, name: str) -> None:
    (folders.path / name).rmdir()
    result = await folders.look()
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert str(folders.path / name) in result.message


async def test_a_file_in_place_of_a_folder_is_missing(folders: Folders) -> None:
    (folders.path / "api").rmdir()
    (folders.path / "api").touch()
    assert (await folders.look()).reason is Reason.MISSING


def test_a_folder_that_may_not_be_read_could_not_be_looked_at(folders: Folders) -> None:
    script = (
        "import os, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from checks.log_dirs import _folder\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "print(_folder(Path(sys.argv[1]), datetime.now(UTC), {}).reason)\n"
    )
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    closed = folders.path / "audit"
    closed.chmod(0o700)
    command = [sys.executable, "-c", script, str(closed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert done.stdout.strip() == "permission"


async def test_the_age_of_the_newest_write_is_measured(folders: Folders) -> None:
    for name, age in (("api", 500), ("audit", 100)):
        path = folders.path / name / "x.log"
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    numbers = (await folders.look()).measurements
    assert numbers["api_write_age_seconds"] == pytest.approx(500, abs=5)
    assert numbers[NEWEST_WRITE] == pytest.approx(100, abs=5)


@pytest.mark.parametrize(
    ("room", "state"),
    [
        (Room(50 * GB, 100 * GB), None),
        (Room(4 * GB, 100 * GB), State.WARNING),
        (Room(1 * GB, 100 * GB), State.CRITICAL),
        (Room(49_000_000, 100_000_000), State.CRITICAL),
        (Room(50 * GB, 100 * GB, 10, 1000), State.CRITICAL),
        (Room(480 * GB, 10_000 * GB), None),
        (Room(480 * GB, 10_000 * GB, 30, 1000), State.WARNING),
        (Room(19 * GB, 10_000 * GB), State.CRITICAL),
        (Room(50 * GB, 100 * GB, 0, 0), None),
        (Room(0, 0), State.CRITICAL),
    ],
)
def test_little_room_is_told_of_in_time(room: Room, state: State | None) -> None:
    result = room.judge()
    assert (result.state if result else None) == state
    if result:
        assert (result.reason, result.decisive, result.unit) == (Reason.THRESHOLD, True, "%")


async def test_errors_that_were_there_before_are_not_new(folders: Folders) -> None:
    folders.error("ERROR pool exhausted", "ERROR no route to host")
    assert "new kind" not in (await folders.look()).message
    folders.error("ERROR pool exhausted")
    result = await folders.look()
    assert "new kind" not in result.message
    assert result.measurements["error_lines_per_minute"] > 0


async def test_a_new_kind_of_error_is_told_of_once(folders: Folders) -> None:
    folders.error("ERROR pool exhausted")
    await folders.look()
    folders.error(
        "2024-01-15T14:30:00Z ERROR cannot map room 17", "2024-01-15T14:30:09Z ERROR cannot map room 18"
    )
    result = await folders.look()
    assert result.state is State.OK
    assert result.message.startswith("1 new kinds of error in errors/: ")
    assert "cannot map room #" in result.message
    assert "new kind" not in (await folders.look()).message


async def test_errors_in_a_new_file_are_new(folders: Folders) -> None:
    await folders.look()
    folders.error("ERROR disk", file="other.log")
    assert "new kind" in (await folders.look()).message


async def test_the_memory_stays_small_whatever_is_written(folders: Folders) -> None:
    await folders.look()
    for number in range(40):
        words = (f"ERROR {chr(97 + one % 26) * (one // 26 + 1)} q" for one in range(500))
        folders.error(*words, file=f"{number}.log")
    await folders.look()
    assert len(json.dumps(folders.memories.of(CHECK).value)) < 8000


async def test_a_card_number_among_the_errors_is_a_finding(folders: Folders) -> None:
    folders.error("ERROR charge 4111111111111111")
    result = await folders.look()
    assert (result.reason, result.decisive) == (Reason.SECURITY, True)
    assert "4111" not in result.message + str(folders.memories.of(CHECK).value)


async def test_junk_in_errors_is_survived(folders: Folders) -> None:
    (folders.path / "errors" / "a.log").write_bytes(os.urandom(200_000))
    (folders.path / "errors" / "b.log").mkdir()
    (folders.path / "errors" / "c.log").symlink_to("nowhere")
    assert (await folders.look()).state is State.OK


def test_a_kind_of_error_has_no_numbers_and_ids() -> None:
    first = signature("12:00:01 order 550e8400-e29b-41d4-a716-446655440000 failed at 0xdeadbeef")
    assert first == signature("13:07:59 order 650e8400-e29b-41d4-a716-446655440001 failed at 0xcafebabe")
    assert first != signature("13:07:59 order 650e8400-e29b-41d4-a716-446655440001 refused at 0xcafebabe")


def test_a_kind_of_error_shows_no_card_number_no_guest_and_no_secret() -> None:
    shown = signature("mail to anna@example.org failed: card 4111 1111 1111 1111, token=sk_live_qwertz")
    assert shown == "mail to a***@… failed: card [card number], token=[hidden]"


async def test_a_card_number_is_told_of_once_though_its_log_is_rotated(folders: Folders) -> None:
    folders.error("ERROR charge 4111111111111111")
    assert (await folders.look()).reason is Reason.SECURITY
    errors = folders.path / "errors"
    (errors / "app.log").rename(errors / "app-20241122.log")
    assert (await folders.look()).state is State.OK
    folders.error("ERROR pool exhausted")
    assert "new kind" in (await folders.look()).message
    (errors / "app.log").rename(errors / "app-20241123.log")
    folders.error()
    result = await folders.look()
    assert (result.state, result.measurements["error_lines_per_minute"]) == (State.OK, 0)


async def test_our_own_probes_are_no_errors_of_the_pms(folders: Folders) -> None:
    await folders.look()
    folders.error("ERROR signature rejected X-Monitor-Probe: nightporter")
    result = await folders.look()
    assert "new kind" not in result.message
    assert result.measurements["error_lines_per_minute"] == 0


def test_errors_that_may_not_be_read_are_not_taken_for_none(folders: Folders) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    script = (
        "import asyncio, os, sys\n"
        "from checks import log_dirs\n"
        "from tests.support.probing import look\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "print(asyncio.run(look(log_dirs.CHECK, path=sys.argv[1])).reason)\n"
    )
    folders.error("ERROR disk")
    (folders.path / "errors" / "app.log").chmod(0)
    for path in (folders.path, *folders.path.parents[:2]):
        path.chmod(0o755)
    command = [sys.executable, "-c", script, str(folders.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert done.stdout.strip() == "permission"
