"""Read what should have been sent long ago, on a connection whose transaction is the caller's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from alerts.notification import Delivery
from daemon.store.moments import lease_clock
from daemon.store.queue import overtaking
from daemon.store.schema import UNDELIVERED
from daemon.store.schema import notifications as table

PATIENCE = timedelta(minutes=5)
"""How long something may be due."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Letters that nobody has begun to send though they could be sent, since when the oldest of them is due;
    and letters that somebody began to send and neither finished nor gave back.
    """

    waiting: int = 0
    oldest: datetime | None = None
    abandoned: int = 0


def overdue(connection: Connection, now: datetime) -> Overdue:
    """Return what has been due for longer than `PATIENCE`.

    What waits for its next attempt, for a bundle or for an earlier letter of its thread is not due.
    """
    long_ago = now - PATIENCE
    waiting = and_(
        table.c.state == Delivery.PENDING.value,
        table.c.due_at < long_ago,
        table.c.held_at.is_(None),
        ~overtaking(),
    )
    silent = table.c.lease_until < lease_clock(now, -PATIENCE)
    abandoned = and_(table.c.state == Delivery.SENDING.value, silent)
    query = select(
        func.count().filter(waiting),
        func.min(table.c.due_at).filter(waiting),
        func.count().filter(abandoned),
    ).where(UNDELIVERED, or_(waiting, abandoned))
    return Overdue(*connection.execute(query).one())
