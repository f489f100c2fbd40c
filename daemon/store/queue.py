"""The outbox's queue: rows are claimed with a lease, and marked by whoever still holds it."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    true,
    update,
)

from alerts.notification import Delivery, Kind, Notification
from alerts.outbox import Claim
from daemon.store.moments import is_shared, lease_clock
from daemon.store.rows import Row, notification_of
from daemon.store.schema import SENDING, UNDELIVERED
from daemon.store.schema import notifications as table

Columns = TypeVarTuple("Columns")

ON_ITS_WAY = (Delivery.PENDING.value, Delivery.SENDING.value)

LONGEST_PAUSE = timedelta(seconds=150)
"""No pause between two attempts is longer."""

LEASE = timedelta(seconds=8)
"""How long a claim holds without a word: who is sending says every second that it still is."""

ANY_LEFT = select(table.c.created_at).where(UNDELIVERED).limit(1)
"""Of a column that the indexes of those that wait hold, so that they are all that is read."""


def anything_left(connection: Connection) -> bool:
    """Say whether any letter is undelivered: a porter asks every second, and mostly there is none."""
    return connection.execute(ANY_LEFT).first() is not None


def claim(
    connection: Connection, now: datetime, limit: int, exclude: Collection[str], of: ColumnElement[bool]
) -> list[Claim]:
    """Lease what is due, the oldest first, but for the ids in `exclude`; `of` chooses among channels.

    The attempt that begins is counted in `attempts`. A notification waits while an earlier one of its
    incident, recipient and channel is undelivered.
    """
    query = in_order(select(table).where(due(now, exclude, of), ~overtaking())).limit(limit)
    query = query.with_for_update(of=table, skip_locked=True)
    claims = [
        Claim(_begun(notification_of(row)), secrets.token_hex(16), row["phase"])
        for row in connection.execute(query).mappings()
    ]
    for one in claims:
        connection.execute(
            update(table)
            .where(table.c.id == one.notification.id)
            .values(
                state=Delivery.SENDING.value,
                attempts=one.notification.attempts,
                lease_token=one.token,
                lease_until=lease_clock(now, LEASE),
            )
        )
    return claims


def mark(connection: Connection, claim: Claim, values: Row) -> bool:
    """Change a claimed row; return False, and change nothing, when the claim does not hold any more."""
    result = connection.execute(
        update(table)
        .where(
            table.c.id == claim.notification.id,
            table.c.lease_token == claim.token,
            table.c.state == Delivery.SENDING.value,
        )
        .values(values)
    )
    held = result.rowcount == 1
    if values.get("state") == Delivery.PENDING.value:
        drop_unwanted(connection, only=claim.notification.id)
    if held and values.get("state") == Delivery.DEAD.value:
        bury(connection, claim.notification.id, values)
    return held


def bury(connection: Connection, digest: str, values: Row) -> None:
    """Give up what was bundled in a digest that was given up."""
    inside = and_(table.c.bundle == digest, table.c.state == Delivery.BUNDLED.value)
    kept = {name: values[name] for name in ("state", "last_error", "died_at")}
    connection.execute(update(table).where(inside).values(kept))


def outcome(state: Delivery, error: str = "", **more: datetime) -> Row:
    """Return the values that end a claim."""
    return {
        "state": state.value,
        "last_error": error,
        "lease_token": None,
        "lease_until": None,
        **more,
    }


def resume(connection: Connection, now: datetime) -> int:
    """Make what a dead process was sending due at once; return how many.

    Where others share the state, a claim that holds is that of one who lives.
    """
    left = _run_out(now) if is_shared(connection) else true()
    result = connection.execute(
        update(table)
        .where(table.c.state == Delivery.SENDING.value, left)
        .values(state=Delivery.PENDING.value, due_at=now, lease_token=None, lease_until=None)
    )
    drop_unwanted(connection)
    return result.rowcount


def drop_unwanted(connection: Connection, only: str | None = None) -> None:
    """Drop what waits to be sent again, but was withdrawn meanwhile, or overtaken by its incident's end."""
    chosen = table.c.id == only if only is not None else true()
    waiting = and_(UNDELIVERED, table.c.state == Delivery.PENDING.value, chosen)
    withdrawn = update(table).where(waiting, table.c.withdrawn.is_not(None))
    connection.execute(withdrawn.values(state=table.c.withdrawn))
    end = table.alias("end")
    told = exists().where(
        end.c.incident == table.c.incident,
        end.c.epoch == table.c.epoch,
        end.c.recipient == table.c.recipient,
        end.c.channel == table.c.channel,
        end.c.kind == Kind.RESOLVED.value,
    )
    statement = update(table).where(waiting, table.c.kind != Kind.RESOLVED.value, told)
    connection.execute(statement.values(state=Delivery.SUPERSEDED.value))


def pending(connection: Connection) -> tuple[int, datetime | None, str, int]:
    """Return how many are undelivered, when the oldest was created, and an error one of them met.

    And how many of them are held for a bundle.
    """
    query = select(func.count(), func.min(table.c.created_at), func.count(table.c.held_at))
    count, oldest, held = connection.execute(query.where(UNDELIVERED)).one()
    # Only the index is asked of what is held: to read thousands of rows takes long.
    met = select(func.max(table.c.last_error)).where(UNDELIVERED, table.c.held_at.is_(None))
    return count, oldest, connection.execute(met).scalar_one() or "", held


def renew(connection: Connection, now: datetime, claims: Iterable[Claim]) -> None:
    """Make claims hold for as long as if they were made now, as far as they still hold."""
    held = [claim.token for claim in claims]
    mine = and_(SENDING, table.c.lease_token.in_(held))
    connection.execute(update(table).where(mine).values(lease_until=lease_clock(now, LEASE)))


def take_back(connection: Connection, now: datetime, exclude: Collection[str]) -> None:
    """Make due what nobody speaks for any more, but for the ids in `exclude`, and drop what is not wanted.

    What is due so far ahead that the clock must have been set back since is due, too.
    """
    ahead = and_(UNDELIVERED, table.c.held_at.is_(None), table.c.due_at > now + LONGEST_PAUSE)
    waits = and_(ahead, table.c.state == Delivery.PENDING.value)
    connection.execute(update(table).where(waits).values(due_at=now))
    silent = and_(SENDING, _run_out(now), table.c.id.not_in(exclude))
    free = update(table).where(silent).values(state=Delivery.PENDING.value, due_at=now)
    if connection.execute(free).rowcount:
        drop_unwanted(connection)


def hasten(connection: Connection, now: datetime, of: ColumnElement[bool]) -> None:
    """Make due at once what waits for its next attempt; `of` chooses among channels."""
    later = and_(table.c.state == Delivery.PENDING.value, table.c.due_at > now, table.c.attempts > 0)
    connection.execute(update(table).where(UNDELIVERED, later, of).values(due_at=now))


def channels(only: str | None, besides: Collection[str]) -> ColumnElement[bool]:
    """Choose letters of one channel, or of all but some."""
    return table.c.channel.not_in(besides) if only is None else table.c.channel == only


def _begun(notification: Notification) -> Notification:
    return replace(notification, state=Delivery.SENDING, attempts=notification.attempts + 1)


def due(now: datetime, exclude: Collection[str], of: ColumnElement[bool]) -> ColumnElement[bool]:
    """Choose what may be sent now, as far as its own thread is not in its way."""
    waits = and_(UNDELIVERED, table.c.held_at.is_(None), table.c.due_at <= now)
    return and_(waits, of, table.c.id.not_in(exclude), table.c.state == Delivery.PENDING.value)


def in_order(query: Select[*Columns]) -> Select[*Columns]:
    """Have a query give the letters that are due the longest first."""
    return query.order_by(table.c.due_at, table.c.created_at, table.c.seq)


def _run_out(now: datetime) -> ColumnElement[bool]:
    """Tell whether a claim holds no more, or so long that the clock must have been set back since."""
    until = table.c.lease_until
    return or_(until <= lease_clock(now), until > lease_clock(now, 2 * LEASE))


def overtaking() -> ColumnElement[bool]:
    """Tell whether an earlier letter of the same thread, to the same recipient, is still on its way.

    One that is held for a bundle is not; one that is in a bundle is as long as that is, but for what is
    urgent: of that only the end of an incident must not come before word of it.
    """
    earlier = table.alias("earlier")
    digest = table.alias("digest")
    alone = and_(earlier.c.state.in_(ON_ITS_WAY), earlier.c.held_at.is_(None))
    together = and_(
        earlier.c.state == Delivery.BUNDLED.value,
        or_(~table.c.urgent, table.c.kind == Kind.RESOLVED.value),
        exists().where(digest.c.id == earlier.c.bundle, digest.c.state.in_(ON_ITS_WAY)),
    )
    return exists().where(earlier_of(earlier), or_(alone, together))


def earlier_of(other: FromClause) -> ColumnElement[bool]:
    """Tell whether another letter is an earlier one of the same thread, to the same recipient."""
    return and_(
        other.c.incident == table.c.incident,
        other.c.recipient == table.c.recipient,
        other.c.channel == table.c.channel,
        other.c.seq < table.c.seq,
    )
