"""Write a change: every row of it, on a connection whose transaction is the caller's."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from alerts.attempt import DATA
from alerts.change import Change, Event
from alerts.incident import Incident, IncidentState
from alerts.notification import Delivery
from daemon.store import schema, silences
from daemon.store.incident_rows import incident_row
from daemon.store.rows import Row, event_row, memory_row, notification_row, standing_row

Insert = sqlite.Insert | postgresql.Insert
INSERTS: Mapping[str, Callable[[Table], Insert]] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)


def write(connection: Connection, change: Change, now: datetime) -> None:
    """Write a change; a key that a notification has already keeps what is stored under it.

    To write a change once more changes nothing.
    """
    _write_incidents(connection, change.incidents)
    _upsert(connection, schema.standings, [standing_row(one) for one in change.standings])
    _withdraw(connection, change.superseded, Delivery.SUPERSEDED)
    _withdraw(connection, change.cancelled, Delivery.CANCELLED)
    _post(connection, [notification_row(one) for one in change.notifications])
    _mark_spoken(connection, change.spoken)
    _note(connection, change.events)
    _upsert(connection, schema.memories, [memory_row(*one) for one in change.memories.items()])
    wishes = [silences.silence_row(one, now) for one in change.silences]
    _add(connection, schema.silences, "id", wishes)
    silences.remove(connection, change.removed_silences, now)
    for table in (schema.standings, schema.memories):
        _forget(connection, table, [check._asdict() for check in change.forgotten])


def _write_incidents(connection: Connection, incidents: Sequence[Incident]) -> None:
    # What ends makes room, under the same key, for what begins.
    ordered = sorted(incidents, key=lambda one: one.state is not IncidentState.RESOLVED)
    rows = [incident_row(one) for one in ordered]
    _park(connection, rows)
    _upsert(connection, schema.incidents, rows)


def _park(connection: Connection, rows: Sequence[Row]) -> None:
    """Take incidents that get another key off theirs, lest the order of writing decide who may have it."""
    if not rows:
        return
    table = schema.incidents
    moving = update(table).where(table.c.id == bindparam("moving"), table.c.key != bindparam("onto"))
    connection.execute(
        moving.values(key=bindparam("parked")),
        [{"moving": row["id"], "onto": row["key"], "parked": f"moving {row['id']}"} for row in rows],
    )


def _upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if not rows:
        return
    statement = INSERTS[connection.dialect.name](table)
    names = [column.name for column in table.primary_key]
    changed = {
        column.name: statement.excluded[column.name] for column in table.columns if column.name not in names
    }
    connection.execute(statement.on_conflict_do_update(index_elements=names, set_=changed), rows)


def _withdraw(connection: Connection, ids: Sequence[str], become: Delivery) -> None:
    """Take back what waits; what is on its way is withdrawn should it have to be sent again.

    What may have been delivered already is not cancelled: what people may know cannot be told again in other
    words.
    """
    if not ids:
        return
    table = schema.notifications
    pending = table.c.state == Delivery.PENDING.value
    free = true() if become is Delivery.SUPERSEDED else ~_handed_over()
    connection.execute(
        update(table)
        .where(table.c.id == bindparam("unwanted"), schema.UNDELIVERED, free)
        .values(
            state=case((pending, become.value), else_=table.c.state),
            withdrawn=case((pending, table.c.withdrawn), else_=become.value),
        ),
        [{"unwanted": one} for one in ids],
    )


def _post(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert letters, leaving what is stored already under a key as it is, unless that was cancelled.

    Such a letter was never sent: it is written anew, or wanted after all should it be on its way.
    """
    if not rows:
        return
    table = schema.notifications
    statement = INSERTS[connection.dialect.name](table)
    cancelled = and_(table.c.state == Delivery.CANCELLED.value, ~_handed_over())
    on_its_way = and_(table.c.state == Delivery.SENDING.value, table.c.withdrawn == Delivery.CANCELLED.value)
    anew = {
        name: case((cancelled, statement.excluded[name]), else_=table.c[name])
        for name in rows[0]
        if name not in {"id", "key"}
    }
    update_it = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={**anew, "withdrawn": None, "held_at": None},
        where=or_(cancelled, on_its_way),
    )
    connection.execute(update_it, rows)


def _handed_over() -> ColumnElement[bool]:
    """Tell whether a letter has gone so far that it may have been accepted."""
    return func.coalesce(schema.notifications.c.phase, "") == DATA


def _add(connection: Connection, table: Table, key: str, rows: Sequence[Row]) -> None:
    """Insert rows, leaving what is stored already under the key of one as it is."""
    if not rows:
        return
    statement = INSERTS[connection.dialect.name](table)
    connection.execute(statement.on_conflict_do_nothing(index_elements=[key]), rows)


def _mark_spoken(connection: Connection, spoken: Mapping[str, datetime]) -> None:
    """Mark as sent what went out from memory, should it be stored as waiting."""
    if not spoken:
        return
    table = schema.notifications
    statement = update(table).where(table.c.id == bindparam("spoken"), schema.UNDELIVERED)
    connection.execute(
        statement.values(
            state=Delivery.SENT.value,
            sent_at=bindparam("at", type_=table.c.sent_at.type),
            lease_token=None,
            lease_until=None,
        ),
        [{"spoken": name, "at": at} for name, at in spoken.items()],
    )


def _note(connection: Connection, events: Sequence[Event]) -> None:
    """Add lines to timelines, but for those that stand there already: a change may be written twice."""
    if not events:
        return
    rows = [event_row(one) for one in events]
    table = schema.events
    line = {name: bindparam(f"line_{name}", type_=table.c[name].type) for name in rows[0]}
    there = exists().where(*(table.c[name] == value for name, value in line.items()))
    statement = table.insert().from_select(list(line), select(*line.values()).where(~there))
    connection.execute(statement, [{f"line_{name}": row[name] for name in line} for row in rows])


def _forget(connection: Connection, table: Table, checks: Sequence[Mapping[str, str]]) -> None:
    if not checks:
        return
    keys = ("hotel", "integration", "check")
    statement = delete(table).where(*(table.c[key] == bindparam(f"gone_{key}") for key in keys))
    connection.execute(statement, [{f"gone_{key}": check[key] for key in keys} for check in checks])
