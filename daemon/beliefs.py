"""The incidents as they are believed to be: as committed, or as owed to the ledger while it is away."""

import asyncio
from collections.abc import Collection, Iterable, Mapping

from alerts.change import Change
from alerts.decision import Decision
from alerts.incident import Incident
from alerts.incidents import REOPENS_WITHIN
from daemon.board import Board
from daemon.books import Books
from daemon.casebook import Casebook
from daemon.clock import Clock
from daemon.incident_log import report
from daemon.ledger import Ledger
from daemon.quiet import Quiet


class Beliefs:
    """What is believed of incidents, and of who was told: the casebook, the board and the books agree."""

    def __init__(self, board: Board, ledger: Ledger, clock: Clock, quiet: Quiet) -> None:
        self._board = board
        self._ledger = ledger
        self._clock = clock
        self._quiet = quiet
        self._in_doubt = False
        self.book = Casebook()
        self.books = Books(ledger, clock.now)

    def believe(self, incident: Incident) -> None:
        """Take an incident for true."""
        self.book.believe(incident, self._clock.now())
        if self.book.find(incident.id) is None:
            self._board.incidents.pop(incident.id, None)
        else:
            self._board.incidents[incident.id] = incident

    def let_go(self, hotels: Collection[str]) -> None:
        """Believe nothing of these hotels any more: they are another replica's."""
        for hotel in hotels:
            for incident in self.book.current(hotel):
                self._board.incidents.pop(incident.id, None)
            self.book.drop(hotel)
        self.books.drop(hotels, "another replica looks after the hotel now")

    async def decided(self, decisions: Collection[Decision], changes: Mapping[str, Change]) -> None:
        """Commit what was decided, by hotel, or owe it to the ledger while it is away; then believe it.

        When it fails otherwise, nothing is believed, and the ledger is asked what is true before anything
        else is decided.
        """
        doubted, self._in_doubt = self._in_doubt, True
        try:
            await self.books.write(changes)
        except asyncio.CancelledError:
            self._conclude(decisions, changes.values())
            self._in_doubt = doubted
            raise
        self._conclude(decisions, changes.values())
        self._in_doubt = doubted

    async def asked(self, decisions: Collection[Decision], changes: Mapping[str, Change]) -> None:
        """Commit what people ask for, and believe it; or raise StateError, and believe nothing."""
        self._in_doubt = True
        await self.books.commit(changes)
        self._conclude(decisions, changes.values())
        self._in_doubt = False

    def _conclude(self, decisions: Iterable[Decision], changes: Iterable[Change]) -> None:
        for incident in (one for change in changes for one in change.incidents):
            self.believe(incident)
        for decision in decisions:
            report(decision)

    async def reconcile(self) -> frozenset[str] | None:
        """Write what is owed, and where that is not certain ask the ledger what is true.

        Return None when all that was believed still is; else the hotels of which what was owed could not be
        written any more. Raise StateError while the ledger is away.
        """
        dropped = await self.books.settle()
        if not (self._in_doubt or self.books.away or dropped):
            return None
        await self.recollect()
        self.books.back()
        return dropped

    async def recollect(self) -> None:
        """Ask the ledger what is true."""
        now = self._clock.now()
        incidents = await self.books.ask(self._ledger.recent(now - REOPENS_WITHIN))
        incidents += await self.books.ask(self._ledger.open_incidents())
        self._quiet.restore(await self.books.ask(self._ledger.silences(now)))
        self.book = Casebook(self.book.doubts)
        self._board.incidents.clear()
        for incident in incidents:
            self.believe(incident)
        self._in_doubt = False
