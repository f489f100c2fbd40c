"""The history: how the checks of an integration did, by minute, hour and day."""

import sqlalchemy as sa
from alembic import op

revision = "0008_history"
down_revision = "0007_held"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "history",
        sa.Column("hotel", sa.Text, primary_key=True),
        sa.Column("width", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("start", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("integration", sa.Text, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
