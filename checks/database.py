"""Read-only access to the hotel's database: one small pool per DSN."""


class Databases:
    """The pools of all databases that checks ask."""

    async def close(self) -> None:
        """Close every connection."""
