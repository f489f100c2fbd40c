"""The incidents of a time, and what their timelines say: so many at the most."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, distinct, func, or_, select

from alerts.change import Event
from alerts.decision import Step
from alerts.incident import Incident, IncidentState
from daemon.store.incident_rows import incident_of
from daemon.store.rows import event_of
from daemon.store.schema import events, incidents
from daemon.store.transactions import Transactions

MOST = 200
"""Incidents told of."""

LINES = 2_000
"""Lines of their timelines that are read."""

OPENINGS = (Step.OPENED.value, Step.REOPENED.value)
WANTED = (*OPENINGS, Step.RESOLVED.value, Step.ACKNOWLEDGED.value, "note")
"""The kinds of lines that are told of."""

Found = tuple[Sequence[RowMapping], Sequence[RowMapping], int]
"""Rows of incidents, lines of their timelines, and how many incidents there are besides."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Incidents, those that are open first, and their timelines by id; `more` are not among them."""

    incidents: tuple[Incident, ...]
    timelines: dict[str, list[Event]]
    more: int = 0


class Happenings:
    """The incidents in a state. Whatever does not work raises StateError."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def between(self, hotel: str, begins: datetime, ends: datetime) -> Happened:
        """Return the incidents of a hotel that may have been open from `begins` to before `ends`."""
        work = partial(_between, hotel=hotel, begins=begins, ends=ends)
        rows, lines, more = await self._transactions.read(work)
        found = await asyncio.to_thread(_incidents, rows)
        timelines: dict[str, list[Event]] = {one.id: [] for one in found}
        for line in lines:
            timelines[line["incident"]].append(event_of(line))
        return Happened(tuple(found), timelines, more)

    async def opened(self, hotel: str, begins: datetime, ends: datetime) -> int:
        """Return how many incidents of a hotel opened in a time, or opened again."""
        work = partial(_opened, hotel=hotel, begins=begins, ends=ends)
        return await self._transactions.read(work)


def _incidents(rows: Sequence[RowMapping]) -> list[Incident]:
    return [incident_of(row) for row in rows]


def _between(connection: Connection, hotel: str, begins: datetime, ends: datetime) -> Found:
    wanted = _touching(hotel, begins, ends)
    order = (incidents.c.resolved_at.is_not(None), incidents.c.opened_at.desc(), incidents.c.id)
    rows = connection.execute(select(incidents).where(wanted).order_by(*order).limit(MOST)).mappings().all()
    more = 0
    if len(rows) == MOST:
        total = connection.execute(select(func.count()).select_from(incidents).where(wanted)).scalar_one()
        more = total - len(rows)
    lines = select(events).where(
        events.c.incident.in_([row["id"] for row in rows]), events.c.kind.in_(WANTED)
    )
    lines = lines.order_by(events.c.at, events.c.seq).limit(LINES)
    return rows, connection.execute(lines).mappings().all(), more


def _touching(hotel: str, begins: datetime, ends: datetime) -> ColumnElement[bool]:
    """Tell which were open in a time; one that has opened again since may have been."""
    table = incidents.c
    over = and_(table.state == IncidentState.RESOLVED.value, table.resolved_at < begins)
    return and_(table.hotel == hotel, ~over, or_(table.opened_at < ends, table.epoch > 1))


def _opened(connection: Connection, hotel: str, begins: datetime, ends: datetime) -> int:
    mine = (incidents.c.hotel == hotel, incidents.c.opened_at >= begins)
    query = select(func.count(distinct(events.c.incident))).select_from(
        events.join(incidents, incidents.c.id == events.c.incident)
    )
    query = query.where(*mine, events.c.kind.in_(OPENINGS), events.c.at >= begins, events.c.at < ends)
    return int(connection.execute(query).scalar_one())
