"""No line is missed around rotation, however it is done, and no old verdict is given when much is waiting."""

import errno
import gzip
import os
import time
from pathlib import Path

import pytest

from checks import log_follow
from checks.log_file import BLOCK, Block, LogFile, Position, open_file
from checks.log_follow import NEWEST, Followed, How, follow
from checks.log_rotation import carried


class Follower:
    """Follows a log, and keeps the lines it was handed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position: Position | None = None
        self.lines: list[bytes] = []

    def look(self, seconds: float = 5.0) -> Followed:
        """Look once more."""
        found = follow(self.path, self.position, self._take, reach=BLOCK, seconds=seconds)
        self.position = found.position
        return found

    def new(self) -> list[bytes]:
        """Look once more, and return only what is new."""
        before = len(self.lines)
        self.look()
        return self.lines[before:]

    def _take(self, block: Block) -> None:
        self.lines += block.data[block.skip :].splitlines()


@pytest.fixture
def log(tmp_path: Path) -> Follower:
    """A log with a line, looked at once."""
    path = tmp_path / "app.log"
    path.write_bytes(b"one\n")
    os.utime(path, (time.time() - 100,) * 2)
    follower = Follower(path)
    follower.look()
    return follower


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("app.log.2", "app.log.1"),
        ("app.log-20240114", "app.log-20240115"),
        ("app-2024-01-14.log", "app-2024-01-15.log"),
        ("app.2.log", "app.1.log"),
    ],
)
def test_all_that_was_rotated_away_meanwhile_is_read_in_its_order(
    log: Follower, first: str, second: str
) -> None:
    log.path.rename(log.path.with_name(first))
    log.path.with_name(second).write_bytes(b"two\n")
    log.path.write_bytes(b"three\n")
    assert log.new() == [b"two", b"three"]
    assert log.new() == []


def test_the_log_of_another_process_is_not_taken_for_a_rotated_one(log: Follower) -> None:
    log.path.rename(log.path.with_name("app.log.1"))
    for name in ("app-1.log", "app-gateway.log", "app-gateway.log.1", "application.log", "app.log.bak"):
        log.path.with_name(name).write_bytes(b"other\n")
    log.path.write_bytes(b"two\n")
    assert log.new() == [b"two"]


@pytest.mark.parametrize("lines", [1, 100])
def test_what_was_compressed_at_once_is_read(log: Follower, lines: int) -> None:
    log.path.write_bytes(b"one\n" + b"before\n" * lines)
    assert log.new() == [b"before"] * lines
    data = log.path.read_bytes() + b"after\n" * lines
    with gzip.open(log.path.with_name("app.log.1.gz"), "wb") as file:
        file.write(data)
    log.path.unlink()
    log.path.write_bytes(b"two\n")
    assert log.new() == [b"after"] * lines + [b"two"]


def test_a_compressed_file_of_something_else_is_passed_over(log: Follower) -> None:
    log.path.with_name("app.log.1.gz").write_bytes(b"\x1f\x8bnot really")
    with gzip.open(log.path.with_name("app.log.2.gz"), "wb") as file:
        file.write(b"another file\n")
    log.path.unlink()
    log.path.write_bytes(b"new, and longer\n")
    assert log.look().how in {How.REPLACED, How.TRUNCATED}
    assert log.lines[1:] == [b"new, and longer"]


def test_a_link_into_another_folder_is_followed_to_the_next_day(tmp_path: Path) -> None:
    days, link = tmp_path / "days", tmp_path / "current.log"
    days.mkdir()
    (days / "app-2024-01-14.log").write_bytes(b"one\n")
    link.symlink_to(days / "app-2024-01-14.log")
    follower = Follower(link)
    follower.look()
    with (days / "app-2024-01-14.log").open("ab") as file:
        file.write(b"two\n")
    link.unlink()
    (days / "app-2024-01-15.log").write_bytes(b"three\n")
    link.symlink_to(days / "app-2024-01-15.log")
    assert follower.new() == [b"two", b"three"]


def test_a_file_written_anew_behind_the_same_header_is_noticed(log: Follower) -> None:
    header = b"# the same header every day " + b"-" * 300 + b"\n"
    log.path.write_bytes(header + b"one\ntwo\n")
    log.look()
    with log.path.open("r+b") as file:
        file.truncate(0)
        file.write(header + b"three\nfour\nfive\n")
    assert log.look().how is How.TRUNCATED
    assert log.lines[-3:] == [b"three", b"four", b"five"]


def test_a_log_is_known_again_under_another_name(log: Follower) -> None:
    assert log.position is not None
    other = log.path.with_name("app-20240115.log")
    log.path.rename(other)
    assert carried(other, [log.position]) == log.position
    other.write_bytes(b"something else\n")
    assert carried(other, [log.position]) is None


def test_when_too_much_waits_the_newest_is_read_and_the_rest_skipped(log: Follower) -> None:
    with log.path.open("ab") as file:
        file.write(b"old line\n" * (NEWEST // 4) + b"newest\n")
    found = log.look(seconds=0.002)
    assert (found.waiting, log.lines[-1]) == (0, b"newest")
    assert 0 < found.skipped < found.position.size
    assert set(log.lines) == {b"one", b"old line", b"newest"}


def test_a_look_hands_out_no_more_than_it_may(log: Follower) -> None:
    with log.path.open("ab") as file:
        file.write(b"line\n" * BLOCK)
    file_ = open_file(log.path)
    taken: list[Block] = []
    left = file_.read(taken.append, time.perf_counter() + 5, BLOCK)
    file_.close()
    assert left <= 0
    assert sum(len(block.data) for block in taken) <= 2 * BLOCK


def test_a_hole_of_gigabytes_is_passed_over(log: Follower) -> None:
    with log.path.open("r+b") as file:
        file.truncate(8 * 1024 * log_follow.NEWEST)
        file.seek(0, os.SEEK_END)
        file.write(b"after\n")
    assert log.new()[-1].lstrip(b"\0") == b"after"


def test_a_hole_at_the_end_is_passed_over(log: Follower) -> None:
    os.truncate(log.path, NEWEST)
    file: LogFile = open_file(log.path)
    file.offset = 4
    file.read(lambda _block: None, time.perf_counter() + 5, 10**9)
    file.close()
    assert file.offset == NEWEST


def test_a_log_in_utf_16_is_refused_with_words(log: Follower) -> None:
    log.path.write_bytes("payment failed\n".encode("utf-16"))
    with pytest.raises(OSError, match="UTF-16") as caught:
        log.look()
    assert caught.value.errno == errno.EILSEQ
