"""A look at a state file that changes nothing, before anything may write to it."""

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from daemon.store.errors import StateError
from daemon.store.sqlite_errors import ANEW, trouble

APPLICATION = 0x4E507274
"""Written into the header of every state file of ours ("NPrt"), so that no other is ever taken for one."""

MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Found:
    """What is there: no file, an empty one, or a database, and then the revision of its schema, if any."""

    exists: bool
    empty: bool
    revision: str | None = None


def place(path: Path) -> bool:
    """Return whether there is a file, or raise StateError when there can be none."""
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        if path.parent.is_dir():
            return False
        raise StateError(
            f"state {path}: the directory {path.parent} does not exist; create it, owned by the porter's user"
        ) from None
    except OSError as error:
        raise _denied(path, error) from error
    if stat.S_ISDIR(kind):
        raise StateError(f"state {path}: is a directory; name a file in it, such as {path / 'state.db'}")
    if not stat.S_ISREG(kind):
        raise StateError(f"state {path}: is not a regular file; name one, or a new one")
    return True


def inode(path: Path) -> int:
    """Return what identifies a file as long as it exists."""
    return path.stat().st_ino


def look(path: Path) -> Found:
    """Return what a file holds, or raise StateError when it is not a sound state of ours.

    Neither the file nor its directory is changed, but for the index that SQLite rebuilds beside a
    write-ahead log that a crash has left.
    """
    if not place(path):
        return Found(exists=False, empty=True)
    try:
        with path.open("r+b") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise _denied(path, error) from error
    if not magic:
        return Found(exists=True, empty=True)
    if magic != MAGIC:
        raise StateError(f"state {path}: is not a database; restore a backup, name another file, or {ANEW}")
    try:
        return Found(exists=True, empty=False, revision=_inspect(path))
    except sqlite3.Error as error:
        raise trouble(path, error) from error


def _inspect(path: Path) -> str | None:
    log = Path(f"{path}-wal")
    # Without a log the file is all there is, and `immutable` keeps SQLite from creating one to read it.
    settled = not log.exists() or not log.stat().st_size
    uri = f"file:{quote(os.fspath(path))}?mode=ro" + ("&immutable=1" if settled else "")
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION:
            if application or tables:
                raise StateError(
                    f"state {path}: is a database of another program; name another file for the state"
                )
            return None
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise StateError(f"state {path}: is damaged ({str(verdict)[:100]}); restore a backup, or {ANEW}")
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if row is None:
            raise StateError(f"state {path}: has lost its schema's version; restore a backup, or {ANEW}")
        return str(row[0])


def _denied(path: Path, error: OSError) -> StateError:
    return StateError(
        f"state {path}: cannot be read and written ({error.strerror}); "
        "give the porter's user the right to do both, on a disk mounted for writing"
    )
