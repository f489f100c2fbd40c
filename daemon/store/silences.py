"""Silences that a person has asked for, on a connection whose transaction is the caller's."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from alerts.silence import Silence, Source, Span
from daemon.store.rows import Row
from daemon.store.schema import silences as table


def silence_row(silence: Silence, created_at: datetime) -> Row:
    """Return the row of a silence; raise TypeError for one of the configuration, which is kept there."""
    if silence.source is not Source.PERSON or not isinstance(silence.window, Span):
        raise TypeError("only a silence that a person has asked for is stored, and it does not recur")
    return {
        "id": silence.id,
        "match": json.dumps(dict(silence.match)),
        "from": silence.window.begins,
        "to": silence.window.ends,
        "by": silence.by,
        "reason": silence.reason,
        "created_at": created_at,
    }


def silence_of(row: RowMapping) -> Silence:
    """Return the silence of a row."""
    return Silence(
        id=row["id"],
        match=json.loads(row["match"]),
        window=Span(row["from"], row["to"]),
        reason=row["reason"],
        by=row["by"],
        source=Source.PERSON,
    )


def lasting(connection: Connection, now: datetime) -> list[Silence]:
    """Return the silences that are in force or to come, in the order they begin."""
    query = select(table).where(table.c.removed_at.is_(None), table.c.to > now)
    rows = connection.execute(query.order_by(table.c["from"], table.c.id)).mappings()
    return [silence_of(row) for row in rows]


def remove(connection: Connection, ids: Sequence[str], now: datetime) -> None:
    """End silences; one that has been removed before keeps the moment of it."""
    if not ids:
        return
    statement = update(table).where(table.c.id == bindparam("gone"), table.c.removed_at.is_(None))
    connection.execute(statement.values(removed_at=now), [{"gone": one} for one in ids])
