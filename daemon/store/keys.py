"""Keys that are drawn once and kept, on a connection whose transaction is the caller's."""

import secrets

from sqlalchemy import Connection, select

from daemon.store.changes import INSERTS
from daemon.store.schema import keys as table

LENGTH = 32

LINKS = "links"
"""The key that signs the links in letters."""


def drawn_once(connection: Connection, name: str) -> bytes:
    """Return the key of a name, drawing it when it is asked for the first time."""
    drawn = INSERTS[connection.dialect.name](table).values(name=name, value=secrets.token_bytes(LENGTH))
    connection.execute(drawn.on_conflict_do_nothing(index_elements=["name"]))
    kept = connection.execute(select(table.c.value).where(table.c.name == name))
    return bytes(kept.scalar_one())
