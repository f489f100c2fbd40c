"""Letters beyond what a recipient is sent in an hour: held, and then let go or bundled in one digest.

Everything happens on a connection whose transaction is the caller's.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.bundle import PREFIX, Bundle
from alerts.change import Event
from alerts.notification import MAIL, Delivery, Kind, Notification
from daemon.store.incident_rows import incident_of
from daemon.store.queue import due, earlier_of, in_order, overtaking
from daemon.store.rows import event_row, notification_row
from daemon.store.schema import DIGESTS, SENDING, UNDELIVERED, events, incidents
from daemon.store.schema import notifications as table

HOUR = timedelta(hours=1)
APART = timedelta(minutes=10)
"""There are no more than one digest in this time to one recipient."""

SETTLE = timedelta(minutes=1)
"""How long the first letter that is held waits for others to go out with."""

Write = Callable[[Bundle], Notification]
"""Returns the letter that tells of a bundle."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """A digest that was written, and how many letters go out in it."""

    digest: Notification
    letters: int


async def hold_back(
    connection: AsyncConnection, now: datetime, limit: int, exclude: Collection[str], per_hour: int
) -> None:
    """Hold those of the next `limit` mails that would be more than `per_hour` to a recipient.

    What is urgent or about no single incident goes out all the same; what follows a letter of its thread that
    is held is held with it.
    """
    held = True
    while held:
        columns = (table.c.id, table.c.recipient, _follows().label("follows"))
        query = select(*columns).where(due(now, exclude, table.c.channel == MAIL), _countable(), ~overtaking())
        rows = (await connection.execute(in_order(query).limit(limit))).all()
        room = await _room(connection, now, {row.recipient for row in rows}, per_hour)
        kept: dict[str, list[str]] = defaultdict(list)
        full: set[str] = set()
        for row in rows:
            if row.follows or len(kept[row.recipient]) >= room[row.recipient]:
                full.add(row.recipient)
            else:
                kept[row.recipient].append(row.id)
        held = bool(full)
        for recipient in full:
            await _hold(connection, now, exclude, recipient, kept[recipient])


async def _hold(
    connection: AsyncConnection, now: datetime, exclude: Collection[str], recipient: str, kept: list[str]
) -> None:
    beyond = (due(now, exclude, table.c.channel == MAIL), _countable(), ~overtaking())
    mine = (table.c.recipient == recipient, table.c.id.not_in(kept))
    await connection.execute(update(table).where(*beyond, *mine).values(held_at=now))


async def any_held(connection: AsyncConnection) -> bool:
    """Tell whether any letter is held."""
    return (await connection.execute(select(exists().where(_held())))).scalar_one()


async def bundle(
    connection: AsyncConnection, now: datetime, per_hour: int, write: Write
) -> list[Bundled]:
    """Let go what is held and no longer beyond the limit; bundle what is, where a digest is due.

    Of two processes that do this at once the second finds nothing left: rows are locked before anything is
    decided about them, and the digest's key is its first letter's.
    """
    query = select(*(column for column in table.columns if column.name != "message"))
    query = query.where(_held(), ~overtaking()).order_by(table.c.seq).with_for_update(of=table)
    found: dict[str, list[RowMapping]] = defaultdict(list)
    for row in (await connection.execute(query)).mappings():
        found[row["recipient"]].append(row)
    room = await _room(connection, now, found.keys(), per_hour)
    made = []
    for recipient, rows in found.items():
        if len(rows) > room[recipient] and await _is_due(connection, now, recipient, rows):
            made.append(await _bundled(connection, now, per_hour, rows, write))
        else:
            await _let_go(connection, rows[: room[recipient]])
    return made


async def _bundled(
    connection: AsyncConnection, now: datetime, per_hour: int, rows: list[RowMapping], write: Write
) -> Bundled:
    """Write the digest of some letters, and note that they go out in it."""
    ids = list(dict.fromkeys(row["incident"] for row in rows))
    query = select(incidents).where(incidents.c.id.in_(ids))
    known = {row["id"]: incident_of(row) for row in (await connection.execute(query)).mappings()}
    found = Bundle(
        key=f"{PREFIX}{rows[0]['id']}:{MAIL}",
        recipient=rows[0]["recipient"],
        level=min(row["level"] for row in rows),
        per_hour=per_hour,
        incidents=tuple(known[one] for one in ids if one in known),
        at=now,
    )
    digest = write(found)
    await connection.execute(table.insert(), [notification_row(digest)])
    going = update(table).where(table.c.id.in_([row["id"] for row in rows]))
    await connection.execute(going.values(state=Delivery.BUNDLED.value, bundle=digest.id))
    said = f"the mail to {found.recipient} goes out in a digest: it has had {per_hour} within the hour"
    await connection.execute(events.insert(), [event_row(Event(one, now, "bundled", said)) for one in ids])
    return Bundled(digest, len(rows))


async def _let_go(connection: AsyncConnection, rows: Iterable[RowMapping]) -> None:
    ids = [row["id"] for row in rows]
    if ids:
        await connection.execute(update(table).where(table.c.id.in_(ids)).values(held_at=None))


async def _is_due(connection: AsyncConnection, now: datetime, recipient: str, rows: list[RowMapping]) -> bool:
    """Tell whether a digest is due; moments to come are those of a clock that has been set back since."""
    waits = any(not now - SETTLE < row["held_at"] <= now for row in rows)
    lately = select(
        exists().where(
            DIGESTS,
            table.c.recipient == recipient,
            table.c.key.startswith(PREFIX, autoescape=True),
            table.c.created_at > now - APART,
            table.c.created_at <= now,
        )
    )
    return waits and not (await connection.execute(lately)).scalar_one()


async def _room(
    connection: AsyncConnection, now: datetime, recipients: Collection[str], per_hour: int
) -> dict[str, int]:
    """Return how many more mails each recipient may be sent now: those on their way count, urgent ones do not."""
    room = dict.fromkeys(recipients, per_hour)
    mine = and_(table.c.recipient.in_(recipients), table.c.channel == MAIL, ~table.c.urgent)
    counted = select(table.c.recipient, func.count()).where(mine).group_by(table.c.recipient)
    for gone in (
        and_(table.c.sent_at > now - HOUR, table.c.sent_at <= now),
        and_(SENDING),
    ):
        for recipient, count in (await connection.execute(counted.where(gone))).all() if recipients else ():
            room[recipient] = max(0, room[recipient] - count)
    return room


def _held() -> ColumnElement[bool]:
    return and_(UNDELIVERED, table.c.state == Delivery.PENDING.value, table.c.held_at.is_not(None))


def _countable() -> ColumnElement[bool]:
    return and_(~table.c.urgent, table.c.incident.is_not(None), table.c.kind != Kind.DIGEST.value)


def _follows() -> ColumnElement[bool]:
    """Tell whether an earlier letter of the same thread is held."""
    earlier = table.alias("before")
    waits = and_(earlier.c.state == Delivery.PENDING.value, earlier.c.held_at.is_not(None))
    return exists().where(earlier_of(earlier), waits)
