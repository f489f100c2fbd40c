"""Delete what nobody will ask for again, on a connection whose transaction is the caller's."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_

from daemon.store import drills, reports, sightings
from daemon.store.moments import lease_clock
from daemon.store.schema import replicas, silences, wishes

WISHES = REPLICAS = timedelta(days=1)
SILENCES = timedelta(days=30)
"""How long each is kept after its end."""

ANSWERED = timedelta(minutes=10)
"""How long an answer is kept: whoever waits for it does not wait so long, and every replica reads past it."""


def tidy(connection: Connection, now: datetime) -> None:
    """Delete wishes and replicas of yesterday, silences that ended a month ago, and reports of last year."""
    old = or_(wishes.c.asked_at < now - WISHES, wishes.c.answered_at < now - ANSWERED)
    connection.execute(delete(wishes).where(old))
    ended = or_(silences.c.to < now - SILENCES, silences.c.removed_at < now - SILENCES)
    connection.execute(delete(silences).where(ended))
    connection.execute(delete(replicas).where(replicas.c.seen_until < lease_clock(now, -REPLICAS)))
    reports.forget(connection, now)
    drills.forget(connection, now)
    sightings.forget(connection, now)
