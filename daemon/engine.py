"""What has changed on the board -> incidents and letters, tick by tick.

A tick decides purely, commits, and only then believes it. While the ledger cannot be used, what is decided is
believed all the same, and owed to it: emergencies do not wait for a disk.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.decision import Decision
from alerts.incident import Incident
from alerts.message_mail import Mail
from alerts.notification import Notification
from alerts.silence import Silence
from alerts.standing import Standing
from checks.result import CheckId
from daemon.agenda import Agenda, Batch, key_of
from daemon.beliefs import Beliefs
from daemon.board import Board, Tile
from daemon.clock import Clock
from daemon.judging import Bench
from daemon.ledger import Ledger
from daemon.names import Names
from daemon.quiet import Quiet
from daemon.second_looks import SecondLooks
from daemon.sitting import Mistakes, Sitting
from daemon.store.errors import OutdatedError, StateError

A_FEW = 20
"""Integrations after which whatever else there is to do has its turn."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Whom the engine calls: `hasten` has checks looked at now, `wake` asks for a tick soon, `posted` says
    that letters wait in the outbox.
    """

    hasten: Callable[[Iterable[CheckId]], None]
    wake: Callable[[], None]
    posted: Callable[[], None]


class Engine:
    """Decides about incidents: the only writer of the board's incidents.

    It holds `turn` while it decides, and so must whoever changes between two decisions what it knows.
    """

    def __init__(
        self,
        board: Board,
        ledger: Ledger,
        new_id: Callable[[], str],
        clock: Clock,
        signals: Signals,
    ) -> None:
        self._board = board
        self._clock = clock
        self._signals = signals
        self._agenda = Agenda()
        self.quiet = Quiet()
        self.beliefs = Beliefs(board, ledger, clock, self.quiet)
        self._bench = Bench(board, self.quiet, new_id)
        self._looks = SecondLooks(board, self._agenda, signals.hasten)
        self._sitting = Sitting(self._bench, self.beliefs, self._agenda, clock)
        self.turn = asyncio.Lock()

    def configure(
        self, correspondent: Correspondent | None, desks: Mapping[str, HotelDesk], names: Names
    ) -> None:
        """Write letters so from now on; a hotel that is gone keeps its desk for the letters it still owes."""
        self._bench.configure(correspondent, desks, names)
        self.review()

    def restore(self, standings: Iterable[Standing], incidents: Iterable[Incident]) -> None:
        """Take up what was stored: how checks stood, and incidents that are open or ended within a day.

        Once it ticks, `turn` is needed for it.
        """
        for standing in standings:
            tile = self._board.tiles.get(standing.check)
            if tile is None:
                self._agenda.forget([standing.check])
            else:
                tile.standing, tile.last_ok = standing, standing.last_ok
                if standing.breached:
                    # It may have been waiting for its siblings when the process ended.
                    self._agenda.review(key_of(standing.check))
        self.beliefs.unsettle()
        for incident in incidents:
            self.beliefs.believe(incident)
        self.review()

    async def let_go(self, hotels: Collection[str]) -> None:
        """Think no more about these hotels: another replica does."""
        async with self.turn:
            self._agenda.drop(hotels)
            self.beliefs.let_go(hotels)

    def busy(self) -> set[str]:
        """Return the hotels of which something is open, to be thought about, or to be written."""
        owed = self.beliefs.books.backlog.owed()
        return {*owed, *self._agenda.hotels(), *self.beliefs.book.hotels()}

    def heed(self, silences: Iterable[Silence]) -> None:
        """Take up the silences that are stored: other replicas add and end some, too."""
        if self.quiet.restore(silences):
            self.review()

    def review(self) -> None:
        """Think about all open incidents again: what was decided about them may not hold any more."""
        for incident in self.beliefs.book.all_open():
            self._review(incident)
        self._signals.wake()

    def reconsider(self, incident: str) -> None:
        """Think about an open incident again, or about all: somebody could not be told as was planned."""
        found = self.beliefs.book.find(incident)
        if found is not None:
            self._review(found)
            self._signals.wake()
        elif not incident:
            self.review()

    def _review(self, incident: Incident) -> None:
        self._bench.replan.add(incident.id)
        name = incident.integrations[0] if incident.integrations else ""
        self._agenda.review(f"{incident.hotel}/{name}")

    def forget(self, checks: Iterable[CheckId]) -> None:
        """Drop checks that are no longer watched, and what they had broken."""
        self._agenda.forget(checks)
        self._signals.wake()

    def moved(self, tile: Tile, changed: bool) -> None:
        """Note that a check was looked at, and whether it stands differently now."""
        check = tile.check.id
        owner = self.beliefs.book.owner(check)
        if changed:
            self._agenda.note(check)
        elif owner is not None or (tile.standing is not None and tile.standing.breached):
            self._agenda.review(key_of(check))
        if owner is not None and tile.standing is not None and tile.standing.ok_runs == 1:
            self._looks.well_again(owner, check, self._clock.monotonic())
        if self._agenda.looked(check) or changed:
            self._signals.wake()

    async def tick(self) -> None:
        """Decide about everything that has changed or is due, and commit it.

        Raise StateError, though everything was decided, while the ledger cannot be used.
        """
        async with self.turn:
            await self._tick()
        away = self.beliefs.books.away
        if away is not None:
            raise StateError(str(away))

    async def _tick(self) -> None:
        try:
            await self.catch_up()
        except OutdatedError:
            raise
        except StateError:
            if self.beliefs.books.away is None:
                raise
        now, monotonic = self._clock.now(), self._clock.monotonic()
        await self._look_around(now, monotonic)
        batch = self._agenda.take(monotonic)
        mistakes: Mistakes = {}
        left = dict(batch.keys)
        try:
            if await self._sitting.hold(left, mistakes):
                self._signals.posted()
        finally:
            self._finish(batch, left)
        if batch.more or left.keys() - mistakes.keys():
            self._signals.wake()
        if mistakes:
            raise next(iter(mistakes.values()))

    async def catch_up(self) -> None:
        """Write down how checks stand and what is owed, and ask the ledger what is true if in doubt.

        How checks stand comes first: should the process end before the rest, it is decided by that.
        """
        if self.beliefs.certain:
            await self._write_standings()
        elif await self.beliefs.reconcile(self._write_standings):
            for check, tile in self._board.tiles.items():
                if tile.standing is not None and tile.standing.breached:
                    self._agenda.review(key_of(check))
            self.review()

    async def _write_standings(self) -> None:
        while self._agenda.moved or self._agenda.forgotten:
            moves = self._agenda.take_moves()
            standings = [tile.standing for check in moves.moved if (tile := self._board.tiles.get(check))]
            found = tuple(one for one in standings if one is not None)
            change = Change(standings=found, forgotten=tuple(moves.forgotten))
            try:
                await self.beliefs.books.commit({"": change})
            except BaseException:
                self._agenda.put_back_moves(moves)
                raise

    async def _look_around(self, now: datetime, monotonic: float) -> None:
        for number, key in enumerate(list(self._agenda.dirty), 1):
            self._looks.hold_back(key, self.beliefs.book, monotonic)
            if number % A_FEW == 0:
                await asyncio.sleep(0)
        for incident in self.beliefs.book.due(now):
            self._review(incident)
        self._looks.settle(self.beliefs.book.doubts.values(), now, monotonic)

    def _finish(self, batch: Batch, left: Mapping[str, Sequence[str]]) -> None:
        """Note what was decided, and take up again what was not."""
        for hotel, keys in batch.keys.items():
            self._agenda.rest(hotel, self._board.size(hotel), self._clock.monotonic())
            if hotel not in left:
                self._agenda.done(keys)
                continue
            self._agenda.put_back(keys)
            for incident in self.beliefs.book.current(hotel):
                self._review(incident)

    async def act(self, incident: str, make: Callable[[Incident, datetime], Decision]) -> Incident | None:
        """Do what a person asks of an open incident; None when there is none of that id.

        Whatever `make` raises is the caller's. Raise StateError when it cannot be written down.
        """
        async with self.turn:
            await self.catch_up()
            found = self.beliefs.book.find(incident)
            if found is None:
                return None
            now = self._clock.now()
            decision = make(found, now)
            look = self._bench.single(decision, self.beliefs.book, now)
            told = await self.beliefs.books.told(look.asks())
            if self.beliefs.books.away is not None:
                raise StateError(str(self.beliefs.books.away))
            change = await self._sitting.planned(look, told, now)
            await self.beliefs.asked(look.decisions, {found.hotel: change})
            if change.notifications:
                self._signals.posted()
            self._signals.wake()
            return next((one for one in change.incidents if one.id == incident), decision.incident)

    def brief(self, incident: Incident, rows: Sequence[Notification], statuses: Mapping[str, str]) -> Mail:
        """Return what a letter about an incident would say now; `statuses` are those of its hotel."""
        return self._bench.brief(incident, rows, statuses, self._clock.now())

    async def silence(self, change: Change) -> None:
        """Write down what people ask of silences, and think about everything again."""
        async with self.turn:
            await self.catch_up()
            await self.beliefs.asked((), {"": change})
            await self.beliefs.recollect()
        self.review()
