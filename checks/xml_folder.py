"""Which files of a folder of messages are due: those changed since they were read; none is passed over."""

import os
import stat
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

from checks.result import Reason
from checks.xml_document import LIMIT, XmlError

ENTRIES = 100_000
REMEMBERED = 40
"""How many files are remembered by name, of each sort."""
TICK = 20_000_000
"""Nanoseconds within which a file system may give two changes the same time."""

Place = tuple[int, str]
"""Where a file stands in the order in which files are read: when it last changed, and its mark."""


@dataclass(frozen=True)
class Found:
    """A file: when it was written, and when it last changed in any way, both in nanoseconds."""

    path: Path
    written: int
    changed: int

    @cached_property
    def mark(self) -> str:
        """A short name of this state of the file."""
        state = f"{self.changed}{self.path.name}".encode("utf-8", "replace")
        return blake2b(state, digest_size=8).hexdigest()

    @property
    def place(self) -> Place:
        """Where the file stands among all."""
        return self.changed, self.mark


@dataclass(frozen=True, slots=True)
class Due:
    """What to read: the newest whatever it is, what was wrong, and what has not been read, the oldest first.

    All up to `place` has been read, and what is in `near`, though it may stand behind. `links` is how many
    symbolic links the folder holds; they are not followed.
    """

    newest: tuple[Found, ...] = ()
    again: tuple[Found, ...] = ()
    fresh: tuple[Found, ...] = ()
    near: tuple[Found, ...] = ()
    place: Place = (0, "")
    links: int = 0

    @property
    def reading(self) -> tuple[Found, ...]:
        """What to read, in order."""
        return tuple(dict.fromkeys((*self.newest, *self.again, *self.fresh)))

    def left(self, done: Collection[Found]) -> int:
        """Return how many files nobody has read yet when these are."""
        return sum(one not in done for one in self.fresh)

    def noted(
        self, done: Collection[Found], wrong: Iterable[Found], young: Iterable[Found]
    ) -> dict[str, Any]:
        """Return what to remember when these have been read; nothing that has not been is passed over."""
        place = self.place
        for one in self.fresh:
            if one not in done:
                break
            place = max(place, one.place)
        near = {one for one in (*self.near, *done) if one.changed > place[0] - TICK}
        unseen = [one for one in self.again if one not in done]
        return {
            "mark": place[0],
            "after": place[1],
            "near": [one.mark for one in sorted(near, key=lambda one: one.place)[-REMEMBERED:]],
            "wrong": [one.mark for one in (*wrong, *unseen)][:REMEMBERED],
            "young": [one.mark for one in young][:REMEMBERED],
            "more": self.left(done) > 0,
        }


def due(folder: Path, remembered: Mapping[str, Any], since: int, now: int) -> Due:
    """Return what is due in a folder; times are in nanoseconds since 1970.

    Where nothing is remembered, files changed after `since` count. What was wrong stays due until all that
    was found with it has been read and something new comes. Raise OSError, or XmlError.
    """
    found, links = _files(folder)
    mark, after = remembered.get("mark"), remembered.get("after")
    place = (mark, after if isinstance(after, str) else "") if isinstance(mark, int) else (since, "")
    # A clock that was set back makes nothing that comes now older than what has been read.
    place = min(place, (now, ""))
    near, wrong, young = (_marks(remembered, name) for name in ("near", "wrong", "young"))
    around = [one for one in found if one.changed > place[0] - TICK]
    known = tuple(one for one in around if one.mark in near)
    # Those that came within a tick may stand before the place, though nobody has read them.
    fresh = sorted(set(around) - set(known), key=lambda one: (one.place <= place, one.place))
    again = young if fresh and not remembered.get("more") else young | wrong
    return Due(
        newest=tuple(found[:1]),
        again=tuple(one for one in found if one.mark in again) if again else (),
        fresh=tuple(fresh),
        near=known,
        place=place,
        links=links,
    )


def _marks(remembered: Mapping[str, Any], name: str) -> set[str]:
    value = remembered.get(name)
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else set()


def _files(folder: Path) -> tuple[list[Found], int]:
    """Return the XML files of a folder, the one written last first, and how many are symbolic links."""
    with os.scandir(folder) as entries:
        listed = list(islice(entries, ENTRIES + 1))
    if len(listed) > ENTRIES:
        raise XmlError(Reason.TOO_LARGE, f"holds more than {ENTRIES} files: too many to look through")
    found, links = [], 0
    for entry in listed:
        if not entry.name.lower().endswith(".xml") or entry.name.startswith("."):
            continue
        links += entry.is_symlink()
        with suppress(OSError):
            if entry.is_file(follow_symlinks=False):
                found.append(of(Path(entry.path), entry.stat(follow_symlinks=False)))
    return sorted(found, key=lambda one: (one.written, one.path.name), reverse=True), links


def of(path: Path, info: os.stat_result) -> Found:
    """Return a file as it is."""
    # A time of writing can be set, even to next year; that of the last change cannot.
    return Found(path, min(info.st_mtime_ns, info.st_ctime_ns), info.st_ctime_ns)


def read(path: Path, *, follow: bool) -> tuple[bytes, Found]:
    """Return what is in a file, a byte past the limit at the most, and how it was; raise OSError.

    Without `follow`, a symbolic link is not opened. A pipe or a device is not read: `FileNotFoundError`.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    number = os.open(path, flags if follow else flags | os.O_NOFOLLOW)
    with open(number, "rb") as file:  # noqa: PTH123 - pathlib cannot open without waiting
        info = os.fstat(number)
        if not stat.S_ISREG(info.st_mode):
            raise FileNotFoundError(f"{path} is no file")
        return file.read(LIMIT + 1), of(path, info)
