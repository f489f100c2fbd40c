"""What the porter does by itself beside watching: it keeps the ledger, and what there is to do by night."""

from collections.abc import Callable, Mapping

from alerts.correspondence import Correspondent, HotelDesk
from daemon.clock import Clock
from daemon.maintenance import Maintenance
from daemon.settings import Settings
from daemon.store import Store
from daemon.web.deps import Reporting

EVERY = 10.0
"""Seconds between two looks whether there is anything to do."""


class Nights:
    """The work of the night. `new_id` names what is written down."""

    def __init__(self, store: Store, clock: Clock, new_id: Callable[[], str]) -> None:
        self.maintenance = Maintenance(store.maintenance, clock, new_id)
        self.reports: Reporting | None = None

    def configure(
        self, settings: Settings, letters: Correspondent | None, desks: Mapping[str, HotelDesk]
    ) -> None:
        """Work by these settings from now on; without `letters` nobody is told of anything."""
        self.maintenance.configure(settings.hotels)

    async def tick(self) -> None:
        """Do what is due, or raise StateError."""
        await self.maintenance.ask()
