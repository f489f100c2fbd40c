"""What has changed on the board -> incidents and letters, tick by tick.

A tick decides purely, commits everything in one transaction, and only then believes it: a commit that fails
changes nothing, and the next tick decides again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.decision import Decision
from alerts.diagnosis.table import MISTAKES
from alerts.doubt import APART
from alerts.incident import Incident
from alerts.incidents import REOPENS_WITHIN
from alerts.standing import Standing
from checks.result import CheckId
from daemon.agenda import Agenda, Batch, hotel_of, key_of
from daemon.board import Board, Tile
from daemon.casebook import Casebook
from daemon.clock import Clock
from daemon.incident_log import report
from daemon.judging import Bench, Look, Verdict, merged
from daemon.ledger import Ledger
from daemon.looking_around import may_be_hastened, others, siblings, witnesses
from daemon.names import Names
from daemon.quiet import Quiet


@dataclass(frozen=True, slots=True)
class Signals:
    """Whom the engine calls: `hasten` has checks looked at now, `wake` asks for a tick soon, `posted` says
    that letters wait in the outbox.
    """

    hasten: Callable[[Iterable[CheckId]], None]
    wake: Callable[[], None]
    posted: Callable[[], None]


class Engine:
    """Decides about incidents: the only writer of the board's incidents."""

    def __init__(
        self,
        board: Board,
        ledger: Ledger,
        new_id: Callable[[], str],
        clock: Clock,
        signals: Signals,
    ) -> None:
        self._board = board
        self._ledger = ledger
        self._clock = clock
        self._signals = signals
        self._agenda = Agenda()
        self.quiet = Quiet()
        self._book = Casebook()
        self._bench = Bench(board, self.quiet, new_id)
        self._turn = asyncio.Lock()
        self._in_doubt = False
        self._asked_again: set[tuple[CheckId, datetime]] = set()

    def configure(
        self, correspondent: Correspondent | None, desks: Mapping[str, HotelDesk], names: Names
    ) -> None:
        """Write letters so from now on; a hotel that is gone keeps its desk for the letters it still owes."""
        self._bench.configure(correspondent, desks, names)
        self.review()

    def restore(self, standings: Iterable[Standing], incidents: Iterable[Incident]) -> None:
        """Take up what was stored: how checks stood, and incidents that are open or ended within a day."""
        for standing in standings:
            tile = self._board.tiles.get(standing.check)
            if tile is None:
                self._agenda.forget([standing.check])
            else:
                tile.standing, tile.last_ok = standing, standing.last_ok
                if standing.breached:
                    # It may have been waiting for its siblings when the process ended.
                    self._agenda.review(key_of(standing.check))
        for incident in incidents:
            self._believe(incident)
        self.review()

    def review(self) -> None:
        """Think about all open incidents again: what was decided about them may not hold any more."""
        for incident in self._book.all_open():
            self._review(incident)
        self._signals.wake()

    def reconsider(self, incident: str) -> None:
        """Think about an open incident again, or about all: somebody could not be told as was planned."""
        found = self._book.find(incident)
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
        owner = self._book.owner(check)
        if changed:
            self._agenda.note(check)
        elif owner is not None or (tile.standing is not None and tile.standing.breached):
            self._agenda.review(key_of(check))
        if owner is not None and tile.standing is not None and tile.standing.ok_runs == 1:
            # One of them is well again: the others may be, too.
            self._signals.hasten(others(self._board, owner, check))
        if self._agenda.looked(check) or changed or owner is not None:
            self._signals.wake()

    async def tick(self) -> None:
        """Decide about everything that has changed or is due, and commit it."""
        async with self._turn:
            await self._tick()

    async def _tick(self) -> None:
        if self._in_doubt:
            await self._recollect()
        now = self._clock.now()
        for key in list(self._agenda.dirty):
            self._hold_back(key)
        for incident in self._book.due(now):
            self._review(incident)
        self._look_again(now)
        batch = self._agenda.take(self._clock.monotonic())
        if not (batch.keys or batch.moved or batch.forgotten):
            return
        verdict = await self._committed(batch, now)
        for hotel in verdict.doubts:
            self._book.thought_of(hotel, now)
        self._book.doubts.update(verdict.doubts)
        self._complain(batch, verdict)

    def _complain(self, batch: Batch, verdict: Verdict) -> None:
        """Take up hotels again that could not be judged, and say so: the tick has failed for them."""
        if not verdict.mistakes:
            return
        self._agenda.put_back(Batch([key for key in batch.keys if hotel_of(key) in verdict.mistakes], [], []))
        for hotel in verdict.mistakes:
            for incident in self._book.current(hotel):
                self._review(incident)
        raise next(iter(verdict.mistakes.values()))

    async def _committed(self, batch: Batch, now: datetime) -> Verdict:
        self._in_doubt = True
        try:
            verdict = await self._decide(batch, now)
            if verdict.change:
                await self._ledger.commit(verdict.change)
            self._in_doubt = False
        finally:
            if self._in_doubt:
                self._agenda.put_back(batch)
        self._agenda.done(batch)
        self._conclude(verdict)
        return verdict

    async def _decide(self, batch: Batch, now: datetime) -> Verdict:
        monotonic = self._clock.monotonic()
        mistakes: dict[str, Exception] = {}
        seen: list[Look] = []
        for hotel in batch.hotels:
            with _kept_apart(hotel, mistakes):
                seen.append(self._bench.look(hotel, self._book, self._agenda.held(hotel, monotonic), now))
        epochs = [(one.id, one.epoch) for look in seen for one in look.to_plan]
        told = await self._ledger.notifications_of_many(epochs) if epochs else {}
        found: list[Look] = []
        planned: list[Change] = []
        for look in seen:
            with _kept_apart(look.hotel, mistakes):
                planned.append(self._bench.plan(look, told, now))
                found.append(look)
        standings = [tile.standing for check in batch.moved if (tile := self._board.tiles.get(check))]
        rest = Change(
            standings=tuple(one for one in standings if one is not None),
            forgotten=tuple(batch.forgotten),
        )
        return Verdict(
            merged((*planned, rest)),
            tuple(decision for look in found for decision in look.decisions),
            {look.hotel: look.doubts for look in found},
            mistakes,
        )

    async def act(self, incident: str, make: Callable[[Incident, datetime], Decision]) -> Incident | None:
        """Do what a person asks of an open incident; None when there is none of that id.

        Whatever `make` raises is the caller's.
        """
        async with self._turn:
            if self._in_doubt:
                await self._recollect()
            found = self._book.find(incident)
            if found is None:
                return None
            now = self._clock.now()
            decision = make(found, now)
            look = self._bench.single(decision, self._book, now)
            epochs = [(one.id, one.epoch) for one in look.to_plan]
            told = await self._ledger.notifications_of_many(epochs) if epochs else {}
            change = self._bench.plan(look, told, now)
            self._in_doubt = True
            await self._ledger.commit(change)
            self._in_doubt = False
            self._conclude(Verdict(change, look.decisions, {}))
            self._signals.wake()
            return next((one for one in change.incidents if one.id == incident), decision.incident)

    async def silence(self, change: Change) -> None:
        """Write down what people ask of silences, and think about everything again."""
        async with self._turn:
            self._in_doubt = True
            await self._ledger.commit(change)
            await self._recollect()

    def _conclude(self, verdict: Verdict) -> None:
        """Believe what was committed, and say so."""
        for incident in verdict.change.incidents:
            self._believe(incident)
        for decision in verdict.decisions:
            report(decision)
        if verdict.change.notifications:
            self._signals.posted()

    def _believe(self, incident: Incident) -> None:
        self._book.believe(incident, self._clock.now())
        if self._book.find(incident.id) is None:
            self._board.incidents.pop(incident.id, None)
        else:
            self._board.incidents[incident.id] = incident

    def _look_again(self, now: datetime) -> None:
        """Have another look at what may not have the announced cause, as soon as that can settle it."""
        wanted: set[tuple[CheckId, datetime]] = set()
        for check, doubt in [one for doubts in self._book.doubts.values() for one in doubts.items()]:
            if doubt.wants_witnesses(now):
                wanted |= {(one, doubt.since) for one in witnesses(self._board, check)}
            tile = self._board.tiles.get(check)
            if doubt.wants_a_look(now) and tile is not None and may_be_hastened(tile):
                wanted.add((check, doubt.since + APART))
        # One that is asked for may take its time.
        self._signals.hasten([check for check, _ in wanted - self._asked_again])
        self._asked_again = wanted

    async def _recollect(self) -> None:
        """Ask the ledger what is true, after a tick that may or may not have been committed."""
        incidents = await self._ledger.recent(self._clock.now() - REOPENS_WITHIN)
        incidents += await self._ledger.open_incidents()
        self.quiet.restore(await self._ledger.silences(self._clock.now()))
        self._book = Casebook()
        self._board.incidents.clear()
        for incident in incidents:
            self._believe(incident)
        self._in_doubt = False
        self.review()

    def _hold_back(self, key: str) -> None:
        """Have the siblings of a new breach looked at before it is decided about."""
        if self._agenda.settling(key):
            return
        tiles = self._board.tiles_of(key)
        new = [tile for tile in tiles if self._is_new(tile)]
        if not new:
            return
        wanted = siblings(self._board, key, new)
        self._agenda.settle(key, self._clock.monotonic(), wanted)
        self._signals.hasten(wanted)

    def _is_new(self, tile: Tile) -> bool:
        check, standing = tile.check.id, tile.standing
        if standing is None or standing.breached_at is None or self._book.owner(check) is not None:
            return False
        return self._agenda.is_news(check, standing.breached_at)


@contextmanager
def _kept_apart(hotel: str, mistakes: dict[str, Exception]) -> Iterator[None]:
    """Keep what goes wrong in one hotel from the others."""
    try:
        yield
    except MISTAKES as error:
        mistakes[hotel] = error
