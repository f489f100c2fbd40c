"""The logs of a folder, each followed under its name, and recognised under the next."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from checks import log_rotation
from checks.log_file import Position, Take
from checks.log_follow import Followed, follow
from checks.log_rotation import SIBLINGS

FILES = 16
"""How many logs are followed: those written last."""
REACH = 1024 * 1024
"""Bytes from the end that the first look reads of a file."""


@dataclass(slots=True)
class Logs:
    """What was remembered of the logs of a folder, by name; what is remembered next is in `after`.

    A log that was renamed is no new one: what was read of it under its old name is not read again.
    """

    path: Path
    before: Mapping[str, Any]
    first: bool
    seconds: float
    after: dict[str, list[Any]] = field(default_factory=dict)
    moved: list[Position] = field(default_factory=list)

    def names(self) -> Iterable[str]:
        """Return which logs to read: those known first, so that it is known what has become of them."""
        return dict.fromkeys([*self.before, *(path.name for path in newest_logs(self.path, FILES))])

    def known(self, name: str) -> Position | None:
        """Return how far a log was read under this name."""
        stored = self.before.get(name)
        return Position.restored(stored[:-1]) if stored else None

    def read(self, name: str, take: Take) -> Followed:
        """Hand out what is new in a log; raise OSError."""
        path, position = self.path / name, self.known(name)
        if position is None and not self.first:
            position = log_rotation.carried(path, self.moved) or Position.start()
        found = follow(path, position, take, reach=REACH, seconds=self.seconds / FILES)
        self.moved += found.rotated
        self.after[name] = [*found.position, found.written]
        return found

    def keep(self, name: str) -> None:
        """Remember of a log what was remembered before."""
        if name in self.before:
            self.after[name] = list(self.before[name])

    def forget_renamed(self) -> None:
        """Forget the old names of logs that have been read under new ones."""
        inodes = {one[0] for name, one in self.after.items() if name not in self.before}
        for name in [name for name, one in self.after.items() if name in self.before and one[0] in inodes]:
            del self.after[name]

    def remembered(self) -> dict[str, list[Any]]:
        """Return what to remember: of as many logs as are followed."""
        return dict(sorted(self.after.items(), key=lambda one: float(one[1][-1]))[-FILES:])


def newest_logs(path: Path, most: int) -> list[Path]:
    """Return the files of a folder that are logs and were written last, the newest first."""
    with suppress(OSError), os.scandir(path) as entries:
        logs = [(written(one), one.name) for one in islice(entries, SIBLINGS) if one.name.endswith(".log")]
        return [path / name for at, name in sorted(logs, reverse=True)[:most] if at]
    return []


def written(entry: "os.DirEntry[str]") -> float:
    """Return when a file was last written (Unix time); 0 for what is none."""
    with suppress(OSError):
        return entry.stat().st_mtime if entry.is_file() else 0.0
    return 0.0
