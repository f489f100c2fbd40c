"""The incidents as they are believed to be: as committed, or as owed to the ledger while it is away."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from alerts.change import Change
from alerts.decision import Decision
from alerts.incident import Incident
from alerts.incidents import REOPENS_WITHIN
from alerts.silence import Silence
from daemon.board import Board
from daemon.books import Books
from daemon.casebook import Casebook
from daemon.clock import Clock
from daemon.incident_log import report
from daemon.ledger import Ledger
from daemon.quiet import Quiet
from daemon.store.errors import StateError

BRIEF = 1.0
"""Seconds that a tick waits for a ledger that is away."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the ledger holds: the incidents that are open or ended within a day, and people's silences."""

    incidents: tuple[Incident, ...]
    silences: tuple[Silence, ...]


class Beliefs:
    """What is believed of incidents, and of who was told: the casebook, the board and the books agree."""

    def __init__(self, board: Board, ledger: Ledger, clock: Clock, quiet: Quiet) -> None:
        self._board = board
        self._ledger = ledger
        self._clock = clock
        self._quiet = quiet
        self._in_doubt = False
        self._attempt: asyncio.Task[Truth | None] | None = None
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
                self.books.forget(incident)
            self.book.drop(hotel)
        self.unsettle()
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

    async def reconcile(self, first: Callable[[], Awaitable[None]]) -> bool:
        """Do something first, write what is owed, and where that is not certain ask the ledger what is true.

        Return whether something else is believed now. Raise StateError while the ledger is away: what was
        begun goes on then, and is taken up the next time.
        """
        while True:
            if self._attempt is None:
                self._attempt = asyncio.create_task(self._attempted(first))
                self._attempt.add_done_callback(_seen)
            away = self.books.away
            await asyncio.wait({self._attempt}, timeout=None if away is None else BRIEF)
            if away is not None and not self._attempt.done():
                raise StateError(str(away))
            attempt, self._attempt = self._attempt, None
            truth = attempt.result()
            if not self.books.backlog.owed():
                # Nothing was decided meanwhile.
                break
        if truth is None:
            return False
        self._believe_anew(truth)
        self.books.back()
        return True

    async def _attempted(self, first: Callable[[], Awaitable[None]]) -> Truth | None:
        await first()
        await self.books.settle()
        return await self._truth() if self._in_doubt or self.books.away is not None else None

    async def _truth(self) -> Truth:
        now = self._clock.now()
        recent = await self.books.ask(self._ledger.recent(now - REOPENS_WITHIN))
        current = await self.books.ask(self._ledger.open_incidents())
        return Truth((*recent, *current), tuple(await self.books.ask(self._ledger.silences(now))))

    def _believe_anew(self, truth: Truth) -> None:
        self._quiet.restore(truth.silences)
        self.book = Casebook(self.book.doubts)
        self._board.incidents.clear()
        for incident in truth.incidents:
            self.believe(incident)
        self._in_doubt = False

    async def recollect(self) -> None:
        """Ask the ledger what is true."""
        self._believe_anew(await self._truth())

    @property
    def certain(self) -> bool:
        """Whether the ledger is known to hold what is believed."""
        owes = self._attempt is not None or self.books.backlog.owed()
        return not (self._in_doubt or owes or self.books.away is not None)

    def unsettle(self) -> None:
        """Take no answer for true that was asked for before: other hotels are looked after now."""
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None


def _seen(attempt: asyncio.Task[Truth | None]) -> None:
    """Look at the outcome, lest one that nobody comes back to be called forgotten."""
    if not attempt.cancelled():
        attempt.exception()
