"""The porter watches itself: whether it is overloaded, whom it does not reach, who hears that it lives."""

from collections.abc import Callable, Iterable

from checks.check import Check
from checks.integrations.network import MAIL, PORTER
from checks.lookup import Lookups
from checks.result import CheckId, Result
from daemon import overload, undelivered
from daemon.board import Board
from daemon.clock import Clock
from daemon.dead_man import DeadMan
from daemon.metrics import Metrics
from daemon.own_facts import OwnFacts
from daemon.readiness import Readiness
from daemon.self_audit import SelfAudit
from daemon.settings import Settings
from daemon.store import Store
from daemon.ticks import Loop
from daemon.watchdog import ServiceManager, Watchdog

EVERY = 5.0
"""Seconds between two looks at how the porter bears its work."""

LETTERS_EVERY = 30.0
"""Seconds between two looks for dead letters, unless there is word of one."""

AUDIT_EVERY = 60.0
"""Seconds between two audits where nobody waits for a ping; and at the most until the next one after one that
was not given or not heard: a moment of trouble must not be silence for hours.
"""


class SelfWatch:
    """Feeds what the porter finds out about itself into the board, and tells those who watch over it.

    `observe` takes a result in; `forget` is told of checks that are on the board no more; `metrics` show it.
    """

    def __init__(
        self,
        store: Store,
        board: Board,
        clock: Clock,
        ready: Readiness,
        strain: overload.Strain,
        *,
        observe: Callable[[Check, Result], object],
        forget: Callable[[Iterable[CheckId]], None],
        lookups: Lookups,
        manager: ServiceManager,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._board = board
        self._clock = clock
        self._strain = strain
        self._metrics = metrics
        self._ready = ready
        self.own = OwnFacts(board, observe, forget)
        self._audit = SelfAudit(ready, store, board, clock)
        self._dead_man = DeadMan(self._audit, lookups)
        self.watchdog = Watchdog(manager, ready, self._status)
        self._known: undelivered.People = {}
        self._read_at = float("-inf")
        self._watcher = Loop("self-watch", self.tick, clock, EVERY)
        self._ping_every = AUDIT_EVERY
        self._switch = Loop("dead man's switch", self.ping, clock, AUDIT_EVERY)
        self.duties = (
            self._watcher.run,
            self._switch.run,
            *((self.watchdog.run,) if manager.address else ()),
        )

    def configure(self, settings: Settings) -> None:
        """Watch by these settings from now on."""
        self._known = undelivered.people(settings)
        self.look_for_letters()
        found = settings.dead_man
        before = self._dead_man.url, self._ping_every
        now = (found.url, found.interval) if found else (None, AUDIT_EVERY)
        if now != before:
            self._dead_man.url, self._ping_every = now
            self._switch.wake()

    async def ping(self) -> None:
        """Audit the porter and ping; soon again when that did not come about."""
        self._switch.period = min(self._ping_every, AUDIT_EVERY)
        passed = False
        try:
            if await self._dead_man.tick():
                self._switch.period = self._ping_every
            passed = not self._audit.reasons
        finally:
            # An audit that does not come to an end has passed nothing.
            self._metrics.audited(ok=passed)

    def look_for_letters(self) -> None:
        """Look for dead letters now: there is one, or it matters to others."""
        self._read_at = float("-inf")
        self._watcher.wake()

    async def tick(self) -> None:
        """Look at the porter's own work, and at whom it does not reach."""
        self._weigh()
        self._metrics.ready(ok=await self._ready() is None)
        now = self._clock.monotonic()
        if now - self._read_at < LETTERS_EVERY:
            return
        self._read_at = now
        try:
            await self._read_letters()
        except BaseException:
            self._read_at = float("-inf")
            raise

    def _weigh(self) -> None:
        """Show that the porter is overloaded, once: under its first hotel."""
        blind = [check for check, tile in self._board.tiles.items() if tile.void >= overload.BLIND]
        held = self.own.breached(PORTER)
        found = overload.overload(self._strain.stretches(), blind, held=held)
        first = next(iter(self._board.hotels), None)
        for hotel in self.own.hotels(PORTER) | ({first} if first is not None else set()):
            self.own.say(
                PORTER, hotel, overload.verdict(found if hotel == first else ""), {"overload": found}
            )

    async def _read_letters(self) -> None:
        letters = await self._store.dead_letters(self._clock.now() - undelivered.REMEMBERED)
        found = undelivered.unreached(letters, self._known)
        here = {hotel: dead for hotel, dead in found.items() if hotel in self._board.hotels}
        for hotel, dead in here.items():
            result, values = undelivered.verdict(dead)
            self.own.say(MAIL, hotel, result, values)
        self._metrics.unreached({hotel: undelivered.count(dead) for hotel, dead in here.items()})

    def _status(self) -> str:
        """Say in one line what the porter does, or what it neglects."""
        if self._audit.reasons:
            return f"self-audit failed: {'; '.join(self._audit.reasons)}"
        checks, open_ = len(self._board.tiles) - len(self._board.own), len(self._board.incidents)
        return f"{checks} checks, {open_} open incidents, {self._board.post.waiting} notifications wait"
