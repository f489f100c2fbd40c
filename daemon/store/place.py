"""What a state is kept in, whichever it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from daemon.store.errors import StateError

T = TypeVar("T")

Work = Callable[[Connection], T]
"""What is done within a transaction: it waits for nothing but its connection."""

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

    async def write(self, work: Work[T], *, however_old: bool) -> T:
        """Do some work in a transaction on the one connection that writes; never two at the same time.

        Raise OutdatedError when it takes the present version, and we are not.
        """
        ...

    async def read(self, work: Work[T]) -> T:
        """Do some work that changes nothing, beside what is written."""
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
