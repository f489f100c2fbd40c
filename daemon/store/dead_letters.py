"""Read to whom letters could not be delivered, on a connection whose transaction is the caller's."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.notification import Delivery
from daemon.store.schema import DIED, incidents
from daemon.store.schema import notifications as table


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """The latest letter of a hotel to one recipient, over one channel, that could not be delivered.

    `taken_since` says whether another one to the same recipient was accepted after it had died.
    """

    hotel: str
    channel: str
    recipient: str
    died_at: datetime
    last_error: str
    taken_since: bool


async def dead_since(connection: AsyncConnection, since: datetime) -> list[DeadLetter]:
    """Return, for each hotel, channel and recipient, the latest that died at `since` or later, in order."""
    later = table.alias("later")
    taken = exists().where(
        later.c.recipient == table.c.recipient,
        later.c.channel == table.c.channel,
        later.c.sent_at > table.c.died_at,
        later.c.state == Delivery.SENT.value,
    )
    query = (
        select(
            func.coalesce(table.c.hotel, incidents.c.hotel, "").label("hotel"),
            table.c.channel,
            table.c.recipient,
            table.c.died_at,
            table.c.last_error,
            taken.label("taken_since"),
        )
        .select_from(table.outerjoin(incidents, incidents.c.id == table.c.incident))
        .where(DIED, table.c.died_at >= since)
        .order_by(table.c.died_at, table.c.seq)
    )
    found: dict[tuple[str, str, str], DeadLetter] = {}
    for row in (await connection.execute(query)).mappings():
        found[row["hotel"], row["channel"], row["recipient"]] = DeadLetter(**row)
    return sorted(found.values(), key=lambda one: one.died_at)
