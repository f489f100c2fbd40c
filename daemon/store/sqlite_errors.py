"""What goes wrong with a state in a SQLite file, in words that name the file and the remedy."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from sqlalchemy.exc import StatementError

from daemon.store.errors import ContradictionError, StateError

ANEW = "start over with `nightporter run --new-state`, which moves it aside"

SILENT = (
    "does not answer in time; close what else has it open (`fuser` names it), or look whether its disk is "
    "failing (`dmesg`)"
)

REMEDIES: Mapping[int, str] = MappingProxyType(
    {
        sqlite3.SQLITE_FULL: "the disk is full; free some space on it",
        sqlite3.SQLITE_IOERR: (
            "the disk cannot be read or written; look whether it is full (`df`) or failing (`dmesg`)"
        ),
        sqlite3.SQLITE_CANTOPEN: (
            "cannot be opened; give the porter's user the right to write the file and its directory"
        ),
        sqlite3.SQLITE_PERM: "may not be used; give the porter's user the right to write the file",
        sqlite3.SQLITE_READONLY: (
            "cannot be written; give the porter's user the right to write the file and its directory"
        ),
        sqlite3.SQLITE_BUSY: "is locked by another program; close what has it open (`fuser` names it)",
        sqlite3.SQLITE_CORRUPT: f"is damaged; stop the porter and restore a backup, or {ANEW}",
        sqlite3.SQLITE_NOTADB: (f"is not a database of Night Porter; restore a backup, or {ANEW}"),
    }
)


def trouble(path: Path, error: Exception) -> StateError:
    """Return what a database error means to the person who has to set it right."""
    cause = error.orig if isinstance(error, StatementError) else error
    if isinstance(cause, TimeoutError):
        return StateError(f"state {path}: {SILENT}")
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_CONSTRAINT:
        return ContradictionError(
            f"state {path}: the change contradicts what is stored ({cause}); nothing was written"
        )
    sentence = REMEDIES.get(code)
    if sentence is None:
        return StateError(f"state {path}: does not work: {type(cause).__name__}: {cause}"[:300])
    return StateError(f"state {path}: {sentence} ({cause})")
