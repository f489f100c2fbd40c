"""Where letters go out: those that are written down, and those of emergencies while they cannot be."""

import asyncio
from collections.abc import Callable, Mapping

from alerts.attempt import QueueError
from alerts.correspondence import Correspondent, HotelDesk
from alerts.notification import Notification
from alerts.outbox import Deliver, Outbox, Recorder
from daemon.backlog import Backlog
from daemon.bundler import Bundler
from daemon.clock import Clock
from daemon.crier import Beside, Crier
from daemon.store import Store


class Mailroom:
    """Two outboxes over the same channels: one for what the store holds, one for what the backlog holds."""

    def __init__(
        self,
        store: Store,
        backlog: Backlog,
        clock: Clock,
        chance: Callable[[], float],
        recorder: Recorder,
        *,
        on_dead: Callable[[Notification], None],
    ) -> None:
        self._store = store
        self._crier = Crier(backlog, clock.now)
        queue = Beside(store, self._crier, backlog)
        self.outbox = Outbox(queue, {}, clock.now, chance, recorder, on_dead=on_dead)
        self._cries = Outbox(self._crier, {}, clock.now, chance, recorder)
        self._bundler = Bundler(store)

    def configure(
        self,
        channels: dict[str, Deliver],
        house: Correspondent | None,
        desks: Mapping[str, HotelDesk],
        per_hour: int | None,
    ) -> None:
        """Deliver over these channels from now on, no more than so many mails to a recipient in an hour."""
        self.outbox.channels = self._cries.channels = channels
        self.outbox.per_hour = per_hour
        self._bundler.configure(house, desks, per_hour)

    async def send(self) -> None:
        """Begin to deliver what is due; raise QueueError, and leave emergencies to the crier, if it fails.

        A digest that cannot be written is in the way of no other letter.
        """
        try:
            await self.outbox.deliver_due()
        except (QueueError, asyncio.CancelledError):
            self._crier.hindered = True
            raise
        self._crier.hindered = False
        await self._bundler.tick()

    async def cry(self) -> None:
        """Begin to deliver what is due of emergencies and cannot be written down."""
        await self._cries.deliver_due()

    async def drain(self, within: float) -> None:
        """Deliver what is due until nothing is, or the seconds are up."""
        cries = asyncio.create_task(self._cries.drain(within))
        try:
            await self.outbox.drain(within)
        finally:
            await cries

    async def hasten(self) -> None:
        """Make due at once what waits for its next attempt; raise StateError when that cannot be written."""
        await self._crier.hasten()
        await self._store.hasten()
