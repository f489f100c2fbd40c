"""Following a file that grows: through rotation, truncation and restarts, in bounded pieces."""

import errno
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple, Self

from checks.log_cards import BETWEEN
from checks.log_lines import MAX_LINE
from checks.result import Reason, Result, failed

BLOCK = 256 * 1024
AT_MOST = 64 * 1024 * 1024
"""Bytes that one look reads of a file; what is left waits for the next."""
BEGINNING = 256
SIBLINGS = 10_000


class Position(NamedTuple):
    """How far a file has been read. `beginning` is a hash of its first `known` bytes, to know it again by;
    `inside` says that `offset` lies in a line that was taken already; `size` is what the file had then."""

    inode: int
    offset: int
    inside: bool
    size: int
    known: int
    beginning: str

    @classmethod
    def restored(cls, stored: Any) -> Self | None:
        """Return the position that was remembered, or None when there is none that makes sense."""
        shape = [int, int, bool, int, int, str]
        if not isinstance(stored, Sequence) or [type(one) for one in stored] != shape:
            return None
        return cls(*stored)


class Block(NamedTuple):
    """Whole lines: where they lie, and when (Unix time) the file was last written."""

    inode: int
    offset: int
    data: bytes
    skip: int
    written: float


class How(StrEnum):
    """What was found: `REPLACED` and `TRUNCATED` say that there is no trace of what was there before."""

    FIRST = "first"
    CONTINUED = "continued"
    ROTATED = "rotated"
    REPLACED = "replaced"
    TRUNCATED = "truncated"


class Followed(NamedTuple):
    """Where a look ended, how many bytes wait to be read, and when the file was last written."""

    position: Position
    how: How
    waiting: int
    written: float


Take = Callable[[Block], None]


@dataclass(slots=True)
class _Reader:
    """One open file."""

    fd: int
    inode: int
    size: int
    written: float
    offset: int = 0
    inside: bool = False

    def read(self, take: Take, until: float, left: int) -> int:
        """Hand out whole lines; return how many bytes may still be read."""
        while self.offset < self.size and left > 0 and perf_counter() < until:
            data = os.pread(self.fd, min(BLOCK, self.size - self.offset), self.offset)
            length, inside = data.rfind(b"\n") + 1, False
            if not length:
                if len(data) < BLOCK:
                    break
                length, inside = _whole_numbers(data), True
            self._hand_out(data[:length], take, inside=inside)
            left -= length
        return left

    def read_end(self, take: Take) -> None:
        """Hand out the last line though no line break ends it."""
        data = os.pread(self.fd, BLOCK, self.offset)[: self.size - self.offset]
        if data and b"\n" not in data:
            self._hand_out(data, take, inside=True)

    def _hand_out(self, data: bytes, take: Take, *, inside: bool) -> None:
        skip = 0
        if self.inside:
            skip = data.find(b"\n") + 1 or len(data)
        if data.strip(b"\0"):
            take(Block(self.inode, self.offset, data, skip, self.written))
            self.inside = inside
        self.offset += len(data)

    def close(self) -> None:
        """Give the file back."""
        os.close(self.fd)

    def position(self) -> Position:
        """Return where reading stands."""
        known = min(BEGINNING, self.size)
        return Position(self.inode, self.offset, self.inside, self.size, known, _hash(self.fd, known))

    def is_after(self, position: Position) -> bool:
        """Say whether this is the file that was read up to there, with all of that still in it."""
        grown = self.size >= position.offset and self.size >= position.known
        return grown and _hash(self.fd, position.known) == position.beginning


def _whole_numbers(data: bytes) -> int:
    """Return how much of a piece of a line to take, so that no number is torn."""
    return len(data[:-64]) + len(data[-64:].rstrip(b"0123456789" + BETWEEN)) or len(data)


def _hash(fd: int, length: int) -> str:
    return blake2b(os.pread(fd, length, 0), digest_size=8).hexdigest()


def _open(path: Path | str) -> _Reader:
    # Without O_NONBLOCK, opening a named pipe would wait for somebody to write into it.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        raise IsADirectoryError(errno.EISDIR, "is not a regular file")
    return _Reader(fd, found.st_ino, found.st_size, found.st_mtime)


def follow(path: Path, position: Position | None, take: Take, *, reach: int, seconds: float) -> Followed:
    """Hand out what is new since `position`, oldest first: or, without one, the last `reach` bytes.

    Raises OSError when the file cannot be read.
    """
    until, left, how = perf_counter() + seconds, AT_MOST, How.FIRST
    with closing(_open(path)) as file:
        if position is None:
            # One byte early, and inside a line: if that byte is a line break, the next line is whole.
            file.offset = max(0, file.size - reach - 1)
            file.inside = file.offset > 0
        elif file.inode == position.inode and file.is_after(position):
            file.offset, file.inside, how = position.offset, position.inside, How.CONTINUED
        else:
            how = How.TRUNCATED if file.inode == position.inode else How.REPLACED
            if old := _moved(path, position, file.inode):
                with closing(old):
                    how, left = How.ROTATED, old.read(take, until, left)
                    if old.offset < old.size and (left <= 0 or perf_counter() >= until):
                        return Followed(old.position(), how, old.size - old.offset + file.size, file.written)
                    old.read_end(take)
        file.read(take, until, left)
        if how is How.FIRST or (how is How.CONTINUED and position and file.size == position.size):
            file.read_end(take)
        return Followed(file.position(), how, file.size - file.offset, file.written)


def _moved(path: Path, position: Position, other: int) -> _Reader | None:
    """Open what the file was rotated to: the same inode, or a copy, elsewhere in its folder."""
    for name in _candidates(path, position, other):
        with suppress(OSError):
            file = _open(name)
            if file.inode != other and file.is_after(position):
                file.offset, file.inside = position.offset, position.inside
                return file
            file.close()
    return None


def _candidates(path: Path, position: Position, other: int) -> list[str]:
    same, alike = [], []
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in islice(entries, SIBLINGS):
            if entry.inode() == position.inode and position.inode != other:
                same.append(entry.path)
            elif position.known and entry.name.startswith(path.stem) and entry.name != path.name:
                alike.append(entry.path)
    return same + alike


def line_at(path: Path, inode: int, offset: int) -> bytes:
    """Return the line at an offset, if the file is still the same one; else nothing."""
    with suppress(OSError), closing(_open(path)) as file:
        if file.inode == inode:
            return os.pread(file.fd, MAX_LINE, offset).partition(b"\n")[0]
    return b""


def tail(path: Path) -> list[bytes]:
    """Return the last few lines of a file, newest first."""
    with suppress(OSError), closing(_open(path)) as file:
        start = max(0, file.size - 2 * MAX_LINE)
        return os.pread(file.fd, 2 * MAX_LINE, start).split(b"\n")[::-1]
    return []


def refusal(path: Path, error: OSError) -> Result:
    """Return what it means that a file cannot be read: gone is `missing`, the rest is "could not look"."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return failed(Reason.MISSING, f"{path} does not exist")
    if isinstance(error, IsADirectoryError):
        return failed(Reason.PERMISSION, f"{path} is not a file that can be followed")
    return failed(Reason.PERMISSION, f"{path} cannot be read: {error.strerror or type(error).__name__}")


def has_moved(path: Path, position: Position) -> bool:
    """Say whether what was read lies elsewhere in its folder now: the same file, or a copy."""
    file = _moved(path, position, other=-1)
    if file is not None:
        file.close()
    return file is not None
