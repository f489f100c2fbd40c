"""Following a file that grows: through rotation, truncation and restarts, in bounded pieces."""

import errno
from contextlib import ExitStack, closing
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from checks import log_rotation
from checks.log_file import LogFile, Position, Take, open_file
from checks.result import Reason, Result, Sign, failed

AT_MOST = 64 * 1024 * 1024
"""Bytes that one look reads of a file; what is left waits for the next."""
NEWEST = 4 * 1024 * 1024
"""Bytes that may wait. When there are more, only so many of the end are read: an old verdict helps nobody."""


class How(StrEnum):
    """What was found: `REPLACED` and `TRUNCATED` say that there is no trace of what was there before."""

    FIRST = "first"
    CONTINUED = "continued"
    ROTATED = "rotated"
    REPLACED = "replaced"
    TRUNCATED = "truncated"


class Followed(NamedTuple):
    """Where a look ended, how many bytes wait to be read, and when the file was last written.

    `skipped` bytes were too many to be read; `rotated` is where reading ended in what was rotated away.
    """

    position: Position
    how: How
    waiting: int
    written: float
    skipped: int = 0
    rotated: tuple[Position, ...] = ()


def follow(path: Path, position: Position | None, take: Take, *, reach: int, seconds: float) -> Followed:
    """Hand out what is new since `position`, oldest first: or, without one, the last `reach` bytes.

    Raises OSError when the file cannot be read.
    """
    pace, how, rotated = Pace(perf_counter() + seconds, AT_MOST), How.FIRST, Rotated()
    with closing(open_file(path)) as file:
        if file.is_wide():
            raise OSError(errno.EILSEQ, "it is written in UTF-16, and only UTF-8 is read")
        if position is None:
            # One byte early, and inside a line: if that byte is a line break, the next line is whole.
            file.offset = max(0, file.size - reach - 1)
            file.inside = file.offset > 0
        elif file.inode == position.inode and file.is_after(position):
            file.offset, file.inside, how = position.offset, position.inside, How.CONTINUED
        else:
            how = How.TRUNCATED if file.inode == position.inode else How.REPLACED
            if old := log_rotation.find(path, position, file.inode, pace.until):
                how, rotated = How.ROTATED, _read_rotated(path, old, file, take, pace)
                if 0 < rotated.waiting <= NEWEST:
                    waiting = rotated.waiting + file.size
                    return Followed(rotated.ended[-1], how, waiting, file.written)
        pace.read(file, take)
        skipped = rotated.waiting + _catch_up(file, take)
        if how is How.FIRST or (how is How.CONTINUED and position and file.size == position.size):
            file.read_end(take)
        waiting = file.size - file.offset
        return Followed(file.position(), how, waiting, file.written, skipped, rotated.ended)


@dataclass(slots=True)
class Pace:
    """How long (by the performance counter) may be read, and how many bytes."""

    until: float
    left: int

    def read(self, file: LogFile, take: Take) -> bool:
        """Read a file; say whether there was time for all of it."""
        self.left = file.read(take, self.until, self.left)
        return file.offset >= file.size or (self.left > 0 and perf_counter() < self.until)


class Rotated(NamedTuple):
    """Where reading ended in each file that was rotated away, and how many bytes of them wait."""

    ended: tuple[Position, ...] = ()
    waiting: int = 0


def _read_rotated(path: Path, old: LogFile, current: LogFile, take: Take, pace: Pace) -> Rotated:
    ended: list[Position] = []
    waiting = 0
    with ExitStack() as opened:
        files = [old, *log_rotation.since(path, old, current.inode, pace.until)]
        for file in files:
            opened.callback(file.close)
        for file in files:
            if waiting:
                waiting += file.size
                continue
            # What was unpacked is little, and cannot be returned to.
            if (Pace(inf, AT_MOST) if file.unpacked else pace).read(file, take):
                file.read_end(take)
            else:
                waiting = file.size - file.offset
            ended.append(file.position())
    return Rotated(tuple(ended), waiting)


def _catch_up(file: LogFile, take: Take) -> int:
    """Read the end of a file in which too much is left; return how much of it was skipped."""
    skipped = file.size - NEWEST - file.offset
    if skipped <= 0:
        return 0
    file.offset, file.inside = file.offset + skipped, True
    file.read(take, inf, NEWEST)
    return skipped


def refusal(path: Path, error: OSError) -> Result:
    """Return what it means that a file cannot be read: gone is `missing`, the rest is "could not look"."""
    gone = (Sign.LOG_GONE,)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return failed(Reason.MISSING, f"{path} does not exist", signs=gone)
    if isinstance(error, IsADirectoryError):
        return failed(Reason.PERMISSION, f"{path} is not a file that can be followed", signs=gone)
    said = f"{path} cannot be read: {error.strerror or type(error).__name__}"
    return failed(Reason.PERMISSION, said, signs=gone)
