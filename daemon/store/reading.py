"""Read what is stored, on a connection whose transaction is the caller's."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, select, true, tuple_

from alerts.change import Event
from alerts.incident import Incident, IncidentState
from alerts.notification import Notification
from alerts.standing import Standing
from checks.result import CheckId
from daemon.store.incident_rows import incident_of
from daemon.store.rows import event_of, memory_of, notification_of, standing_of
from daemon.store.schema import UNRESOLVED, events, incidents, memories, notifications, standings

LARGEST_PAGE = 500

Epoch = tuple[str, int]
"""An incident's id, and which of its epochs."""

Hotels = Collection[str] | None
"""Of which hotels something is asked for: None is all of them."""

WITHOUT_MESSAGE = [column for column in notifications.columns if column.name != "message"]


@dataclass(frozen=True, slots=True)
class Record:
    """An incident with who was told, of all epochs and without the messages, and what happened."""

    incident: Incident
    notifications: tuple[Notification, ...]
    events: tuple[Event, ...] = ()


def all_standings(connection: Connection, hotels: Hotels = None) -> list[Standing]:
    """Return how every check stood."""
    rows = connection.execute(select(standings).where(_of(standings, hotels))).mappings()
    return [standing_of(row) for row in rows]


def all_memories(connection: Connection, hotels: Hotels = None) -> dict[CheckId, dict[str, Any]]:
    """Return what every check remembers; what cannot be read is forgotten, for it can be learnt again."""
    rows = connection.execute(select(memories).where(_of(memories, hotels))).mappings()
    found = (memory_of(row) for row in rows)
    return {check: value for check, value in found if value is not None}


def unresolved(connection: Connection, hotels: Hotels = None) -> list[Incident]:
    """Return the incidents that are not resolved, the oldest first."""
    query = select(incidents).where(UNRESOLVED, _of(incidents, hotels))
    return _incidents(connection, query.order_by(incidents.c.opened_at, incidents.c.id))


def resolved_since(connection: Connection, since: datetime, hotels: Hotels = None) -> list[Incident]:
    """Return the incidents resolved at `since` or later, in the order they ended."""
    ended = (incidents.c.state == IncidentState.RESOLVED.value, incidents.c.resolved_at >= since)
    query = select(incidents).where(*ended, _of(incidents, hotels))
    return _incidents(connection, query.order_by(incidents.c.resolved_at, incidents.c.id))


def of_epoch(connection: Connection, incident: str, epoch: int) -> list[Notification]:
    """Return the notifications of one epoch of an incident, in the order they were written."""
    table = notifications
    query = select(table).where(table.c.incident == incident, table.c.epoch == epoch).order_by(table.c.seq)
    return [notification_of(row) for row in connection.execute(query).mappings()]


def of_epochs(connection: Connection, wanted: Iterable[Epoch]) -> dict[Epoch, list[Notification]]:
    """Return the notifications, without their messages, of epochs of incidents, in the order written."""
    found: dict[Epoch, list[Notification]] = {epoch: [] for epoch in wanted}
    told = _told(connection, list(dict.fromkeys(incident for incident, _ in found)))
    for one in (one for rows in told.values() for one in rows):
        if (one.incident, one.epoch) in found:
            found[one.incident, one.epoch].append(one)
    return found


def page(
    connection: Connection, *, state: str | None, hotel: str | None, limit: int, before: str | None
) -> list[Record]:
    """Return a page of incidents, the newest opened first; nothing follows an incident that is unknown."""
    query = select(incidents)
    if state is not None:
        query = query.where(incidents.c.state == state)
    if hotel is not None:
        query = query.where(incidents.c.hotel == hotel)
    if before is not None:
        cursor = select(incidents.c.opened_at, incidents.c.id).where(incidents.c.id == before)
        query = query.where(tuple_(incidents.c.opened_at, incidents.c.id) < cursor.scalar_subquery())
    query = query.order_by(incidents.c.opened_at.desc(), incidents.c.id.desc())
    found = _incidents(connection, query.limit(max(1, min(limit, LARGEST_PAGE))))
    told = _told(connection, [incident.id for incident in found])
    return [Record(incident, tuple(told[incident.id])) for incident in found]


def record(connection: Connection, incident: str) -> Record | None:
    """Return one incident with its timeline, or None."""
    found = _incidents(connection, select(incidents).where(incidents.c.id == incident))
    if not found:
        return None
    told = _told(connection, [incident])
    query = select(events).where(events.c.incident == incident).order_by(events.c.at, events.c.seq)
    lines = connection.execute(query).mappings()
    return Record(found[0], tuple(told[incident]), tuple(event_of(line) for line in lines))


def _of(table: Table, hotels: Hotels) -> ColumnElement[bool]:
    return true() if hotels is None else table.c.hotel.in_(hotels)


def _incidents(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[Incident]:
    return [incident_of(row) for row in connection.execute(query).mappings()]


def _told(connection: Connection, ids: Sequence[str]) -> dict[str, list[Notification]]:
    query = select(*WITHOUT_MESSAGE).where(notifications.c.incident.in_(ids)).order_by(notifications.c.seq)
    told: dict[str, list[Notification]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        told[row["incident"]].append(notification_of(row))
    return told
