"""The ledger of recurring tasks: since when each is asked for, and who did it when."""

import sqlalchemy as sa
from alembic import op

revision = "0009_maintenance"
down_revision = "0008_history"


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "maintenance_tasks",
        sa.Column("hotel", sa.Text, primary_key=True),
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "maintenance_entries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("hotel", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("maintenance_entries_by_task", "maintenance_entries", ["hotel", "task", "at", "id"])
