"""What was seen of how things are set up, and which errors were new: each value since when it is there."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Column, Connection, Index, Table, Text, and_, delete, exists, select

from alerts.reports.drift import NEW_ERROR
from checks.result import CheckId
from daemon.store.changes import INSERTS
from daemon.store.schema import Moment, Words, metadata
from daemon.store.transactions import Transactions

KEPT = timedelta(days=400)

sightings = Table(
    "sightings",
    metadata,
    Column("hotel", Text, primary_key=True),
    Column("integration", Text, primary_key=True),
    Column("check", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("at", Moment, primary_key=True, autoincrement=False),
    Column("value", Words, nullable=False),
    Index("sightings_by_time", "hotel", "at"),
)


class Sighting(NamedTuple):
    """What a check saw under a name from then on, until the next sighting of that name."""

    check: CheckId
    name: str
    at: datetime
    value: str


class Sightings:
    """The sightings in a state. Whatever does not work raises StateError."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def add(self, found: Iterable[Sighting]) -> None:
        """Write sightings down."""
        rows = [{**one.check._asdict(), "name": one.name, "at": one.at, "value": one.value} for one in found]
        if rows:
            await self._transactions.write(lambda connection: _add(connection, rows))

    async def since(self, hotel: str, since: datetime) -> list[Sighting]:
        """Return what was seen of a hotel since then, and the last before it, the oldest first."""
        return await self._transactions.read(lambda connection: _since(connection, hotel, since))


def forget(connection: Connection, now: datetime) -> None:
    """Delete what is too old, but for the last sighting of every setting."""
    later = sightings.alias("later")
    same = (later.c[name] == sightings.c[name] for name in ("hotel", "integration", "check", "name"))
    overtaken = exists().where(*same, later.c.at > sightings.c.at)
    gone = sightings.c.name.startswith(NEW_ERROR, autoescape=True) | overtaken
    connection.execute(delete(sightings).where(sightings.c.at < now - KEPT, gone))


def _add(connection: Connection, rows: list[dict[str, object]]) -> None:
    connection.execute(INSERTS[connection.dialect.name](sightings).on_conflict_do_nothing(), rows)


def _since(connection: Connection, hotel: str, since: datetime) -> list[Sighting]:
    later = sightings.alias("later")
    same = (later.c[name] == sightings.c[name] for name in ("hotel", "integration", "check", "name"))
    overtaken = exists().where(*same, and_(later.c.at > sightings.c.at, later.c.at <= since))
    wanted = select(sightings).where(sightings.c.hotel == hotel, (sightings.c.at > since) | ~overtaken)
    rows = connection.execute(wanted.order_by(sightings.c.at, sightings.c.check, sightings.c.name)).mappings()
    return [
        Sighting(
            CheckId(row["hotel"], row["integration"], row["check"]), row["name"], row["at"], row["value"]
        )
        for row in rows
    ]
