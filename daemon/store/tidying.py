"""Delete what nobody will ask for again, on a connection whose transaction is the caller's."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select

from alerts.notification import Delivery
from daemon.store import drills, reports, sightings
from daemon.store.moments import lease_clock
from daemon.store.schema import REPORTS, notifications, replicas, silences, wishes

WISHES = REPLICAS = timedelta(days=1)
SILENCES = timedelta(days=30)
"""How long each is kept after its end."""

LETTERS = timedelta(days=30)
"""How long a letter that brought a report is kept: the report itself is kept for longer."""

WAITING = (Delivery.PENDING.value, Delivery.SENDING.value)

AT_ONCE = 200
"""Letters deleted in one transaction: they are large, and there are others who want to write."""

ANSWERED = timedelta(minutes=10)
"""How long an answer is kept: whoever waits for it does not wait so long, and every replica reads past it."""


def tidy(connection: Connection, now: datetime) -> None:
    """Delete wishes and replicas of yesterday, silences that ended a month ago, and reports of last year."""
    old = or_(wishes.c.asked_at < now - WISHES, wishes.c.answered_at < now - ANSWERED)
    connection.execute(delete(wishes).where(old))
    ended = or_(silences.c.to < now - SILENCES, silences.c.removed_at < now - SILENCES)
    connection.execute(delete(silences).where(ended))
    connection.execute(delete(replicas).where(replicas.c.seen_until < lease_clock(now, -REPLICAS)))
    brought = select(notifications.c.seq).where(
        REPORTS, notifications.c.state.not_in(WAITING), notifications.c.created_at < now - LETTERS
    )
    connection.execute(delete(notifications).where(notifications.c.seq.in_(brought.limit(AT_ONCE))))
    reports.forget(connection, now)
    drills.forget(connection, now)
    sightings.forget(connection, now)
