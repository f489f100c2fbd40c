"""The outbox's queue: rows are claimed with a lease, and marked by whoever still holds it."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, and_, exists, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.notification import Delivery, Kind, Notification
from alerts.outbox import Claim
from daemon.store.rows import Row, notification_of
from daemon.store.schema import UNDELIVERED
from daemon.store.schema import notifications as table

LONGEST_PAUSE = timedelta(seconds=150)
"""No pause between two attempts is longer."""

LEASE = timedelta(minutes=5)
"""How long a claim holds without a word: well over the longest conversation."""


async def claim(
    connection: AsyncConnection, now: datetime, limit: int, exclude: frozenset[str]
) -> list[Claim]:
    """Lease what is due, the oldest first, but for the ids in `exclude`.

    The attempt that begins is counted in `attempts`. A notification waits while an earlier one of its
    incident, recipient and channel is undelivered.
    """
    query = select(table).where(UNDELIVERED, _free(now), table.c.id.not_in(exclude), ~overtaking())
    query = query.order_by(table.c.due_at, table.c.created_at, table.c.seq).limit(limit)
    claims = [
        Claim(_begun(notification_of(row)), secrets.token_hex(16), row["phase"])
        for row in (await connection.execute(query)).mappings()
    ]
    for one in claims:
        await connection.execute(
            update(table)
            .where(table.c.id == one.notification.id)
            .values(
                state=Delivery.SENDING.value,
                attempts=one.notification.attempts,
                lease_token=one.token,
                lease_until=now + LEASE,
            )
        )
    return claims


async def mark(connection: AsyncConnection, claim: Claim, values: Row) -> bool:
    """Change a claimed row; return False, and change nothing, when the claim does not hold any more."""
    result = await connection.execute(
        update(table)
        .where(
            table.c.id == claim.notification.id,
            table.c.lease_token == claim.token,
            table.c.state == Delivery.SENDING.value,
        )
        .values(values)
    )
    if values.get("state") == Delivery.PENDING.value:
        await drop_unwanted(connection, only=claim.notification.id)
    return result.rowcount == 1


def outcome(state: Delivery, error: str = "", **more: datetime) -> Row:
    """Return the values that end a claim."""
    return {
        "state": state.value,
        "last_error": error,
        "lease_token": None,
        "lease_until": None,
        **more,
    }


async def resume(connection: AsyncConnection, now: datetime) -> int:
    """Make what a dead process was sending due at once; return how many."""
    result = await connection.execute(
        update(table)
        .where(table.c.state == Delivery.SENDING.value)
        .values(state=Delivery.PENDING.value, due_at=now, lease_token=None, lease_until=None)
    )
    await drop_unwanted(connection)
    return result.rowcount


async def drop_unwanted(connection: AsyncConnection, only: str | None = None) -> None:
    """Drop what waits to be sent again, but was withdrawn meanwhile, or overtaken by its incident's end."""
    chosen = table.c.id == only if only is not None else true()
    waiting = and_(UNDELIVERED, table.c.state == Delivery.PENDING.value, chosen)
    withdrawn = update(table).where(waiting, table.c.withdrawn.is_not(None))
    await connection.execute(withdrawn.values(state=table.c.withdrawn))
    end = table.alias("end")
    told = exists().where(
        end.c.incident == table.c.incident,
        end.c.epoch == table.c.epoch,
        end.c.recipient == table.c.recipient,
        end.c.channel == table.c.channel,
        end.c.kind == Kind.RESOLVED.value,
    )
    statement = update(table).where(waiting, table.c.kind != Kind.RESOLVED.value, told)
    await connection.execute(statement.values(state=Delivery.SUPERSEDED.value))


async def pending(connection: AsyncConnection) -> tuple[int, datetime | None, str]:
    """Return how many are undelivered, when the oldest was created, and an error one of them met."""
    query = select(func.count(), func.min(table.c.created_at), func.max(table.c.last_error))
    count, oldest, error = (await connection.execute(query.where(UNDELIVERED))).one()
    return count, oldest, error or ""


async def hasten(connection: AsyncConnection, now: datetime) -> None:
    """Make due at once what waits for its next attempt."""
    later = and_(table.c.state == Delivery.PENDING.value, table.c.due_at > now, table.c.attempts > 0)
    await connection.execute(update(table).where(later).values(due_at=now))


def _begun(notification: Notification) -> Notification:
    return replace(notification, state=Delivery.SENDING, attempts=notification.attempts + 1)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(table.c.state == Delivery.PENDING.value, _reached(table.c.due_at, now, LONGEST_PAUSE)),
        and_(table.c.state == Delivery.SENDING.value, _reached(table.c.lease_until, now, 2 * LEASE)),
    )


def _reached(column: Column[datetime], now: datetime, at_most: timedelta) -> ColumnElement[bool]:
    """Tell whether a moment has come, or lies so far off that the clock must have been set back since."""
    return or_(column <= now, column > now + at_most)


def overtaking() -> ColumnElement[bool]:
    """Tell whether an earlier letter of the same thread, to the same recipient, is still on its way."""
    earlier = table.alias("earlier")
    return exists().where(
        earlier.c.incident == table.c.incident,
        earlier.c.recipient == table.c.recipient,
        earlier.c.channel == table.c.channel,
        earlier.c.state.in_([Delivery.PENDING.value, Delivery.SENDING.value]),
        earlier.c.seq < table.c.seq,
    )
