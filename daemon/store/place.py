"""What a state is kept in, whichever it is."""

from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from daemon.store.errors import StateError

HOLD = timedelta(seconds=6)
"""How long what several processes share is held without a word from its holder."""


class Place(Protocol):
    """An open state: one connection that writes, and some that read."""

    @property
    def name(self) -> str:
        """Where it is, for messages: no secret."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other processes may work with it too."""
        ...

    @property
    def patience(self) -> float | None:
        """Seconds after which a transaction is given up; None where it ends by itself."""
        ...

    @property
    def writer(self) -> AsyncEngine:
        """What hands out the connection that writes."""
        ...

    @property
    def reader(self) -> AsyncEngine:
        """What hands out connections that only read."""
        ...

    async def begin(self, connection: AsyncConnection, *, however_old: bool) -> None:
        """Prepare a transaction; raise OutdatedError when it takes the present version, and we are not."""
        ...

    def check(self) -> None:
        """Raise StateError when what it is kept in was taken away."""
        ...

    def trouble(self, error: Exception) -> StateError:
        """Return what an error means to the person who has to set it right."""
        ...

    async def close(self) -> None:
        """Close all connections and give the state up."""
        ...
