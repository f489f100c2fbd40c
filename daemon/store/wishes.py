"""What people ask of a replica that does not hold the hotel, and what the one that does answers."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from daemon.clock import Clock
from daemon.store.schema import wishes as table
from daemon.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for: `body` is whatever that kind of wish needs, as JSON can hold it."""

    id: str
    hotel: str
    kind: str
    body: Mapping[str, Any]
    asked_at: datetime
    incident: str | None = None


class Wishes:
    """The wishes in a state. Whatever does not work raises StateError."""

    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def ask(self, wish: Wish) -> None:
        """Write a wish down, for whoever holds the hotel."""
        await self._transactions.write(partial(_ask, wish=wish))

    async def open(self, hotels: Collection[str]) -> list[Wish]:
        """Return the wishes about some hotels that nobody has answered, the oldest first."""
        return await self._transactions.read(partial(_unanswered, hotels=hotels))

    async def answer(self, wish: str, said: Mapping[str, Any]) -> bool:
        """Answer a wish; return False, and change nothing, when it is answered already or unknown."""
        work = partial(_answer, wish=wish, said=said, now=self._clock.now())
        return await self._transactions.write(work)

    async def answer_of(self, wish: str) -> dict[str, Any] | None:
        """Return what was answered to a wish, or None as long as it was not."""
        return await self._transactions.read(partial(_answer_of, wish=wish))


def _ask(connection: Connection, wish: Wish) -> None:
    connection.execute(
        table.insert().values(
            id=wish.id,
            hotel=wish.hotel,
            incident=wish.incident,
            kind=wish.kind,
            body=json.dumps(dict(wish.body)),
            asked_at=wish.asked_at,
        )
    )


def _unanswered(connection: Connection, hotels: Collection[str]) -> list[Wish]:
    query = select(table).where(table.c.hotel.in_(hotels), table.c.answered_at.is_(None))
    rows = connection.execute(query.order_by(table.c.asked_at, table.c.id)).mappings()
    return [_wish_of(row) for row in rows]


def _answer(connection: Connection, wish: str, said: Mapping[str, Any], now: datetime) -> bool:
    mine = update(table).where(table.c.id == wish, table.c.answered_at.is_(None))
    result = connection.execute(mine.values(answered_at=now, answer=json.dumps(dict(said))))
    return result.rowcount == 1


def _answer_of(connection: Connection, wish: str) -> dict[str, Any] | None:
    said = connection.execute(select(table.c.answer).where(table.c.id == wish)).scalar()
    answered: dict[str, Any] | None = None if said is None else json.loads(said)
    return answered


def _wish_of(row: RowMapping) -> Wish:
    return Wish(
        id=row["id"],
        hotel=row["hotel"],
        kind=row["kind"],
        body=json.loads(row["body"]),
        asked_at=row["asked_at"],
        incident=row["incident"],
    )
