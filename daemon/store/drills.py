"""Drills that were held, and how each step of them went."""

from sqlalchemy import Column, Connection, Index, RowMapping, Table, Text, select

from daemon.store.schema import Moment, Words, metadata
from daemon.store.transactions import Transactions

drills = Table(
    "drills",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hotel", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("body", Words, nullable=False),
    Index("drills_of_hotel", "hotel", "asked_at"),
)


class Drills:
    """The drills in a state. Whatever does not work raises StateError."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def of(self, hotel: str, limit: int = 50) -> list[RowMapping]:
        """Return the drills of a hotel, the latest first."""
        return await self._transactions.read(lambda connection: _of(connection, hotel, limit))


def _of(connection: Connection, hotel: str, limit: int) -> list[RowMapping]:
    query = select(drills).where(drills.c.hotel == hotel)
    return list(connection.execute(query.order_by(drills.c.asked_at.desc()).limit(limit)).mappings())
