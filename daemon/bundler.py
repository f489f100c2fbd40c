"""What is beyond the mails that a recipient is sent in an hour -> digests."""

from collections.abc import Mapping
from functools import partial
from typing import Protocol

import structlog

from alerts.bundle import digest_of
from alerts.correspondence import Correspondent, HotelDesk
from daemon.store.bundling import Bundled, Write

log = structlog.get_logger()


class Held(Protocol):
    """The part of the store that holds letters."""

    async def held(self) -> list[str]:
        """Return the recipients for whom letters are held."""
        ...

    async def bundle(self, recipient: str, per_hour: int, write: Write) -> Bundled | None:
        """Let go what is held for a recipient and within the limit again, or bundle it when that is due."""
        ...


class Bundler:
    """Looks after what is held, recipient by recipient."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._house: Correspondent | None = None
        self._desks: Mapping[str, HotelDesk] = {}
        self._per_hour = 0

    def configure(
        self, house: Correspondent | None, desks: Mapping[str, HotelDesk], per_hour: int | None
    ) -> None:
        """Write digests so from now on; without a limit there is no mail, and what is held waits for it."""
        self._house = house if per_hour is not None else None
        self._desks = desks
        self._per_hour = per_hour or 0

    async def tick(self) -> None:
        """Let go what is within the limit again, and bundle what is due."""
        if self._house is None:
            return
        write = partial(digest_of, house=self._house, desks=self._desks)
        for recipient in await self._held.held():
            made = await self._held.bundle(recipient, self._per_hour, write)
            if made is not None:
                log.info(
                    "notifications.bundled",
                    recipient=recipient,
                    letters=made.letters,
                    notification=made.digest.id,
                    message_id=made.digest.message_id,
                )
