"""Silences, the key that signs links, and what becomes of a letter that is withdrawn on its way."""

import sqlalchemy as sa
from alembic import op

revision = "0004_silences"
down_revision = "0003_standings_over_time"


def upgrade() -> None:
    """Create the tables, and the column."""
    op.create_table(
        "silences",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("match", sa.Text, nullable=False),
        sa.Column("from", sa.BigInteger, nullable=False),
        sa.Column("to", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
    )
    op.create_index("silences_by_end", "silences", ["to"])
    op.create_table(
        "keys",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    op.add_column("notifications", sa.Column("withdrawn", sa.Text))
