"""Which files of a folder of messages are new: those changed since the last look."""

import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from checks.result import Reason
from checks.xml_document import LIMIT, XmlError

ENTRIES = 100_000
FILES = 50
"""How many files are read in one look."""
TICK = 20_000_000
"""Nanoseconds within which a file system may give two changes the same time."""


class Found(NamedTuple):
    """A file: when it was written, and when it last changed in any way, both in nanoseconds."""

    path: Path
    written: int
    changed: int

    @property
    def mark(self) -> str:
        """A short name of this state of the file."""
        return blake2b(
            f"{self.changed}{self.path.name}".encode("utf-8", "replace"), digest_size=8
        ).hexdigest()


def due(folder: Path, remembered: Mapping[str, Any], since: int) -> tuple[list[Found], int, dict[str, Any]]:
    """Return the files to read, the newest first; how many changed ones are too many; what to remember.

    Where nothing is remembered, files changed after `since` count. While nothing changes the files of the
    last look stay due, so that what is wrong with them stays known. Raise OSError, or XmlError.
    """
    found = _files(folder)
    if not found:
        return [], 0, dict(remembered)
    batch, mark = remembered.get("batch"), remembered.get("mark")
    if not (isinstance(batch, list) and isinstance(mark, int)):
        batch, mark = [], since
    fresh = [one for one in found if one.changed > mark - TICK and one.mark not in batch]
    wanted = fresh or [one for one in found if one.mark in batch]
    # The newest is read whatever it is.
    reading = list(dict.fromkeys([found[0], *wanted]))[:FILES]
    latest = max(one.changed for one in found)
    left = max(0, len(fresh) - FILES)
    return reading, left, {"batch": [one.mark for one in reading], "mark": latest}


def _files(folder: Path) -> list[Found]:
    """Return the XML files of a folder, the one written last first."""
    with os.scandir(folder) as entries:
        listed = list(islice(entries, ENTRIES + 1))
    if len(listed) > ENTRIES:
        raise XmlError(Reason.TOO_LARGE, f"holds more than {ENTRIES} files: too many to look through")
    found = []
    for entry in listed:
        with suppress(OSError):
            if entry.name.lower().endswith(".xml") and not entry.name.startswith(".") and entry.is_file():
                found.append(of(Path(entry.path), entry.stat()))
    return sorted(found, key=lambda one: (one.written, one.path.name), reverse=True)


def of(path: Path, stat: os.stat_result) -> Found:
    """Return a file as it is."""
    # A time of writing can be set, even to next year; that of the last change cannot.
    return Found(path, min(stat.st_mtime_ns, stat.st_ctime_ns), stat.st_ctime_ns)


def read(path: Path) -> tuple[bytes, Found]:
    """Return what is in a file, a byte past the limit at the most, and how it was; raise OSError.

    A named pipe is not waited for.
    """
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(number, "rb") as file:  # noqa: PTH123 - pathlib cannot open without waiting
        return file.read(LIMIT + 1), of(path, os.fstat(number))
