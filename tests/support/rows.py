"""The rows of a state, read and spoilt as any program would."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

Rows = list[dict[str, Any]]


async def tables(address: str) -> dict[str, Rows]:
    """Return all rows of the tables that reports rest on."""
    names = (
        "history",
        "incidents",
        "events",
        "reports",
        "notifications",
        "sightings",
        "standings",
        "maintenance_tasks",
        "maintenance_entries",
    )
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(Path(address.removeprefix("sqlite:///")))) as connection:
            connection.row_factory = sqlite3.Row
            return {
                name: [dict(one) for one in connection.execute(f"SELECT * FROM {name}")] for name in names
            }
    server = await asyncpg.connect(address)
    try:
        return {name: [dict(one) for one in await server.fetch(f"SELECT * FROM {name}")] for name in names}
    finally:
        await server.close()


async def spoil(address: str, statement: str, *values: str) -> None:
    """Run a statement behind the back of whoever has the state open; `$1` is the first of the values."""
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(Path(address.removeprefix("sqlite:///")))) as connection, connection:
            connection.execute(statement.replace("$", "?"), values)
        return
    server = await asyncpg.connect(address)
    try:
        await server.execute(statement, *values)
    finally:
        await server.close()
