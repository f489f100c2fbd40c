"""Incidents, their timeline and notifications, how checks stand, and the pulse."""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _incidents()
    _notifications()
    _events()
    _standings()
    op.create_table(
        "pulse",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO pulse (id, at) VALUES (1, 0)")


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("hotel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("resolved_at", sa.BigInteger),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("thread_root", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
    )
    unresolved = sa.text("state <> 'resolved'")
    op.create_index(
        "one_unresolved_incident_a_key",
        "incidents",
        ["key"],
        unique=True,
        sqlite_where=unresolved,
        postgresql_where=unresolved,
    )
    op.create_index("incidents_by_opening", "incidents", ["opened_at", "id"])
    op.create_index("incidents_by_end", "incidents", ["resolved_at"])


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("incident", sa.Text, sa.ForeignKey("incidents.id")),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("lease_token", sa.Text),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("phase", sa.Text),
    )
    undelivered = sa.text("state IN ('pending', 'sending')")
    op.create_index("notifications_of_incident", "notifications", ["incident", "recipient", "channel"])
    op.create_index(
        "notifications_undelivered",
        "notifications",
        ["due_at"],
        sqlite_where=undelivered,
        postgresql_where=undelivered,
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("incident", sa.Text, sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("events_of_incident", "events", ["incident"])


def _standings() -> None:
    op.create_table(
        "standings",
        sa.Column("hotel", sa.Text, primary_key=True),
        sa.Column("integration", sa.Text, primary_key=True),
        sa.Column("check", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("last_run", sa.BigInteger, nullable=False),
        sa.Column("last_ok", sa.BigInteger),
        sa.Column("bad_runs", sa.Integer, nullable=False),
        sa.Column("ok_runs", sa.Integer, nullable=False),
        sa.Column("bad_since", sa.BigInteger),
        sa.Column("breached", sa.Boolean, nullable=False),
        sa.Column("breached_at", sa.BigInteger),
        sa.Column("slow", sa.Boolean, nullable=False),
    )
