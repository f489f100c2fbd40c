"""Replicas that share the hotels of one state, who holds which, and what people ask of whoever does."""

import sqlalchemy as sa
from alembic import op

revision = "0005_replicas"
down_revision = "0004_silences"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "replicas",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("knows", sa.Text, nullable=False),
        sa.Column("seen_until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "hotels",
        sa.Column("hotel", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text),
        sa.Column("token", sa.Text),
        sa.Column("until", sa.BigInteger),
    )
    op.create_table(
        "wishes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("hotel", sa.Text, nullable=False),
        sa.Column("incident", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("answer", sa.Text),
    )
