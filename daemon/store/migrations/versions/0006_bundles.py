"""Letters held for a bundle, and dead ones: whose, since when, and what they went out in."""

import sqlalchemy as sa
from alembic import op

revision = "0006_bundles"
down_revision = "0005_replicas"

WAITING = ["held_at", "due_at", "created_at", "seq", "channel", "recipient", "urgent"]
"""The order in which letters go out, and by what they are passed over without a look at the row."""

UNDELIVERED = sa.text("state IN ('pending', 'sending')")
SENDING = sa.text("state = 'sending'")
DIGESTS = sa.text("kind = 'digest'")
BUNDLED = sa.text("bundle IS NOT NULL")
DEAD = sa.text("died_at IS NOT NULL")

URGENT = """UPDATE notifications SET urgent = true
WHERE incident IS NULL OR level = '3'
OR EXISTS (SELECT 1 FROM incidents WHERE id = notifications.incident AND severity = 'emergency')"""
"""What goes out whatever went before; a letter about no single incident could not be bundled at all."""


def upgrade() -> None:
    """Add the columns, as they are for a letter that is not held, and the indexes."""
    for column in (
        sa.Column("hotel", sa.Text),
        sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("held_at", sa.BigInteger),
        sa.Column("bundle", sa.Text),
        sa.Column("died_at", sa.BigInteger),
    ):
        op.add_column("notifications", column)
    op.execute(URGENT)
    op.execute("UPDATE notifications SET died_at = due_at WHERE state = 'dead'")
    for name, columns, only in (
        ("notifications_waiting", WAITING, UNDELIVERED),
        ("notifications_by_recipient", ["recipient", "sent_at"], None),
        ("notifications_sending", ["recipient"], SENDING),
        ("notifications_digests", ["recipient", "created_at"], DIGESTS),
        ("notifications_of_bundle", ["bundle"], BUNDLED),
        ("notifications_dead", ["died_at"], DEAD),
    ):
        op.create_index(name, "notifications", columns, sqlite_where=only, postgresql_where=only)
    op.drop_index("notifications_undelivered", "notifications")
