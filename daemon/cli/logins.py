"""What the daemon remembers and a single look cannot know.

Of logins to mail accounts, so that a command by hand does not add to them; of processes, how often they have
restarted of late.
"""

import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from checks.memory import LOGINS, Memories
from checks.result import CheckId
from checks.smtp_restraint import secondhand
from daemon.store.errors import StateError
from daemon.store.sqlite_file import path_of

PATIENCE = 1.0
"""Seconds to wait for whoever holds the state."""

QUERY = 'SELECT value FROM memories WHERE hotel = ? AND integration = ? AND "check" = ?'


def learn(memories: Memories, url: str, processes: Iterable[CheckId] = ()) -> None:
    """Take up what the state at `url` tells of logins, and of these checks; nothing if it cannot be read."""
    wanted = (LOGINS, *processes)
    try:
        path = path_of(url)
        if not path.is_file():
            return
        # Without a log the file is all there is, and `immutable` keeps SQLite from creating one to read it.
        log = Path(f"{path}-wal")
        settled = not log.exists() or not log.stat().st_size
        uri = f"file:{quote(os.fspath(path))}?mode=ro" + ("&immutable=1" if settled else "")
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as connection:
            rows = {check: connection.execute(QUERY, check).fetchone() for check in wanted}
    except (StateError, sqlite3.Error, OSError, ValueError):
        # A command by hand works without the daemon's state, too.
        return
    for check, row in rows.items():
        found = _read(row)
        if found is not None:
            memories.restore({check: secondhand(found) if check == LOGINS else found})


def _read(row: Any) -> dict[str, Any] | None:
    try:
        found = json.loads(row[0]) if row else None
    except (ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
