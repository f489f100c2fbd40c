"""Write a change: every row of it, on a connection whose transaction is the caller's."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Table, bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.change import Change
from alerts.incident import IncidentState
from alerts.notification import Delivery
from daemon.store import schema
from daemon.store.rows import Row, event_row, incident_row, memory_row, notification_row, standing_row

Insert = sqlite.Insert | postgresql.Insert
INSERTS: Mapping[str, Callable[[Table], Insert]] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)


async def write(connection: AsyncConnection, change: Change) -> None:
    """Write a change; a key that a notification has already keeps what is stored under it."""
    # What ends makes room, under the same key, for what begins.
    ordered = sorted(change.incidents, key=lambda one: one.state is not IncidentState.RESOLVED)
    await _upsert(connection, schema.incidents, [incident_row(one) for one in ordered])
    await _upsert(connection, schema.standings, [standing_row(one) for one in change.standings])
    await _supersede(connection, change.superseded)
    await _add(connection, [notification_row(one) for one in change.notifications])
    if change.events:
        await connection.execute(schema.events.insert(), [event_row(one) for one in change.events])
    await _upsert(connection, schema.memories, [memory_row(*one) for one in change.memories.items()])
    for table in (schema.standings, schema.memories):
        await _forget(connection, table, [check._asdict() for check in change.forgotten])


async def _upsert(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    if not rows:
        return
    statement = INSERTS[connection.dialect.name](table)
    names = [column.name for column in table.primary_key]
    changed = {
        column.name: statement.excluded[column.name] for column in table.columns if column.name not in names
    }
    await connection.execute(statement.on_conflict_do_update(index_elements=names, set_=changed), rows)


async def _supersede(connection: AsyncConnection, ids: Sequence[str]) -> None:
    if not ids:
        return
    table = schema.notifications
    await connection.execute(
        update(table)
        .where(table.c.id == bindparam("wanted"), table.c.state == Delivery.PENDING)
        .values(state=str(Delivery.SUPERSEDED)),
        [{"wanted": one} for one in ids],
    )


async def _add(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    if not rows:
        return
    statement = INSERTS[connection.dialect.name](schema.notifications)
    await connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]), rows)


async def _forget(connection: AsyncConnection, table: Table, checks: Sequence[Mapping[str, str]]) -> None:
    if not checks:
        return
    keys = ("hotel", "integration", "check")
    statement = delete(table).where(*(table.c[key] == bindparam(f"gone_{key}") for key in keys))
    await connection.execute(statement, [{f"gone_{key}": check[key] for key in keys} for check in checks])
