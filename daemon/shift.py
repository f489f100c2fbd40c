"""The hotels on duty here: taken up from the state as they come, let go as they go to another replica."""

import asyncio
import secrets
import socket
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime

from alerts.change import Change
from alerts.incident import Incident
from alerts.incidents import REOPENS_WITHIN
from alerts.notification import Notification
from alerts.silence import Silence
from checks.check import Check
from checks.memory import Memories
from daemon import __version__
from daemon.board import Board
from daemon.clock import Clock
from daemon.elsewhere import Elsewhere
from daemon.engine import Engine
from daemon.history import History
from daemon.keeper import Keeper
from daemon.ledger import Epoch
from daemon.metrics import Metrics
from daemon.own_facts import OwnFacts
from daemon.scheduler import Scheduler
from daemon.settings import Settings, checks_of
from daemon.store import StateError, Store
from daemon.store.errors import OutdatedError
from daemon.store.leases import HOUSE
from daemon.tenancy import Tenancy


class OwnLedger:
    """The store as the engine sees it: with the incidents of the hotels that are looked after here."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.hotels: Collection[str] = frozenset()

    async def commit(self, change: Change) -> None:
        """Write a change as a whole, or raise and write nothing."""
        await self._store.commit(change)

    async def notifications_of_many(self, epochs: Iterable[Epoch]) -> dict[Epoch, list[Notification]]:
        """Return the notifications of epochs of incidents, without their messages."""
        return await self._store.notifications_of_many(epochs)

    async def open_incidents(self) -> list[Incident]:
        """Return the incidents that are not resolved."""
        return await self._store.open_incidents(self.hotels)

    async def recent(self, since: datetime) -> list[Incident]:
        """Return the incidents resolved since then."""
        return await self._store.recent(since, self.hotels)

    async def silences(self, now: datetime) -> list[Silence]:
        """Return the silences that people asked for and that are not over."""
        return await self._store.silences(now)


class Shift:
    """Keeps the board, the schedule, the engine and the memories at the hotels that are held.

    `metrics` show how many checks that makes. `held` are the hotels that are looked after here: from when
    they are taken up until they are let go, which is less than their leases are held.
    """

    def __init__(
        self,
        store: Store,
        ledger: OwnLedger,
        board: Board,
        scheduler: Scheduler,
        engine: Engine,
        *,
        elsewhere: Elsewhere,
        keeper: Keeper,
        history: History,
        memories: Memories,
        own: OwnFacts,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._board = board
        self._scheduler = scheduler
        self._engine = engine
        self._elsewhere = elsewhere
        self._keeper = keeper
        self._history = history
        self._memories = memories
        self._own = own
        self._clock = clock
        self._metrics = metrics
        self._turn = asyncio.Lock()
        self._checks: tuple[Check, ...] = ()
        self._names: dict[str, str] = {}
        self._orphans: frozenset[str] = frozenset()
        self._begun = False
        self.held: frozenset[str] = frozenset()
        self.tenancy = Tenancy(store, _replica(), __version__, self._move, engine.busy)

    def holds(self, hotel: str) -> bool:
        """Say whether a hotel is looked after here."""
        return hotel in self.held

    async def begin(self) -> None:
        """Take up the first hotels, and those that were taken out of the configuration meanwhile."""
        stored = {one.hotel for one in await self._store.open_incidents()}
        self._orphans = frozenset(stored - self._names.keys())
        await self.tick()

    async def tick(self) -> None:
        """Hold the hotels for some seconds more, take up those that came, and let go of those that went."""
        async with self._turn:
            if self._orphans:
                self._orphans -= self.held - self._engine.busy()
            self.tenancy.know(self._names.keys() | self._orphans)
            try:
                await self.tenancy.tick()
            except OutdatedError:
                # Those that were upgraded take the hotels: they must not be looked after twice.
                await self.tenancy.let_go()
                raise

    def configure(self, settings: Settings) -> None:
        """Look after the hotels of these settings, as far as they are held."""
        self._checks = checks_of(settings)
        self._names = {hotel.id: hotel.name for hotel in settings.hotels}
        before = set(self._board.tiles)
        self._watch()
        gone = {check for check in before - set(self._board.tiles) if check.hotel in self.held}
        self._engine.forget(gone)
        self._memories.forget(gone)

    def _watch(self) -> None:
        """Have exactly the checks of the hotels that are held on the board and on the schedule."""
        held = self.held
        self._ledger.hotels = held
        checks = [check for check in self._checks if check.id.hotel in held]
        self._board.watch(checks, {hotel: name for hotel, name in self._names.items() if hotel in held})
        self._scheduler.watch(checks)
        self._metrics.scheduled(len(checks))
        self._metrics.hotels(len(held & self._names.keys()), len(self._names))
        self._elsewhere.watch(
            [check for check in self._checks if check.id.hotel not in held],
            {hotel: name for hotel, name in self._names.items() if hotel not in held},
        )

    async def _move(self, came: frozenset[str], went: frozenset[str]) -> None:
        if went:
            await self._let_go(went)
        if came:
            await self._take_up(came)

    async def _let_go(self, hotels: frozenset[str]) -> None:
        self.held -= hotels
        self._watch()
        with suppress(StateError):
            await self._keeper.remember()
            await self._history.finish(hotels.__contains__)
        self._memories.drop(hotels)
        await self._engine.let_go(hotels)

    async def _take_up(self, hotels: frozenset[str]) -> None:
        """Go on where whoever held the hotels before left off."""
        standings = await self._store.standings(hotels)
        memories = await self._store.memories(hotels if self._begun else hotels | {HOUSE})
        recent = await self._store.recent(self._clock.now() - REOPENS_WITHIN, hotels)
        incidents = recent + await self._store.open_incidents(hotels)
        async with self._engine.turn:
            self.held |= hotels
            self._watch()
            self._memories.restore(memories)
            self._begun = True
            self._own.restore(standings)
            self._engine.restore(standings, incidents)


def _replica() -> str:
    """Return a name that no other process has ever had."""
    return f"{socket.gethostname()[:100]}-{secrets.token_hex(8)}"
