"""Which of the migrations a database has been through."""

from sqlalchemy import Connection, inspect, text

VERSION = text("SELECT version_num FROM alembic_version")


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a schema, None where there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(VERSION).scalar()
