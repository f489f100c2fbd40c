"""Whether what is missing from a log was put away, as rotation does, or taken out.

A log was put away when something of its name has come into its folder, into the one above, or into one of the
folders in these two, and is as large as the log was, or compressed. An archive elsewhere cannot be known of:
then a rotation counts as a gap.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from checks.log_file import Position
from checks.log_rotation import COMPRESSED, SIBLINGS

DATED = re.compile(r"\d{4}[-._]?\d\d[-._]?\d\d")


class Archive:
    """What lies around the logs of a folder, and is no log itself or was none before."""

    def __init__(self, path: Path, before: int | None) -> None:
        """List the folders. `before` is what `newest` was at the last look; raise OSError."""
        os.scandir(path).close()
        self._path = path
        self._before = before
        self._entries = [
            (entry.name, stat)
            for entry in _around(path)
            for stat in _stat(entry)
            if not _is_live(entry, path)
        ]
        self.newest = max((stat.st_ctime_ns for _, stat in self._entries), default=0)

    def holds(self, name: str, position: Position) -> bool:
        """Say whether the log of this name has been put away since the last look."""
        since = self.newest if self._before is None else self._before
        stem = name.removesuffix(".log")
        return any(
            found.startswith(stem)
            and stat.st_ctime_ns > since
            and stat.st_size > 0
            and (stat.st_size >= position.size or found.endswith(COMPRESSED))
            for found, stat in self._entries
        )


def _is_live(entry: "os.DirEntry[str]", path: Path) -> bool:
    return entry.name.endswith(".log") and Path(entry.path).parent == path


def _stat(entry: "os.DirEntry[str]") -> Iterator[os.stat_result]:
    with suppress(OSError):
        if entry.is_file(follow_symlinks=False):
            yield entry.stat(follow_symlinks=False)


def _around(path: Path) -> Iterator["os.DirEntry[str]"]:
    """Yield what is in a folder, in the one above, and in the folders in these two."""
    seen = set()
    for folder in (path, path.parent):
        for entry in _list(folder):
            yield entry
            if entry.is_dir(follow_symlinks=False) and entry.path not in seen and entry.path != str(path):
                seen.add(entry.path)
                yield from _list(Path(entry.path))


def _list(folder: Path) -> list["os.DirEntry[str]"]:
    with suppress(OSError), os.scandir(folder) as entries:
        return list(islice(entries, SIBLINGS))
    return []
