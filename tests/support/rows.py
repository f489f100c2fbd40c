"""The rows of a state, read as any program would read them."""

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
