"""What the porter does every night by itself: rounds, reports and drills; and what it saw set up how."""

import sqlalchemy as sa
from alembic import op

revision = "0010_nights"
down_revision = "0009_maintenance"


def upgrade() -> None:
    """Add the tables, and to the ledger what was seen by itself and what was warned of."""
    op.create_table(
        "rounds",
        sa.Column("hotel", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger),
    )
    op.create_table(
        "reports",
        sa.Column("hotel", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("ends", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    _add_drills()
    reports = sa.text("kind = 'report'")
    op.create_index(
        "notifications_reports",
        "notifications",
        ["created_at"],
        sqlite_where=reports,
        postgresql_where=reports,
    )
    op.create_table(
        "sightings",
        sa.Column("hotel", sa.Text, primary_key=True),
        sa.Column("integration", sa.Text, primary_key=True),
        sa.Column("check", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_index("sightings_by_time", "sightings", ["hotel", "at"])
    op.add_column("maintenance_tasks", sa.Column("warned_for", sa.BigInteger))
    op.add_column("maintenance_entries", sa.Column("evidence", sa.Text, nullable=False, server_default=""))


def _add_drills() -> None:
    op.create_table(
        "drills",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("hotel", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("stored_at", sa.BigInteger),
        sa.Column("seen_at", sa.BigInteger),
        sa.Column("unseen", sa.Text, nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("acknowledged_note", sa.Text),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("drills_of_hotel", "drills", ["hotel", "asked_at"])
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "one_running_drill_a_level",
        "drills",
        ["hotel", "level"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_table(
        "drill_copies",
        sa.Column("notification", sa.Text, primary_key=True),
        sa.Column("drill", sa.Text, nullable=False),
        sa.Column("read_back", sa.Boolean, nullable=False),
    )
    op.create_index("copies_of_drill", "drill_copies", ["drill"])
