"""To whom letters could not be delivered, on a connection whose transaction is the caller's."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, exists, func, select, update

from alerts.attempt import DATA
from alerts.notification import Delivery, Notification
from daemon.store.queue import bury, outcome
from daemon.store.rows import notification_of
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


def dead_since(connection: Connection, since: datetime) -> list[DeadLetter]:
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
    for row in connection.execute(query).mappings():
        found[row["hotel"], row["channel"], row["recipient"]] = DeadLetter(**row)
    return sorted(found.values(), key=lambda one: one.died_at)


def came_back(
    connection: Connection, now: datetime, letter: str, error: str
) -> tuple[Notification | None, bool]:
    """Give a letter up that was accepted and came back; return how it is then, and whether that is news.

    None is a letter that there is not; one that was never handed over stays as it is.
    """
    columns = [column for column in table.columns if column.name != "message"]
    query = select(*columns).where(table.c.id == letter).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        return None, False
    found = notification_of(row)
    waits = found.state in {Delivery.PENDING, Delivery.SENDING} and row["phase"] == DATA
    if found.state is not Delivery.SENT and not waits:
        return found, False
    values = outcome(Delivery.DEAD, error, died_at=now)
    connection.execute(update(table).where(table.c.id == letter).values(values))
    bury(connection, letter, values)
    return replace(found, state=Delivery.DEAD, last_error=error), True
