"""The porter's rounds: what it does by itself again and again, since when it has to, and when it last did."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Table, Text, select, update

from daemon.store.changes import INSERTS
from daemon.store.schema import Moment, metadata
from daemon.store.transactions import Transactions

rounds = Table(
    "rounds",
    metadata,
    Column("hotel", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("last", Moment),
)
"""`last` is the moment that the latest round was due for, not when it was made."""


@dataclass(frozen=True, slots=True)
class Round:
    """Since when something is done by itself, and for which moment it was done last, if ever."""

    since: datetime
    last: datetime | None


class Rounds:
    """The rounds in a state. Whatever does not work raises StateError."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def of(self, hotel: str) -> dict[str, Round]:
        """Return the rounds of a hotel, by name."""
        return await self._transactions.read(lambda connection: _of(connection, hotel))

    async def begin(self, hotel: str, name: str, since: datetime) -> None:
        """Note that something is to be done from then on, unless it is already."""
        await self._transactions.write(lambda connection: _begin(connection, hotel, name, since))


def made(connection: Connection, hotel: str, name: str, due: datetime) -> None:
    """Note that the round that was due then is made."""
    of = (rounds.c.hotel == hotel, rounds.c.name == name)
    connection.execute(update(rounds).where(*of).values(last=due))


def _of(connection: Connection, hotel: str) -> dict[str, Round]:
    rows = connection.execute(select(rounds).where(rounds.c.hotel == hotel)).mappings()
    return {row["name"]: Round(row["since"], row["last"]) for row in rows}


def _begin(connection: Connection, hotel: str, name: str, since: datetime) -> None:
    statement = INSERTS[connection.dialect.name](rounds).on_conflict_do_nothing()
    connection.execute(statement, [{"hotel": hotel, "name": name, "since": since}])
