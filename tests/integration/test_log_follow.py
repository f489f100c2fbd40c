"""A follower sees every line once, whatever happens to the file."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks import log_file
from checks.log_file import BLOCK, Block, Position
from checks.log_follow import Followed, How, follow

LOT = 4 * 1024 * 1024


class Follower:
    """Follows a file, and keeps the lines it was handed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position: Position | None = None
        self.lines: list[bytes] = []
        self.blocks: list[Block] = []

    def look(self, reach: int = LOT, seconds: float = 5.0) -> Followed:
        """Look once, from where the last look ended, as a restarted porter would."""
        if self.position is not None:
            self.position = Position.restored(list(self.position))
        found = follow(self.path, self.position, self._take, reach=reach, seconds=seconds)
        self.position = found.position
        return found

    def new(self) -> list[bytes]:
        """Look once, and return only what is new."""
        before = len(self.lines)
        self.look()
        return self.lines[before:]

    def _take(self, block: Block) -> None:
        self.blocks.append(block)
        self.lines += block.data[block.skip :].splitlines()


@pytest.fixture
def log(tmp_path: Path) -> Follower:
    """A file with three lines, looked at once."""
    path = tmp_path / "app.log"
    path.write_bytes(b"one\ntwo\nthree\n")
    follower = Follower(path)
    assert follower.look().how is How.FIRST
    return follower


def add(path: Path, data: bytes) -> None:
    """Append to a file."""
    with path.open("ab") as file:
        file.write(data)


def test_only_what_is_new_is_read(log: Follower) -> None:
    add(log.path, b"four\n")
    assert log.new() == [b"four"]
    assert log.new() == []


def test_the_first_look_reads_whole_lines_of_the_end(log: Follower) -> None:
    for reach, lines in (
        (6, [b"three"]),
        (7, [b"three"]),
        (10, [b"two", b"three"]),
        (100, [b"one", b"two", b"three"]),
    ):
        follower = Follower(log.path)
        follower.look(reach=reach)
        assert follower.lines == lines


def test_a_line_is_taken_when_it_is_whole(log: Follower) -> None:
    add(log.path, b"fo")
    assert log.new() == []
    add(log.path, b"ur\n")
    assert log.new() == [b"four"]


def test_a_last_line_without_an_end_is_taken_when_nothing_follows_and_only_once(log: Follower) -> None:
    add(log.path, b"four")
    assert log.new() == []
    assert log.new() == [b"four"]
    add(log.path, b"\nfive\n")
    assert log.new() == [b"five"]


def test_the_first_look_takes_a_last_line_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(b"one\ntwo")
    follower = Follower(path)
    assert follower.new() == [b"one", b"two"]
    add(path, b"\nthree\n")
    assert follower.new() == [b"three"]


def test_rotation_by_renaming_loses_no_line(log: Follower) -> None:
    add(log.path, b"four\n")
    log.path.rename(log.path.with_name("app.log.1"))
    log.path.write_bytes(b"five\n")
    assert log.new() == [b"four", b"five"]
    assert log.new() == []


def test_a_file_gone_for_a_while_loses_no_line(log: Follower) -> None:
    add(log.path, b"four\n")
    log.path.rename(log.path.with_name("app.log.1"))
    with pytest.raises(FileNotFoundError):
        log.look()
    log.path.write_bytes(b"five\n")
    assert log.new() == [b"four", b"five"]


def test_copying_and_truncating_loses_no_line(log: Follower) -> None:
    add(log.path, b"four\n")
    log.path.with_name("app.log.1").write_bytes(log.path.read_bytes())
    os.truncate(log.path, 0)
    add(log.path, b"five\n")
    found = len(log.lines)
    assert log.look().how is How.ROTATED
    assert log.lines[found:] == [b"four", b"five"]


def test_a_truncated_file_is_read_from_its_beginning(log: Follower) -> None:
    os.truncate(log.path, 0)
    add(log.path, b"new\n")
    assert log.look().how is How.TRUNCATED
    assert log.lines[-1] == b"new"


def test_a_truncated_file_that_has_grown_beyond_is_noticed(log: Follower) -> None:
    os.truncate(log.path, 0)
    add(log.path, b"other lines\nthan before\n")
    assert log.look().how is How.TRUNCATED
    assert log.lines[-2:] == [b"other lines", b"than before"]


def test_a_replaced_file_is_read_from_its_beginning(log: Follower) -> None:
    other = log.path.with_name("other")
    other.write_bytes(b"new\n")
    other.replace(log.path)
    assert log.look().how is How.REPLACED
    assert log.lines[-1] == b"new"


def test_a_link_that_moves_to_the_next_days_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "app-1.log").write_bytes(b"one\n")
    link = tmp_path / "current.log"
    link.symlink_to("app-1.log")
    follower = Follower(link)
    follower.look()
    add(tmp_path / "app-1.log", b"two\n")
    (tmp_path / "app-2.log").write_bytes(b"three\n")
    link.unlink()
    link.symlink_to("app-2.log")
    assert follower.new() == [b"two", b"three"]


def test_a_line_of_megabytes_is_handed_out_in_pieces_and_what_follows_is_whole(log: Follower) -> None:
    add(log.path, b"x" * (3 * BLOCK) + b"\nfour\n")
    assert log.new()[-1] == b"four"
    assert sum(block.skip == 0 for block in log.blocks[1:]) == 1
    assert max(len(block.data) for block in log.blocks) <= BLOCK


def test_an_endless_line_does_not_hold_the_follower_up(log: Follower) -> None:
    add(log.path, b"x" * (2 * BLOCK))
    log.look()
    add(log.path, b"y\nfour\n")
    assert log.new()[-1] == b"four"


def test_no_number_is_torn_between_two_pieces(log: Follower) -> None:
    add(log.path, b"x" * (BLOCK - 8) + b"4111 1111 1111 1111" + b"x" * BLOCK)
    log.look()
    assert sum(b"4111 1111 1111 1111" in block.data for block in log.blocks) == 1


def test_holes_in_a_file_are_passed_over(log: Follower) -> None:
    with log.path.open("r+b") as file:
        file.truncate(0)
        file.seek(4 * BLOCK)
        file.write(b"after\n")
    log.look()
    assert log.lines[-1].lstrip(b"\0") == b"after"


def test_a_look_reads_only_so_much_and_the_next_goes_on(log: Follower) -> None:
    add(log.path, b"line\n" * 1000)
    found = log.look(seconds=0.0)
    assert found.waiting == 5000
    assert log.look().waiting == 0
    assert log.lines.count(b"line") == 1000


def test_what_was_rotated_away_is_finished_first(log: Follower) -> None:
    add(log.path, b"line\n" * 1000)
    log.path.rename(log.path.with_name("app.log.1"))
    log.path.write_bytes(b"last\n")
    assert log.look(seconds=0.0).waiting == 5005
    assert log.new() == [b"line"] * 1000 + [b"last"]


def test_a_quiet_file_is_not_read(log: Follower) -> None:
    blocks = len(log.blocks)
    assert log.look() == log.look()
    assert len(log.blocks) == blocks


@pytest.mark.parametrize("stored", [None, 7, "x", [], [1, 2, 3], [1, 2, 0, 3, 4, "x"], {"inode": 1}])
def test_a_position_that_makes_no_sense_is_none(stored: object) -> None:
    assert Position.restored(stored) is None


def test_a_position_of_another_time_is_survived(log: Follower) -> None:
    assert log.position is not None
    for position in (log.position._replace(offset=10**15), log.position._replace(known=10**6)):
        log.position = position
        assert log.look().how is How.TRUNCATED


def test_every_file_is_closed_again(log: Follower) -> None:
    def opened() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counts, nothing else

    before = opened()
    log.path.rename(log.path.with_name("app.log.1"))
    log.path.write_bytes(b"five\n")
    log.look()
    with pytest.raises(IsADirectoryError):
        follow(log.path.parent, None, log.blocks.append, reach=1, seconds=1)
    log_file.tail(log.path)
    log_file.line_at(log.path, 0, 0)
    assert opened() == before


def pieces(chance: random.Random) -> Iterator[bytes]:
    """Yield numbered lines, torn at any place."""
    whole = b"".join(b"%d %s\n" % (number, b"x" * chance.randrange(60)) for number in range(400))
    while whole:
        length = chance.randrange(1, 200)
        yield whole[:length]
        whole = whole[length:]


@pytest.mark.parametrize("seed", range(5))
def test_each_line_is_seen_once_through_a_storm_of_rotations(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a storm, not a secret
    path = tmp_path / "app.log"
    path.touch()
    follower = Follower(path)
    follower.look()
    for piece in pieces(chance):
        add(path, piece)
        what = chance.randrange(10)
        if what == 0 and piece.endswith(b"\n"):
            path.replace(path.with_name("app.log.1"))
            path.touch()
        if what < 6:  # never twice without a piece between: a torn line would pass for a whole one
            follower.look()
    follower.look()
    numbers = [int(line.split()[0]) for line in follower.lines]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 399
