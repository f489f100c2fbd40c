"""Drills that were held, and how each step of them went: that of their messages stands with the messages."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Index, RowMapping, Table, Text, delete, select, update
from sqlalchemy import text as literal

from alerts.drill import Copy, Drill, Receipt
from alerts.notification import Delivery
from daemon.store.changes import INSERTS
from daemon.store.reading import WITHOUT_MESSAGE
from daemon.store.schema import Moment, Words, metadata, notifications
from daemon.store.transactions import Transactions

KEPT = timedelta(days=1100)
RUNNING = literal("ended_at IS NULL")

drills = Table(
    "drills",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hotel", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("body", Words, nullable=False),
    Column("stored_at", Moment),
    Column("seen_at", Moment),
    Column("unseen", Words, nullable=False),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", Words),
    Column("acknowledged_note", Words),
    Column("ended_at", Moment),
    Index("drills_of_hotel", "hotel", "asked_at"),
    Index(
        "one_running_drill_a_level",
        "hotel",
        "level",
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    ),
)

copies = Table(
    "drill_copies",
    metadata,
    Column("notification", Text, primary_key=True),
    Column("drill", Text, nullable=False),
    Column("read_back", Boolean, nullable=False),
    Index("copies_of_drill", "drill"),
)
"""Which notifications are messages of which drill."""


class RunningError(Exception):
    """A drill of this level is under way in the hotel: there is one at a time."""


class Drills:
    """The drills in a state. Whatever does not work raises StateError."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def of(self, hotel: str | None = None, limit: int = 50, before: str | None = None) -> list[Drill]:
        """Return the drills of a hotel, or of all, the latest first; `before` ends the page before."""
        return await self._transactions.read(partial(_of, hotel=hotel, limit=limit, before=before))

    async def one(self, name: str) -> Drill | None:
        """Return the drill with an id, or None."""
        return await self._transactions.read(partial(_one, name=name))

    async def running(self) -> list[Drill]:
        """Return the drills that are under way, the oldest first."""
        return await self._transactions.read(_running)

    async def stored(self, name: str, at: datetime) -> None:
        """Note when a drill was safe on disk."""
        await self._transactions.write(partial(_set, name=name, once="stored_at", values={"stored_at": at}))

    async def seen(self, name: str, at: datetime) -> None:
        """Note when its mail was seen in the mailbox that is read back."""
        await self._transactions.write(partial(_set, name=name, once="seen_at", values={"seen_at": at}))

    async def acknowledge(self, name: str, receipt: Receipt) -> bool:
        """Note who acknowledged it; return False, and change nothing, when somebody else was quicker."""
        values = {
            "acknowledged_at": receipt.at,
            "acknowledged_by": receipt.by,
            "acknowledged_note": receipt.note,
        }
        work = partial(_set, name=name, once="acknowledged_at", values=values)
        return await self._transactions.write(work)


def add(connection: Connection, drill: Drill) -> None:
    """Write a drill down, in the transaction of its messages, or raise RunningError."""
    body = {"role": drill.role, "by": drill.by, "note": drill.note, "plan": list(drill.plan)}
    row = {
        "id": drill.id,
        "hotel": drill.hotel,
        "level": drill.level,
        "asked_at": drill.asked_at,
        "body": json.dumps(body),
        "unseen": "",
    }
    written = connection.execute(INSERTS[connection.dialect.name](drills).on_conflict_do_nothing(), row)
    if written.rowcount != 1:
        raise RunningError
    rows = [{"notification": one.id, "drill": drill.id, "read_back": one.read_back} for one in drill.copies]
    connection.execute(copies.insert(), rows)


def end(connection: Connection, name: str, at: datetime, unseen: str = "") -> None:
    """Note that a drill is over; `unseen` says why its mail was not seen in the mailbox."""
    _set(connection, name, "ended_at", {"ended_at": at, "unseen": unseen})


def forget(connection: Connection, now: datetime) -> None:
    """Delete drills of years ago."""
    old = select(drills.c.id).where(drills.c.asked_at < now - KEPT)
    connection.execute(delete(copies).where(copies.c.drill.in_(old)))
    connection.execute(delete(drills).where(drills.c.asked_at < now - KEPT))


def _set(connection: Connection, name: str, once: str, values: dict[str, Any]) -> bool:
    mine = update(drills).where(drills.c.id == name, drills.c[once].is_(None))
    return connection.execute(mine.values(values)).rowcount == 1


def _of(connection: Connection, hotel: str | None, limit: int, before: str | None) -> list[Drill]:
    query = select(drills)
    if hotel is not None:
        query = query.where(drills.c.hotel == hotel)
    if before is not None:
        last = select(drills.c.asked_at).where(drills.c.id == before).scalar_subquery()
        query = query.where(drills.c.asked_at < last)
    query = query.order_by(drills.c.asked_at.desc(), drills.c.id.desc()).limit(limit)
    return _drills(connection, connection.execute(query).mappings().all())


def _one(connection: Connection, name: str) -> Drill | None:
    rows = connection.execute(select(drills).where(drills.c.id == name)).mappings().all()
    return next(iter(_drills(connection, rows)), None)


def _running(connection: Connection) -> list[Drill]:
    query = select(drills).where(RUNNING).order_by(drills.c.asked_at, drills.c.id)
    return _drills(connection, connection.execute(query).mappings().all())


def _drills(connection: Connection, rows: Sequence[RowMapping]) -> list[Drill]:
    told = _copies(connection, [row["id"] for row in rows])
    return [_drill(row, told[row["id"]]) for row in rows]


def _copies(connection: Connection, ids: Collection[str]) -> dict[str, list[Copy]]:
    found: dict[str, list[Copy]] = defaultdict(list)
    if not ids:
        return found
    joined = copies.join(notifications, notifications.c.id == copies.c.notification)
    query = select(copies.c.drill, copies.c.read_back, *WITHOUT_MESSAGE).select_from(joined)
    query = query.where(copies.c.drill.in_(ids)).order_by(notifications.c.seq)
    for row in connection.execute(query).mappings():
        found[row["drill"]].append(
            Copy(
                id=row["id"],
                channel=row["channel"],
                recipient=row["recipient"],
                message_id=row["message_id"],
                read_back=row["read_back"],
                state=Delivery(row["state"]),
                attempts=row["attempts"],
                sent_at=row["sent_at"],
                last_error=row["last_error"],
            )
        )
    return found


def _drill(row: RowMapping, told: Iterable[Copy]) -> Drill:
    body = json.loads(row["body"])
    acknowledged = row["acknowledged_at"]
    return Drill(
        id=row["id"],
        hotel=row["hotel"],
        level=row["level"],
        role=body["role"],
        asked_at=row["asked_at"],
        by=body["by"],
        note=body["note"],
        plan=tuple(body["plan"]),
        copies=tuple(told),
        stored_at=row["stored_at"],
        seen_at=row["seen_at"],
        unseen=row["unseen"],
        acknowledged=acknowledged and Receipt(acknowledged, row["acknowledged_by"], row["acknowledged_note"]),
        ended_at=row["ended_at"],
    )
