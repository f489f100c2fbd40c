"""The ledger of what people do again and again: who did which task when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Column, Connection, Index, RowMapping, Table, Text, and_, or_, select, update

from alerts.maintenance import Entry
from daemon.clock import Clock
from daemon.store.changes import INSERTS
from daemon.store.rounds import made
from daemon.store.schema import Moment, Words, metadata
from daemon.store.transactions import Transactions

AHEAD = timedelta(minutes=5)
"""How far ahead of ours another replica's clock may be; what is beyond comes from a clock that was wrong."""

tasks = Table(
    "maintenance_tasks",
    metadata,
    Column("hotel", Text, primary_key=True),
    Column("task", Text, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("warned_for", Moment),
)
"""Since when each task is asked for; what was never done is due from then on. `warned_for` is the latest
moment it was due by of which people were told that it is past."""

entries = Table(
    "maintenance_entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hotel", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Words, nullable=False),
    Column("note", Words, nullable=False),
    Column("evidence", Words, nullable=False, server_default=""),
    Index("maintenance_entries_by_task", "hotel", "task", "at", "id"),
)


class AlreadyToldError(Exception):
    """Somebody else has told of it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is written of a task: since when it is asked for, and when it was last done, if ever."""

    since: datetime
    last: Entry | None


Tasks = Collection[tuple[str, str]]
"""Pairs of a hotel and a task."""


class Maintenance:
    """The ledger in a state. Whatever does not work raises StateError. Entries are kept for good."""

    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def ask_for(self, wanted: Tasks) -> None:
        """Note of each task that is new that it is asked for from now on."""
        now = self._clock.now()
        if await self._transactions.read(partial(_unasked, wanted=wanted, now=now)):
            await self._transactions.write(partial(_ask_for, wanted=wanted, now=now))

    async def enter(self, entry: Entry) -> None:
        """Write down that a task was done."""
        await self._transactions.write(partial(_enter, entry=entry))

    async def warned(self, hotel: str) -> dict[str, datetime]:
        """Return, by name, the latest moments something was due by of which was told that it is past."""
        return await self._transactions.read(lambda connection: _warned(connection, hotel))

    async def known(self, hotels: Collection[str]) -> dict[tuple[str, str], Known]:
        """Return what is known of every task that was ever asked for of some hotels."""
        horizon = self._clock.now() + AHEAD
        return await self._transactions.read(partial(_known, hotels=hotels, horizon=horizon))

    async def entries(
        self, hotel: str, task: str, *, limit: int = 50, before: str | None = None
    ) -> list[Entry]:
        """Return who did a task, the latest first; `before` is the id of the last of the page before."""
        work = partial(_page, hotel=hotel, task=task, limit=limit, before=before)
        return await self._transactions.read(work)


def _unasked(connection: Connection, wanted: Tasks, now: datetime) -> bool:
    """Say whether a task is not asked for yet, or only from a time to come, which a wrong clock told."""
    rows = connection.execute(select(tasks)).mappings()
    return not {(row["hotel"], row["task"]) for row in rows if row["since"] <= now}.issuperset(wanted)


def _ask_for(connection: Connection, wanted: Tasks, now: datetime) -> None:
    rows = [{"hotel": hotel, "task": task, "since": now} for hotel, task in wanted]
    connection.execute(INSERTS[connection.dialect.name](tasks).on_conflict_do_nothing(), rows)
    connection.execute(update(tasks).where(tasks.c.since > now).values(since=now))


def _enter(connection: Connection, entry: Entry) -> None:
    _ask_since(connection, [entry])
    connection.execute(entries.insert().values(asdict(entry)))


def enter_all(connection: Connection, found: Sequence[Entry]) -> None:
    """Write down that tasks were done; of what stands there already the first stays."""
    if found:
        _ask_since(connection, found)
        insert = INSERTS[connection.dialect.name](entries).on_conflict_do_nothing()
        connection.execute(insert, [asdict(entry) for entry in found])


def enter_told(
    connection: Connection, found: Sequence[Entry], hotel: str, told: Mapping[str, datetime], now: datetime
) -> None:
    """Write down that tasks were done, and of which people were told: by name, the moment it was due by."""
    enter_all(connection, found)
    _warn(connection, hotel, told, now)


def tell(
    connection: Connection, hotel: str, told: Mapping[str, datetime], of: tuple[str, datetime], now: datetime
) -> None:
    """Note that people are told of what is overdue: by name, the moment it was due by; and of which round.

    Raise AlreadyToldError where somebody else has told of any of it; nobody can before this transaction ends.
    """
    if not _warn(connection, hotel, told, now):
        raise AlreadyToldError
    made(connection, hotel, *of)


def _warn(connection: Connection, hotel: str, told: Mapping[str, datetime], now: datetime) -> bool:
    for name in sorted(told):
        row = {"hotel": hotel, "task": name, "since": now, "warned_for": told[name]}
        insert = INSERTS[connection.dialect.name](tasks).values(row)
        new = or_(tasks.c.warned_for.is_(None), tasks.c.warned_for < told[name])
        known = {"warned_for": told[name]}
        noted = insert.on_conflict_do_update(index_elements=["hotel", "task"], set_=known, where=new)
        if not connection.execute(noted).rowcount:
            return False
    return True


def _warned(connection: Connection, hotel: str) -> dict[str, datetime]:
    query = select(tasks.c.task, tasks.c.warned_for)
    rows = connection.execute(query.where(tasks.c.hotel == hotel, tasks.c.warned_for.is_not(None)))
    return {row.task: row.warned_for for row in rows}


def _ask_since(connection: Connection, found: Sequence[Entry]) -> None:
    asked = INSERTS[connection.dialect.name](tasks).on_conflict_do_nothing()
    rows = [{"hotel": entry.hotel, "task": entry.task, "since": entry.at} for entry in found]
    connection.execute(asked, rows)


def _known(
    connection: Connection, hotels: Collection[str], horizon: datetime
) -> dict[tuple[str, str], Known]:
    one = entries.alias()
    latest = (
        select(one.c.id)
        .where(one.c.hotel == tasks.c.hotel, one.c.task == tasks.c.task, one.c.at <= horizon)
        .order_by(one.c.at.desc(), one.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(
        tasks.c.since,
        tasks.c.hotel.label("asked_hotel"),
        tasks.c.task.label("asked_task"),
        *entries.columns,
    ).select_from(tasks.outerjoin(entries, entries.c.id == latest))
    rows = connection.execute(query.where(tasks.c.hotel.in_(hotels))).mappings()
    return {
        (row["asked_hotel"], row["asked_task"]): Known(
            row["since"], None if row["id"] is None else _entry_of(row)
        )
        for row in rows
    }


def _page(connection: Connection, hotel: str, task: str, limit: int, before: str | None) -> list[Entry]:
    query = select(entries).where(entries.c.hotel == hotel, entries.c.task == task)
    if before is not None:
        last = connection.execute(query.where(entries.c.id == before)).mappings().first()
        if last is None:
            return []
        same = and_(entries.c.at == last["at"], entries.c.id < last["id"])
        query = query.where(or_(entries.c.at < last["at"], same))
    rows = connection.execute(query.order_by(entries.c.at.desc(), entries.c.id.desc()).limit(limit))
    return [_entry_of(row) for row in rows.mappings()]


def _entry_of(row: RowMapping) -> Entry:
    return Entry(row["id"], row["hotel"], row["task"], row["at"], row["by"], row["note"], row["evidence"])
