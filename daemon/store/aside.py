"""A state file that is moved out of the way, so that the porter starts over knowingly."""

import contextlib
import os
from datetime import datetime
from itertools import count
from pathlib import Path

from daemon.state_address import SCHEMES
from daemon.store.errors import StateError
from daemon.store.lock import ProcessLock
from daemon.store.looking import place
from daemon.store.sqlite_file import path_of

PARTS = ("-wal", "-shm", "")
"""How the names go on of what belongs to a state. The file is last: a log must not outstay it."""


def set_aside(url: str, now: datetime) -> Path | None:
    """Move the state file at an address aside, with what lies beside it; return where it is now.

    Return None when there is none. Nothing is overwritten. Raise StateError when it cannot be moved, when a
    porter has it, or when the state is no file.
    """
    if url.startswith(SCHEMES):
        raise StateError(
            "--new-state moves a file aside, and this state is a PostgreSQL database: "
            "name an empty one in `state` to start over"
        )
    path = path_of(url)
    if not place(path):
        return None
    lock = ProcessLock.acquire(path)
    try:
        return _moved(path, f"{path}.broken-{now:%Y%m%dT%H%M%SZ}")
    except OSError as error:
        raise StateError(
            f"state {path}: cannot be moved aside ({error.strerror}); "
            "give the porter's user the right to write its directory"
        ) from error
    finally:
        lock.release()


def _moved(path: Path, name: str) -> Path:
    target = _reserved(name)
    try:
        for part in PARTS:
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{part}").replace(f"{target}{part}")
    except OSError:
        if not target.stat().st_size:
            target.unlink()
        raise
    return target


def _reserved(name: str) -> Path:
    """Return a name that nothing has, nor what is to lie beside it, and keep it."""
    for number in count(1):
        target = Path(name if number == 1 else f"{name}-{number}")
        if not any(os.path.lexists(f"{target}{part}") for part in PARTS):
            with contextlib.suppress(FileExistsError):
                os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                return target
    raise AssertionError("numbers do not end")
