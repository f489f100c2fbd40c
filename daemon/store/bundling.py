"""Letters beyond what a recipient is sent in an hour: held, and then let go or bundled in one digest.

Everything happens on a connection whose transaction is the caller's.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, update

from alerts.attempt import Claim
from alerts.bundle import PREFIX, Bundle
from alerts.change import Event
from alerts.notification import MAIL, Delivery, Kind, Notification
from daemon.store import queue
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

MOST = 10_000
"""Letters in one digest; no more can be named in one statement on PostgreSQL."""

ROUNDS = 50
"""Looks for mails that may go out at once: each passes over one recipient at least who has had enough."""

LOOK = 50
"""Letters seen in one look, each of which may be to somebody else who has had enough."""

AT_ONCE = 50
"""Letters held in one transaction: there are others who want to write."""

PATIENCE = timedelta(hours=1)
"""How long what tells of no incident lets those go first that do."""

FIRSTS = frozenset({Kind.PROBLEM.value, Kind.ESCALATION.value})
"""Kinds of letters by which a recipient hears of an incident."""

Write = Callable[[Bundle], Notification]
"""Returns the letter that tells of a bundle."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """A digest that was written, and how many letters go out in it."""

    digest: Notification
    letters: int


def claim(
    connection: Connection,
    now: datetime,
    limit: int,
    exclude: Collection[str],
    *,
    of: ColumnElement[bool],
    per_hour: int | None,
) -> list[Claim]:
    """Lease what is due, as `queue.claim` does, once what nobody speaks for has been taken back.

    With a limit, mails that would be more than `per_hour` to a recipient are held instead. Emergencies and
    digests of incidents go first, then what is within its share, then drills, which are to be as quick as an
    alert in the same place, then the rest: reports, reminders, hand-overs. Nothing of that is ever held; what
    has waited for `PATIENCE` goes before what is in its share.
    """
    if not queue.anything_left(connection):
        return []
    queue.take_back(connection, now, exclude)
    if per_hour is None:
        return queue.claim(connection, now, limit, exclude, of)
    found: list[Claim] = []

    def take(some: ColumnElement[bool]) -> None:
        if len(found) < limit:
            found.extend(queue.claim(connection, now, limit - len(found), exclude, and_(of, some)))

    take(and_(table.c.urgent, ~_calm()))
    take(and_(_calm(), table.c.due_at <= now - PATIENCE))
    chosen = _within_share(connection, now, limit - len(found), exclude, per_hour)
    if chosen:
        # By the recipient, too: that stands in the index, and there may be many to pass over.
        take(and_(table.c.recipient.in_(list(chosen.values())), table.c.id.in_(list(chosen))))
    take(and_(_calm(), table.c.kind == Kind.DRILL.value))
    take(_calm())
    return found


def _calm() -> ColumnElement[bool]:
    """Choose what tells of no incident: reports, reminders, hand-overs, drills; digests of incidents do."""
    bundled = and_(table.c.kind == Kind.DIGEST.value, table.c.key.startswith(PREFIX, autoescape=True))
    return and_(table.c.urgent, table.c.incident.is_(None), ~bundled)


def _within_share(
    connection: Connection, now: datetime, limit: int, exclude: Collection[str], per_hour: int
) -> dict[str, str]:
    """Return the next mails that may go out, and to whom; hold some of those that may not.

    What follows a letter of its thread that is held is held with it.
    """
    chosen: dict[str, str] = {}
    followers: list[str] = []
    room: dict[str, int] = {}
    due_mails = and_(due(now, exclude, table.c.channel == MAIL), ~table.c.urgent, ~overtaking())
    query = in_order(select(table.c.id, table.c.recipient, _follows().label("follows")))
    for _ in range(ROUNDS):
        full = [one for one, left in room.items() if left < 0]
        seen = (table.c.recipient.not_in(full), table.c.id.not_in([*chosen, *followers]))
        look = query.where(*seen, due_mails).limit(LOOK)
        rows = connection.execute(look).all() if len(chosen) < limit else []
        if not rows:
            break
        room |= _room(connection, now, {row.recipient for row in rows} - room.keys(), per_hour)
        for row in rows:
            if row.follows:
                followers.append(row.id)
                continue
            if room[row.recipient] <= 0:
                room[row.recipient] = -1
            elif len(chosen) < limit:
                room[row.recipient] -= 1
                chosen[row.id] = row.recipient
    full = [one for one, left in room.items() if left < 0]
    beyond = or_(table.c.id.in_(followers), table.c.recipient.in_(full) & table.c.id.not_in(list(chosen)))
    some = select(table.c.seq).where(beyond, due_mails).limit(AT_ONCE).with_for_update(skip_locked=True)
    if full or followers:
        connection.execute(update(table).where(table.c.seq.in_(some)).values(held_at=now))
    return chosen


def waiting(connection: Connection) -> list[str]:
    """Return the recipients for whom letters are held."""
    held = select(table.c.recipient).where(UNDELIVERED, table.c.held_at.is_not(None)).distinct()
    return list(connection.execute(held).scalars())


def bundle(
    connection: Connection, now: datetime, recipient: str, per_hour: int, write: Write
) -> Bundled | None:
    """Let go what is held for a recipient and no longer beyond the limit, or bundle it when that is due.

    Of two processes that do this at once the second finds nothing left: rows are locked before anything is
    decided about them, and the digest has the key of its first letter.
    """
    if not (_is_due(connection, now, recipient) or _left(connection, now, recipient, per_hour)):
        # There may be thousands, and most of the time there is nothing to do with them yet.
        return None
    query = select(table.c.id, table.c.incident, table.c.level, table.c.kind)
    query = query.where(table.c.recipient == recipient, ~overtaking())
    query = query.order_by(table.c.seq).limit(MOST).with_for_update(of=table)
    rows = connection.execute(query.where(_held())).all()
    room = _left(connection, now, recipient, per_hour)
    if len(rows) > room and _is_due(connection, now, recipient):
        # What has not been held yet, there being so much, is told with the rest.
        late = and_(due(now, (), table.c.channel == MAIL), ~table.c.urgent)
        rows = connection.execute(query.where(or_(_held(), late))).all()
        blank = Bundle(f"{PREFIX}{rows[0].id}", recipient, min(row.level for row in rows), per_hour, now)
        return _bundled(connection, blank, rows, write)
    free = update(table).where(table.c.id.in_([row.id for row in rows[:room]]))
    connection.execute(free.values(held_at=None))
    return None


def _bundled(
    connection: Connection,
    blank: Bundle,
    rows: Sequence[Row[str, str, str, str]],
    write: Write,
) -> Bundled:
    """Write the digest of some letters, and note that they go out in it; `blank` is without incidents."""
    ids = list(dict.fromkeys(row.incident for row in rows))
    query = select(incidents).where(incidents.c.id.in_(ids))
    known = {row["id"]: incident_of(row) for row in connection.execute(query).mappings()}
    told = tuple(known[one] for one in ids if one in known)
    digest = write(
        replace(blank, incidents=told, new=frozenset(r.incident for r in rows if r.kind in FIRSTS))
    )
    connection.execute(table.insert(), [notification_row(digest)])
    going = update(table).where(table.c.id.in_([row.id for row in rows]))
    # Without its message a row is changed in a fraction of the time, and there may be thousands.
    connection.execute(going.values(state=Delivery.BUNDLED.value, bundle=digest.id, message=b""))
    said = f"the mail to {blank.recipient} goes out in a digest: it has had {blank.per_hour} within the hour"
    connection.execute(events.insert(), [event_row(Event(one, blank.at, "bundled", said)) for one in ids])
    return Bundled(digest, len(rows))


def _is_due(connection: Connection, now: datetime, recipient: str) -> bool:
    """Tell whether a digest is due; moments to come are those of a clock that has been set back since."""
    waits = or_(table.c.held_at <= now - SETTLE, table.c.held_at > now)
    held = select(table.c.seq).where(_held(), waits, table.c.recipient == recipient, ~overtaking())
    lately = select(table.c.seq).where(
        DIGESTS,
        table.c.recipient == recipient,
        table.c.key.startswith(PREFIX, autoescape=True),
        table.c.created_at > now - APART,
        table.c.created_at <= now,
    )
    return bool(connection.execute(select(and_(held.exists(), ~lately.exists()))).scalar_one())


def _left(connection: Connection, now: datetime, recipient: str, per_hour: int) -> int:
    return (_room(connection, now, {recipient}, per_hour))[recipient]


def _room(
    connection: Connection, now: datetime, recipients: Collection[str], per_hour: int
) -> dict[str, int]:
    """Return how many more mails each may be sent now.

    Those on their way count, and digests; those of emergencies do not. Reports, which may be as many as there
    are hotels, take no more than half of it from what is told of incidents.
    """
    room = dict.fromkeys(recipients, per_hour)
    reports = dict.fromkeys(recipients, per_hour // 2)
    of_report = table.c.kind == Kind.REPORT.value
    rationed = or_(~table.c.urgent, table.c.incident.is_(None))
    mine = and_(table.c.recipient.in_(recipients), table.c.channel == MAIL, rationed)
    counted = select(table.c.recipient, of_report, func.count()).where(mine)
    counted = counted.group_by(table.c.recipient, of_report)
    for gone in (and_(table.c.sent_at > now - HOUR, table.c.sent_at <= now), SENDING):
        for recipient, is_report, count in connection.execute(counted.where(gone)).all():
            taken = min(count, reports[recipient]) if is_report else count
            reports[recipient] -= taken if is_report else 0
            room[recipient] = max(0, room[recipient] - taken)
    return room


def _held() -> ColumnElement[bool]:
    return and_(UNDELIVERED, table.c.state == Delivery.PENDING.value, table.c.held_at.is_not(None))


def _follows() -> ColumnElement[bool]:
    """Tell whether an earlier letter of the same thread is held."""
    earlier = table.alias("before")
    waits = and_(earlier.c.state == Delivery.PENDING.value, earlier.c.held_at.is_not(None))
    return exists().where(earlier_of(earlier), waits)
