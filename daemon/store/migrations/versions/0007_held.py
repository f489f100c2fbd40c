"""Which letters wait for whom, and since when: asked every second, and of thousands in a storm."""

import sqlalchemy as sa
from alembic import op

revision = "0007_held"
down_revision = "0006_bundles"

UNDELIVERED = sa.text("state IN ('pending', 'sending')")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "notifications_held",
        "notifications",
        ["recipient", "held_at", "created_at", "state"],
        sqlite_where=UNDELIVERED,
        postgresql_where=UNDELIVERED,
    )
