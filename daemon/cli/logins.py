"""What the daemon remembers of logins to mail accounts, so that a command by hand does not add to them."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from checks.memory import LOGINS, Memories
from checks.smtp_restraint import secondhand
from daemon.store.errors import StateError
from daemon.store.opening import path_of

PATIENCE = 1.0
"""Seconds to wait for whoever holds the state."""

QUERY = 'SELECT value FROM memories WHERE hotel = ? AND integration = ? AND "check" = ?'


def learn(memories: Memories, url: str) -> None:
    """Take up what the state at `url` tells of logins; nothing if it cannot be read."""
    try:
        path = path_of(url)
        if not path.is_file():
            return
        # Without a log the file is all there is, and `immutable` keeps SQLite from creating one to read it.
        log = Path(f"{path}-wal")
        settled = not log.exists() or not log.stat().st_size
        uri = f"file:{quote(os.fspath(path))}?mode=ro" + ("&immutable=1" if settled else "")
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as connection:
            row = connection.execute(QUERY, LOGINS).fetchone()
        found = json.loads(row[0]) if row else {}
    except (StateError, sqlite3.Error, OSError, ValueError, TypeError, RecursionError):
        # A command by hand works without the daemon's state, too.
        return
    if isinstance(found, dict):
        memories.restore({LOGINS: secondhand(found)})
