"""What the porter does by itself beside watching: it keeps the ledger, and what there is to do by night."""

import asyncio
from collections.abc import Callable, Collection, Mapping

from alerts.correspondence import Correspondent, HotelDesk
from alerts.reports.report import Kind, Report
from checks.check import Check
from checks.connection import Connector
from checks.database import Databases
from checks.result import Result
from daemon.board import Board
from daemon.clock import Clock
from daemon.drillmaster import Drillmaster
from daemon.handing_over import HandingOver
from daemon.history import History
from daemon.maintenance import Maintenance
from daemon.readback import ReadBack
from daemon.reminders import Reminders
from daemon.reporter import Reporter
from daemon.reporting.gather import Sources
from daemon.reporting.trials import ended
from daemon.settings import Settings
from daemon.sighted import Sighted
from daemon.store import Store
from daemon.ticks import Loop

EVERY = 10.0
"""Seconds between two looks whether there is anything to do."""

PATIENCE = 5.0
"""Seconds for which the rest waits for reports."""


class Nights:
    """The work of the night, for the hotels that are held here, as the `history` knows.

    `new_id` names what is written down, `posted` is called when there is something to send.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        new_id: Callable[[], str],
        history: History,
        board: Board,
        *,
        posted: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock

        def held() -> Collection[str]:
            return history.held

        self.maintenance = Maintenance(store.maintenance, clock, new_id, self._look)
        self.sighted = Sighted(store.sightings, clock, held)
        self._sources = Sources(store, history, board, self.maintenance)
        self.reports = Reporter(self._sources, clock)
        self.patience = PATIENCE
        self._reporting: asyncio.Task[None] | None = None
        self.reminders = Reminders(store, clock, self.maintenance, held, self.reports.owes)
        self.handing_over = HandingOver(store, clock, held)
        self.drills = Drillmaster(store, clock, new_id, held=held, posted=posted)

    def configure(
        self,
        settings: Settings,
        letters: Correspondent | None,
        desks: Mapping[str, HotelDesk],
        databases: Databases,
    ) -> None:
        """Work by these settings from now on; without `letters` nobody is told of anything.

        `databases` are asked what the hotels' own ones hold.
        """
        self.maintenance.configure(settings.hotels)
        self._sources.databases = databases
        self.reports.configure(settings, letters, desks)
        self.reminders.configure(settings, letters, desks)
        self.handing_over.configure(letters, desks)
        look = ReadBack(Connector(), self._clock.now)
        self.drills.configure(letters.drills if letters else None, desks, settings.drills.mailbox, look)

    def loops(self) -> tuple[Loop, ...]:
        """Return the loops that it takes: where one fails, or takes long, the others go on."""
        ticks = {
            "nights": self.tick,
            "sightings": self.sighted.tick,
            "reminders": self.reminders.tick,
            "handover": self.handing_over.tick,
        }
        slow = (Loop(name, tick, self._clock, EVERY) for name, tick in ticks.items())
        return *slow, Loop("drills", self.drills.tick, self._clock)

    async def tick(self) -> None:
        """Ask for the tasks of the ledger and make the reports that are due, or raise StateError."""
        await self.maintenance.ask()
        await self._report()

    async def _report(self) -> None:
        """Have the reports made that are due; where that takes long, it goes on beside the rest."""
        if self._reporting is None:
            self._reporting = asyncio.create_task(self.reports.tick())
        done, _ = await asyncio.wait({self._reporting}, timeout=self.patience)
        if done:
            made, self._reporting = self._reporting, None
            await made

    async def finish(self) -> None:
        """Write down what is not yet, before the porter ends, or raise StateError."""
        if self._reporting is not None:
            await ended(self._reporting)
        await self.sighted.tick()

    async def _look(self, hotel: str, kind: Kind) -> Report | None:
        """Return the report of a hotel as of now."""
        return await self.reports.now(hotel, kind)

    def beside(
        self, note: Callable[[Check, Result, Result], None]
    ) -> Callable[[Check, Result, Result], None]:
        """Return what takes every run in, for us as for whoever notes it otherwise."""

        def seen(check: Check, result: Result, verdict: Result) -> None:
            note(check, result, verdict)
            self.sighted.note(check, result)

        return seen
