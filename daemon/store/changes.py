"""Write a change: every row of it, on a connection whose transaction is the caller's."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Table, bindparam, case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.change import Change
from alerts.incident import Incident, IncidentState
from alerts.notification import Delivery
from daemon.store import schema, silences
from daemon.store.incident_rows import incident_row
from daemon.store.rows import Row, event_row, memory_row, notification_row, standing_row

Insert = sqlite.Insert | postgresql.Insert
INSERTS: Mapping[str, Callable[[Table], Insert]] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)


async def write(connection: AsyncConnection, change: Change, now: datetime) -> None:
    """Write a change; a key that a notification has already keeps what is stored under it."""
    await _write_incidents(connection, change.incidents)
    await _upsert(connection, schema.standings, [standing_row(one) for one in change.standings])
    await _withdraw(connection, change.superseded, Delivery.SUPERSEDED)
    await _withdraw(connection, change.cancelled, Delivery.CANCELLED)
    letters = [notification_row(one) for one in change.notifications]
    await _add(connection, schema.notifications, "key", letters)
    if change.events:
        await connection.execute(schema.events.insert(), [event_row(one) for one in change.events])
    await _upsert(connection, schema.memories, [memory_row(*one) for one in change.memories.items()])
    wishes = [silences.silence_row(one, now) for one in change.silences]
    await _add(connection, schema.silences, "id", wishes)
    await silences.remove(connection, change.removed_silences, now)
    for table in (schema.standings, schema.memories):
        await _forget(connection, table, [check._asdict() for check in change.forgotten])


async def _write_incidents(connection: AsyncConnection, incidents: Sequence[Incident]) -> None:
    # What ends makes room, under the same key, for what begins.
    ordered = sorted(incidents, key=lambda one: one.state is not IncidentState.RESOLVED)
    rows = [incident_row(one) for one in ordered]
    await _park(connection, rows)
    await _upsert(connection, schema.incidents, rows)


async def _park(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """Take incidents that get another key off theirs, lest the order of writing decide who may have it."""
    if not rows:
        return
    table = schema.incidents
    moving = update(table).where(table.c.id == bindparam("moving"), table.c.key != bindparam("onto"))
    await connection.execute(
        moving.values(key=bindparam("parked")),
        [{"moving": row["id"], "onto": row["key"], "parked": f"moving {row['id']}"} for row in rows],
    )


async def _upsert(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    if not rows:
        return
    statement = INSERTS[connection.dialect.name](table)
    names = [column.name for column in table.primary_key]
    changed = {
        column.name: statement.excluded[column.name] for column in table.columns if column.name not in names
    }
    await connection.execute(statement.on_conflict_do_update(index_elements=names, set_=changed), rows)


async def _withdraw(connection: AsyncConnection, ids: Sequence[str], become: Delivery) -> None:
    """Take back what waits; what is on its way is withdrawn should it have to be sent again."""
    if not ids:
        return
    table = schema.notifications
    pending = table.c.state == Delivery.PENDING.value
    await connection.execute(
        update(table)
        .where(table.c.id == bindparam("unwanted"), schema.UNDELIVERED)
        .values(
            state=case((pending, become.value), else_=table.c.state),
            withdrawn=case((pending, table.c.withdrawn), else_=become.value),
        ),
        [{"unwanted": one} for one in ids],
    )


async def _add(connection: AsyncConnection, table: Table, key: str, rows: Sequence[Row]) -> None:
    """Insert rows, leaving what is stored already under the key of one as it is."""
    if not rows:
        return
    statement = INSERTS[connection.dialect.name](table)
    await connection.execute(statement.on_conflict_do_nothing(index_elements=[key]), rows)


async def _forget(connection: AsyncConnection, table: Table, checks: Sequence[Mapping[str, str]]) -> None:
    if not checks:
        return
    keys = ("hotel", "integration", "check")
    statement = delete(table).where(*(table.c[key] == bindparam(f"gone_{key}") for key in keys))
    await connection.execute(statement, [{f"gone_{key}": check[key] for key in keys} for check in checks])
