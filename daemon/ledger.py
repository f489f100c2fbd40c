"""What the engine needs of the store."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from alerts.change import Change
from alerts.incident import Incident
from alerts.notification import Notification
from alerts.silence import Silence

Epoch = tuple[str, int]


class Ledger(Protocol):
    """The part of the store that the engine uses."""

    async def commit(self, change: Change) -> None:
        """Write a change as a whole, or raise and write nothing."""
        ...

    async def notifications_of_many(self, epochs: Iterable[Epoch]) -> dict[Epoch, list[Notification]]:
        """Return the notifications of epochs of incidents, without their messages."""
        ...

    async def open_incidents(self) -> list[Incident]:
        """Return the incidents that are not resolved."""
        ...

    async def recent(self, since: datetime) -> list[Incident]:
        """Return the incidents resolved since then."""
        ...

    async def silences(self, now: datetime) -> list[Silence]:
        """Return the silences that people asked for and that are not over."""
        ...
