"""A log file that is open: read on in bounded pieces, and known again by what is in it."""

import codecs
import errno
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple, Self

from checks import off_loop
from checks.log_cards import BETWEEN
from checks.log_lines import MAX_LINE

BLOCK = 256 * 1024
KNOWN = 256
"""Bytes at the beginning, and before where reading ended, by which a file is known again."""


class Position(NamedTuple):
    """How far a file has been read. `beginning` is a hash of its first `known` bytes, `ending` one of those
    before `offset`; `inside` says that `offset` lies in a line that was taken already; `size` is what the
    file had then."""

    inode: int
    offset: int
    inside: bool
    size: int
    known: int
    beginning: str
    ending: str

    @classmethod
    def restored(cls, stored: Any) -> Self | None:
        """Return the position that was remembered, or None when there is none that makes sense."""
        shape = [int, int, bool, int, int, str, str]
        if not isinstance(stored, Sequence) or [type(one) for one in stored] != shape:
            return None
        return cls(*stored)

    @classmethod
    def start(cls) -> Self:
        """Return the position from which all of a file is new."""
        return cls(0, 0, inside=False, size=0, known=0, beginning="", ending="")


class Block(NamedTuple):
    """Whole lines: where they lie, and when (Unix time) the file was last written."""

    inode: int
    offset: int
    data: bytes
    skip: int
    written: float


Take = Callable[[Block], None]


@dataclass(slots=True)
class LogFile:
    """One open file."""

    fd: int
    inode: int
    size: int
    written: float
    offset: int = 0
    inside: bool = False
    unpacked: bool = False

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
        self.offset += len(data)
        if data.strip(b"\0"):
            with off_loop.turn():
                take(Block(self.inode, self.offset - len(data), data, skip, self.written))
            self.inside = inside
        elif len(data) == BLOCK:
            self.offset = max(self.offset, self._next_data())

    def _next_data(self) -> int:
        """Return where a hole in the file ends: gigabytes of nothing need not be read."""
        try:
            return os.lseek(self.fd, self.offset, os.SEEK_DATA)
        except OSError as error:
            return self.size if error.errno == errno.ENXIO else 0

    def is_wide(self) -> bool:
        """Say whether it begins as texts in UTF-16 do."""
        return os.pread(self.fd, 2, 0) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

    def close(self) -> None:
        """Give the file back."""
        os.close(self.fd)

    def position(self) -> Position:
        """Return where reading stands."""
        known = min(KNOWN, self.size)
        ending = self._hash_before(self.offset)
        return Position(self.inode, self.offset, self.inside, self.size, known, self._hash(0, known), ending)

    def is_after(self, position: Position) -> bool:
        """Say whether this is the file that was read up to there, with all of that still in it."""
        if self.size < position.offset or self.size < position.known:
            return False
        same = self._hash(0, position.known) == position.beginning or not position.known
        return same and (not position.offset or self._hash_before(position.offset) == position.ending)

    def _hash_before(self, offset: int) -> str:
        begin = max(0, offset - KNOWN)
        return self._hash(begin, offset - begin)

    def _hash(self, begin: int, length: int) -> str:
        return digest(os.pread(self.fd, length, begin))


def digest(data: bytes) -> str:
    """Return a short hash."""
    return blake2b(data, digest_size=8).hexdigest()


def _whole_numbers(data: bytes) -> int:
    """Return how much of a piece of a line to take, so that no number is torn."""
    return len(data[:-64]) + len(data[-64:].rstrip(b"0123456789" + BETWEEN)) or len(data)


def open_file(path: Path | str) -> LogFile:
    """Open a file to read; raise OSError."""
    # Without O_NONBLOCK, opening a named pipe would wait for somebody to write into it.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        raise IsADirectoryError(errno.EISDIR, "is not a regular file")
    return LogFile(fd, found.st_ino, found.st_size, found.st_mtime)


def line_at(path: Path, inode: int, offset: int) -> bytes:
    """Return the line at an offset, if the file is still the same one; else nothing."""
    with suppress(OSError), closing(open_file(path)) as file:
        if file.inode == inode:
            return os.pread(file.fd, MAX_LINE, offset).partition(b"\n")[0]
    return b""


def tail(path: Path) -> list[bytes]:
    """Return the last few lines of a file, newest first."""
    with suppress(OSError), closing(open_file(path)) as file:
        start = max(0, file.size - 2 * MAX_LINE)
        return os.pread(file.fd, 2 * MAX_LINE, start).split(b"\n")[::-1]
    return []
