"""Where what was read of a log lies now: renamed, copied, or compressed, and what was rotated after it."""

import gzip
import os
import re
import zlib
from collections.abc import Iterable
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from time import perf_counter

from checks.log_file import KNOWN, LogFile, Position, digest, open_file

SIBLINGS = 10_000
"""Entries of a folder that are looked at."""
UNPACKED = 16 * 1024 * 1024
"""Bytes of a compressed log that are read, behind what was read before it was compressed."""
PIECE = 256 * 1024
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4")

_PART = re.compile(r"[-._]?\d[-._\dTZ]*(?=\.[a-z]|$)")
_AFTER_ALL = re.compile(r"[-._]\d[-._\dTZ]*")
_IN_BETWEEN = re.compile(r"\.\d{1,3}|[-._]\d{4}[-._]?\d\d[-._\dTZ]*")


def family(name: str) -> str:
    """Return what the names of a log have in common through all rotations: that without number and date."""
    return _PART.sub("", _bare(name))


def _bare(name: str) -> str:
    while name.endswith(COMPRESSED):
        name = name.rpartition(".")[0]
    return name


def find(path: Path, position: Position, other: int, until: float) -> LogFile | None:
    """Open what the file was rotated to, where reading ended: the same inode, a copy, or a compressed one.

    `other` is the inode that is at its path now.
    """
    compressed = []
    for name in _candidates(path, position, other):
        if name.endswith(".gz"):
            compressed.append(name)
            continue
        with suppress(OSError):
            file = open_file(name)
            if file.inode != other and file.is_after(position):
                file.offset, file.inside = position.offset, position.inside
                return file
            file.close()
    for name in compressed if position.known else ():
        with suppress(OSError, EOFError, zlib.error):
            if unpacked := _unpacked(name, position, until):
                return unpacked
    return None


def since(path: Path, old: LogFile, other: int, until: float) -> list[LogFile]:
    """Open what was rotated away after `old`, and before the one that is at its path now, oldest first."""
    found: list[LogFile] = []
    for entry in _entries(path):
        if not _is_rotated(entry.name, path):
            continue
        with suppress(OSError, EOFError, zlib.error):
            stat = entry.stat()
            if stat.st_ino in {other, old.inode} or stat.st_mtime <= old.written:
                continue
            packed = entry.name.endswith(".gz")
            file = _unpacked(entry.path, Position.start(), until) if packed else open_file(entry.path)
            if file is not None:
                found.append(file)
    return sorted(found, key=lambda one: one.written)


def _is_rotated(name: str, path: Path) -> bool:
    """Say whether a name is one of what was rotated away: `app.log.1`, `app.log-20240115`, `app.1.log`,
    `app-2024-01-15.log`, but not `app-1.log`, which may be that of another process."""
    bare, leads_to = _bare(name), path.resolve().name
    if leads_to not in {path.name, name} and family(name) == family(leads_to):
        return True
    if bare.startswith(path.name):
        return _AFTER_ALL.fullmatch(bare, len(path.name)) is not None
    end = len(bare) - len(path.suffix)
    between = bare.startswith(path.stem) and bare.endswith(path.suffix)
    return between and _IN_BETWEEN.fullmatch(bare, len(path.stem), end) is not None


def lies_elsewhere(path: Path, position: Position) -> bool:
    """Say whether what was read lies elsewhere in its folder now: the same file, or a copy."""
    file = find(path, position, other=-1, until=perf_counter() + 1.0)
    if file is not None:
        file.close()
    return file is not None


def carried(path: Path, positions: Iterable[Position]) -> Position | None:
    """Return which of these positions lies in the file: how far it was read under another name."""
    with suppress(OSError), closing(open_file(path)) as file:
        for position in positions:
            if position.offset and file.is_after(position):
                return position._replace(inode=file.inode)
    return None


def _entries(path: Path) -> Iterable["os.DirEntry[str]"]:
    """Yield what stands beside a file, and beside what its path leads to."""
    for folder in dict.fromkeys((path.parent, path.resolve().parent)):
        with suppress(OSError), os.scandir(folder) as entries:
            yield from islice(entries, SIBLINGS)


def _candidates(path: Path, position: Position, other: int) -> list[str]:
    same, alike = [], []
    stems = {path.stem, path.resolve().stem}
    for entry in _entries(path):
        if entry.inode() == position.inode and position.inode != other:
            same.append(entry.path)
        elif position.known and entry.name != path.name and entry.name.startswith(tuple(stems)):
            alike.append(entry.path)
    return same + alike


def _unpacked(name: str, position: Position, until: float) -> LogFile | None:
    """Unpack what follows a position into memory: nothing, if another file was compressed there."""
    with closing(open_file(name)) as packed, open(packed.fd, "rb", closefd=False) as raw:
        stream = gzip.GzipFile(fileobj=raw)
        begin = stream.read(position.known)
        if position.known and digest(begin) != position.beginning:
            return None
        skipped = max(0, position.offset - KNOWN)
        while stream.tell() < skipped and perf_counter() < until:
            if not stream.read(min(PIECE, skipped - stream.tell())):
                return None
        stream.seek(skipped)
        data = stream.read(KNOWN + UNPACKED)
        read = position.offset - skipped
        if read and digest(data[:read]) != position.ending:
            return None
        fd = os.memfd_create("unpacked", os.MFD_CLOEXEC)
        os.write(fd, data)
        return LogFile(fd, packed.inode, len(data), packed.written, read, position.inside, unpacked=True)
