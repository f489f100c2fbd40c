"""The tables, for SQLite and PostgreSQL alike. Moments are whole microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Return the microseconds since 1970 of an aware datetime."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(value: int) -> datetime:
    """Return the datetime, in UTC, of microseconds since 1970."""
    return EPOCH + value * MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as a number that sorts."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


class Words(TypeDecorator[str]):
    """Text that no database refuses: what UTF-8 or PostgreSQL cannot hold becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        # `utf-16` joins pairs of surrogates to the character they stand for, and finds the lone ones.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")


metadata = MetaData()

UNRESOLVED = text("state <> 'resolved'")
UNDELIVERED = text("state IN ('pending', 'sending')")
SENDING = text("state = 'sending'")
DIGESTS = text("kind = 'digest'")
REPORTS = text("kind = 'report'")
IN_A_BUNDLE = text("bundle IS NOT NULL")
DIED = text("died_at IS NOT NULL")
"""Literal, because a partial index serves only a query that repeats its condition word for word."""

incidents = Table(
    "incidents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Words, nullable=False),
    Column("hotel", Words, nullable=False),
    Column("state", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("title", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("thread_root", Words),
    Column("body", Text, nullable=False),
    Index(
        "one_unresolved_incident_a_key",
        "key",
        unique=True,
        sqlite_where=UNRESOLVED,
        postgresql_where=UNRESOLVED,
    ),
    Index("incidents_by_opening", "opened_at", "id"),
    Index("incidents_by_end", "resolved_at"),
)

notifications = Table(
    "notifications",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False, unique=True),
    Column("incident", Text, ForeignKey("incidents.id")),
    Column("epoch", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("recipient", Words, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("message_id", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Moment),
    Column("last_error", Words, nullable=False),
    Column("lease_token", Text),
    Column("lease_until", Moment),
    Column("phase", Text),
    Column("withdrawn", Text),
    Column("hotel", Words),
    Column("urgent", Boolean, nullable=False),
    Column("held_at", Moment),
    Column("bundle", Text),
    Column("died_at", Moment),
    Index("notifications_of_incident", "incident", "recipient", "channel"),
    Index(
        "notifications_waiting",
        "held_at",
        "due_at",
        "created_at",
        "seq",
        "channel",
        "recipient",
        "urgent",
        sqlite_where=UNDELIVERED,
        postgresql_where=UNDELIVERED,
    ),
    Index(
        "notifications_held",
        "recipient",
        "held_at",
        "created_at",
        "state",
        sqlite_where=UNDELIVERED,
        postgresql_where=UNDELIVERED,
    ),
    Index("notifications_by_recipient", "recipient", "sent_at"),
    Index("notifications_sending", "recipient", sqlite_where=SENDING, postgresql_where=SENDING),
    Index("notifications_digests", "recipient", "created_at", sqlite_where=DIGESTS, postgresql_where=DIGESTS),
    Index("notifications_reports", "created_at", sqlite_where=REPORTS, postgresql_where=REPORTS),
    Index("notifications_of_bundle", "bundle", sqlite_where=IN_A_BUNDLE, postgresql_where=IN_A_BUNDLE),
    Index("notifications_dead", "died_at", sqlite_where=DIED, postgresql_where=DIED),
)
"""`held_at` is since when a letter waits for a bundle, `bundle` the id of the digest that it went out in."""

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("incident", Text, ForeignKey("incidents.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Words, nullable=False),
    Index("events_of_incident", "incident"),
)

standings = Table(
    "standings",
    metadata,
    Column("hotel", Text, primary_key=True),
    Column("integration", Text, primary_key=True),
    Column("check", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("message", Words, nullable=False),
    Column("since", Moment, nullable=False),
    Column("last_run", Moment, nullable=False),
    Column("last_ok", Moment),
    Column("bad_runs", Integer, nullable=False),
    Column("ok_runs", Integer, nullable=False),
    Column("bad_since", Moment),
    Column("breached", Boolean, nullable=False),
    Column("breached_at", Moment),
    Column("slow", Boolean, nullable=False),
    Column("erring", Boolean, nullable=False),
    Column("blind_runs", Integer, nullable=False),
    Column("flapping", Boolean, nullable=False),
    Column("history", Integer, nullable=False),
    Column("changed_at", Moment),
    Column("openings", Text, nullable=False),
    Column("signs", Text, nullable=False),
    Column("observed", Double),
    Column("limit", Double),
    Column("unit", Text, nullable=False),
)

memories = Table(
    "memories",
    metadata,
    Column("hotel", Text, primary_key=True),
    Column("integration", Text, primary_key=True),
    Column("check", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("match", Text, nullable=False),
    Column("from", Moment, nullable=False),
    Column("to", Moment, nullable=False),
    Column("by", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Index("silences_by_end", "to"),
)

replicas = Table(
    "replicas",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("knows", Text, nullable=False),
    Column("seen_until", Moment, nullable=False),
)
"""The processes that share this state, alive until `seen_until`; `knows` tells sets of hotels apart."""

hotels = Table(
    "hotels",
    metadata,
    Column("hotel", Text, primary_key=True),
    Column("owner", Text),
    Column("token", Text),
    Column("until", Moment),
)
"""Which replica holds a hotel, and until when; nobody without an owner."""

wishes = Table(
    "wishes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hotel", Text, nullable=False),
    Column("incident", Text),
    Column("kind", Text, nullable=False),
    Column("body", Words, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("answer", Words),
)
"""What people asked of a replica that does not hold the hotel, and what the one that does answered."""

history = Table(
    "history",
    metadata,
    Column("hotel", Text, primary_key=True),
    Column("width", Integer, primary_key=True, autoincrement=False),
    Column("start", Integer, primary_key=True, autoincrement=False),
    Column("integration", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""How the checks of an integration did, for `width` minutes from minute `start` (since 1970) on."""

keys = Table(
    "keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
"""What is drawn once and signs from then on."""

pulse = Table(
    "pulse",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""One row, written to find out whether the state can be written."""
