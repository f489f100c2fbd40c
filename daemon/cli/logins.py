"""What the daemon remembers and a single look cannot know.

Of logins to mail accounts, so that a command by hand does not add to them; of processes, how often they have
restarted of late.
"""

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from checks.memory import LOGINS, Memories
from checks.result import CheckId
from checks.smtp_restraint import secondhand
from daemon.state_address import SCHEMES, file_address

PATIENCE = 1.0
"""Seconds to wait for whoever holds the state, or for its server."""

QUERY = 'SELECT value FROM memories WHERE hotel = {} AND integration = {} AND "check" = {}'
FROM_FILE, FROM_DATABASE = QUERY.format("?", "?", "?"), QUERY.format("$1", "$2", "$3")


FAULTS = (
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    ValueError,
)
"""A command by hand works without the daemon's state, too."""


async def learn(memories: Memories, url: str, processes: Iterable[CheckId] = ()) -> None:
    """Take up what the state at `url` tells of logins, and of these checks; nothing if it cannot be read."""
    wanted = (LOGINS, *processes)
    try:
        if url.startswith(SCHEMES):
            rows = await _in_database(url, wanted)
        else:
            rows = await asyncio.to_thread(_in_file, url, wanted)
    except FAULTS:
        return
    for check, row in rows.items():
        found = _read(row)
        if found is not None:
            memories.restore({check: secondhand(found) if check == LOGINS else found})


def _in_file(url: str, wanted: Iterable[CheckId]) -> dict[CheckId, Any]:
    path = file_address(url)
    if not path.is_file():
        return {}
    # Without a log the file is all there is, and `immutable` keeps SQLite from creating one to read it.
    log = Path(f"{path}-wal")
    settled = not log.exists() or not log.stat().st_size
    uri = f"file:{quote(os.fspath(path))}?mode=ro" + ("&immutable=1" if settled else "")
    with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as connection:
        return {check: connection.execute(FROM_FILE, check).fetchone() for check in wanted}


async def _in_database(url: str, wanted: Iterable[CheckId]) -> dict[CheckId, Any]:
    async with asyncio.timeout(PATIENCE):
        connection = await asyncpg.connect(url, statement_cache_size=0)
        try:
            return {check: await connection.fetchrow(FROM_DATABASE, *check) for check in wanted}
        finally:
            connection.terminate()


def _read(row: Any) -> dict[str, Any] | None:
    try:
        found = json.loads(row[0]) if row else None
    except (ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
