"""Probe of backups: that the newest is young enough, and not suddenly small."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from checks import off_loop, values
from checks.check import CheckType
from checks.context import Context
from checks.log import span
from checks.result import Reason, Result, failed, ok
from checks.values import FilePath

AGE = "age_seconds"
ENTRIES = 20_000
SERIES = 20
SETTLED = 60.0
"""Seconds without a write after which a backup counts as finished."""
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".swp", "~")

_NUMBERS = re.compile(r"(?<![A-Za-z\d])\d+|\d{4,}")
"""What differs in the names of a series: dates and counts, but not the level in `L0` and `L1`."""


class Options(values.Options):
    """The backup, or the folder of backups, and how old (seconds) the newest may be."""

    path: FilePath
    max_age: float


class Backup(NamedTuple):
    """A file, or a folder with all that is in it: Unix time of the last write, bytes in all."""

    name: str
    written: float
    size: int


class Series(NamedTuple):
    """The newest of the backups whose names differ in numbers only, and the size of the one before it.

    `settled` says that nobody writes it any more.
    """

    name: str
    written: float
    size: int
    before: int | None
    settled: bool


async def probe(options: Options, context: Context) -> Result:
    """Find the newest backup, and hold its age and size against what is expected."""
    return await off_loop.look(lambda: _look(options, context), context)


def _look(options: Options, context: Context) -> off_loop.Seen:
    path, now = options.path, context.tools.now().timestamp()
    try:
        found = _backups(path)
    except (FileNotFoundError, NotADirectoryError):
        return failed(Reason.MISSING, f"there is no backup: {path} does not exist"), None
    except OSError as error:
        return failed(Reason.PERMISSION, f"the backups in {path} cannot be read: {error.strerror}"), None
    if not found:
        return failed(Reason.MISSING, f"there is no backup in {path}"), None
    series = _series(found, context.memory.value, now)
    remembered = {name: list(one) for name, one in series.items()}
    return _judge(options, found[-1], list(series.values()), now), remembered


def _judge(options: Options, newest: Backup, series: list[Series], now: float) -> Result:
    age = max(0.0, now - newest.written)
    numbers = {AGE: round(age, 1), "size_bytes": float(newest.size)}
    if age > options.max_age:
        limit = span(options.max_age)
        message = f"the newest backup, {newest.name}, is {span(age)} old, at most {limit} expected"
        old = failed(Reason.STALE, message, numbers)
        return replace(old, decisive=True, observed=round(age, 1), limit=options.max_age, unit="s")
    for one in series:
        fresh = one.settled and now - one.written <= options.max_age
        if fresh and one.before is not None and 2 * one.size < one.before:
            message = f"the backup {one.name} has {one.size} bytes, the one before it had {one.before}"
            shrunk = failed(Reason.MISMATCH, message, numbers)
            return replace(shrunk, observed=float(one.size), limit=one.before / 2, unit="bytes")
        if fresh and not one.size:
            return failed(Reason.MISMATCH, f"the backup {one.name} is empty", numbers)
    return ok(f"the newest backup, {newest.name}, is {span(age)} old", numbers)


def _series(found: list[Backup], stored: Mapping[str, Any], now: float) -> dict[str, Series]:
    """Return the newest backup of each series, held against what was remembered of it."""
    backups: dict[str, list[Backup]] = {}
    for one in found:
        backups.setdefault(_NUMBERS.sub("#", one.name), []).append(one)
    newest_series = sorted(backups.items(), key=lambda item: item[1][-1].written)[-SERIES:]
    return {name: _newest(of, stored.get(name), now) for name, of in newest_series}


def _newest(backups: list[Backup], stored: Any, now: float) -> Series:
    last = backups[-1]
    known = Series(*stored) if isinstance(stored, list) and len(stored) == 5 else None
    settled = now - last.written >= SETTLED
    before = backups[-2].size if len(backups) > 1 else None
    if known is not None and known.name == last.name:
        settled = settled or known.size == last.size
        if before is None:
            overwritten = known.settled and known.written != last.written
            before = known.size if overwritten else known.before
    return Series(last.name, last.written, last.size, before, settled)


def _backups(path: Path) -> list[Backup]:
    """Return the backups in a folder, or the one file, oldest first. Raises OSError."""
    if path.is_file():
        return [_of(path.name, [path.stat()])]
    with os.scandir(path) as entries:
        backups = [_backup(entry) for entry in islice(entries, ENTRIES) if _is_backup(entry.name)]
    return sorted((one for one in backups if one is not None), key=lambda one: one.written)


def _is_backup(name: str) -> bool:
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


def _backup(entry: "os.DirEntry[str]") -> Backup | None:
    with suppress(OSError):
        if entry.is_dir(follow_symlinks=False):
            return _tree(entry)
        if entry.is_file():
            return _of(entry.name, [entry.stat()])
    return None


def _tree(entry: "os.DirEntry[str]") -> Backup | None:
    """Return a folder as one backup: all the files in it, as many as can be looked at."""
    files: list[os.stat_result] = []
    for path, _folders, names in os.walk(entry.path):
        for name in names[: ENTRIES - len(files)]:
            with suppress(OSError):
                files.append(Path(path, name).lstat())
        if len(files) >= ENTRIES:
            break
    if not files:
        return None
    # What copies the times of the files copies those of their folder, but not that of its last change.
    whole = _of(entry.name, files)
    return whole._replace(written=max(whole.written, entry.stat(follow_symlinks=False).st_ctime))


def _of(name: str, files: list[os.stat_result]) -> Backup:
    # A time of the last write can be set, even to next year; that of the last change cannot.
    written = max(min(file.st_mtime, file.st_ctime) for file in files)
    return Backup(name, written, sum(file.st_size for file in files))


CHECK = CheckType("backup", Options, AGE, probe)
