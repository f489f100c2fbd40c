"""What is remembered of a check over many runs: flapping, error rates, signs and numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0003_standings_over_time"
down_revision = "0002_memories"


def upgrade() -> None:
    """Add the columns, as they are for a check of which nothing of the kind is known."""
    for column in (
        sa.Column("erring", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("blind_runs", sa.Integer, nullable=False, server_default="0"),
        sa.Column("flapping", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("history", sa.Integer, nullable=False, server_default="1"),
        sa.Column("changed_at", sa.BigInteger),
        sa.Column("openings", sa.Text, nullable=False, server_default=""),
        sa.Column("signs", sa.Text, nullable=False, server_default=""),
        sa.Column("observed", sa.Double),
        sa.Column("limit", sa.Double),
        sa.Column("unit", sa.Text, nullable=False, server_default=""),
    ):
        op.add_column("standings", column)
