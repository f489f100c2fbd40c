"""What checks remember between their runs."""

import sqlalchemy as sa
from alembic import op

revision = "0002_memories"
down_revision = "0001_initial"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "memories",
        sa.Column("hotel", sa.Text, primary_key=True),
        sa.Column("integration", sa.Text, primary_key=True),
        sa.Column("check", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
