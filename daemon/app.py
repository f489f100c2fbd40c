"""The composition root: builds everything from Settings, and runs it."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from alerts.ack_link import AckLinks
from alerts.message import Renderer
from alerts.notification import Notification
from alerts.notifiers.email import Tempo
from checks.lookup import Lookups
from checks.result import CheckId
from daemon import __version__, logs
from daemon.beacon import Beacon
from daemon.board import Board, Tile
from daemon.bounces import Bounces
from daemon.clock import Clock
from daemon.counter import Counter
from daemon.desks import bounce_addresses, channels, correspondent, desks, silences
from daemon.directory import Directory
from daemon.elsewhere import Elsewhere
from daemon.engine import Engine, Signals
from daemon.history import WRITE_EVERY, History
from daemon.ids import new_id
from daemon.keeper import Keeper
from daemon.logs import Redactor
from daemon.lookout import Lookout
from daemon.mailroom import Mailroom
from daemon.metrics import Metrics
from daemon.names import names_of
from daemon.nights import Nights
from daemon.parting import GRACE, put_down
from daemon.readiness import Readiness
from daemon.reload import Reload
from daemon.scheduler import Scheduler
from daemon.self_watch import SelfWatch
from daemon.settings import Settings, checks_of
from daemon.shift import OwnLedger, Shift
from daemon.store import StateError, Store
from daemon.tenancy import RENEW_EVERY
from daemon.ticks import Loop
from daemon.watchdog import ServiceManager
from daemon.web.app import Deps, ReloadOutcome, build
from daemon.web.front import Front

log = structlog.get_logger()


class App:
    """The porter on duty, over an open store. `load` reads the configuration anew, for a reload."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        redactor: Redactor,
        load: Callable[[], Settings],
        *,
        manager: ServiceManager | None = None,
    ) -> None:
        self.settings = settings
        self._store, self._clock = store, clock
        self._redactor = redactor
        self.board = Board()
        self.metrics = Metrics(CollectorRegistry(), __version__, clock.now)
        self._renderer, self._lookups = Renderer(), Lookups()
        history = self.history = History(store, clock, lambda: self._shift.held)
        self._nights = Nights(store, clock, new_id, history, self.board, posted=self._posted)
        seen = self._nights.beside(history.note)
        self._lookout = Lookout(
            self.board, clock, self.metrics, self._lookups, redactor, moved=self._moved, seen=seen
        )
        self.memories = self._lookout.memories
        self.scheduler = Scheduler(self._lookout.look, clock, self._lookout.strain.started)
        chance = random.SystemRandom().random
        self._tempo = Tempo(clock.monotonic, chance)
        self._key = b""
        signals = Signals(self.scheduler.hasten, self._think, self._posted)
        self._ledger = OwnLedger(store)
        self.engine = Engine(self.board, self._ledger, new_id, clock, signals)
        owed = self.engine.beliefs.books.backlog
        self._mailroom = Mailroom(store, owed, clock, chance, self.metrics, on_dead=self._died)
        self._beacon = Beacon(self.board, clock)
        self._kept = Keeper(
            self.board, store, clock, self.memories, self.metrics, troubles=self._mailroom.outbox.troubles
        )
        self._reload = Reload(settings, load, self._prepare, self._change, self.metrics, now=clock.now)
        self._lay_on(manager or ServiceManager())

    def _lay_on(self, manager: ServiceManager) -> None:
        """Set up what goes on all the time, and who looks after it."""
        store, clock = self._store, self._clock
        self._bounces = Bounces(store, self._died)
        self._thinker = Loop("engine", self.engine.tick, clock)
        self._sender = Loop("sender", self._mailroom.send, clock)
        self._crier = Loop("crier", self._mailroom.cry, clock)
        self._keeper = Loop("keeper", self._keep, clock)
        tenant = Loop("tenancy", self._hold, clock, RENEW_EVERY)
        historian = Loop("history", self.history.tick, clock, WRITE_EVERY)
        kept = (self._thinker, self._sender, self._crier, self._keeper, tenant, historian)
        self._loops = (*kept, *self._nights.loops())
        self.ready = Readiness(self._loops, self.scheduler, store, clock, self._redactor)
        self._self_watch = self._over_itself(manager)
        self._elsewhere = Elsewhere(self.board, store, clock)
        self._directory = Directory()
        self._shift = self._over_hotels()
        self._counter = Counter(
            self.engine, store, clock, new_id, holds=self._shift.holds, remember=self._remember_of
        )

    def _over_itself(self, manager: ServiceManager) -> SelfWatch:
        return SelfWatch(
            self._store,
            self.board,
            self._clock,
            self.ready,
            self._lookout.strain,
            observe=self._lookout.observer.observe,
            forget=self.engine.forget,
            lookups=self._lookups,
            manager=manager,
            metrics=self.metrics,
        )

    def _over_hotels(self) -> Shift:
        return Shift(
            self._store,
            self._ledger,
            self.board,
            self.scheduler,
            self.engine,
            elsewhere=self._elsewhere,
            keeper=self._kept,
            history=self.history,
            memories=self.memories,
            own=self._self_watch.own,
            clock=self._clock,
            metrics=self.metrics,
        )

    async def run(self, stop: asyncio.Event, started: Callable[[], None] = lambda: None) -> None:
        """Be on duty until `stop` is set; raise ListenError when the address to listen on cannot be had."""
        self._prepare(self.settings)
        self._key = await self._store.secret()
        self._apply(self.settings)
        self.engine.quiet.restore(await self._store.silences(self._clock.now()))
        await self._shift.begin()
        await self._store.resume()
        front = await self._serve()
        duties = (*(loop.run for loop in self._loops), self._beacon.run, *self._self_watch.duties)
        self._lookout.lag.start()
        self.scheduler.start()
        tasks = [asyncio.create_task(duty()) for duty in duties]
        log.info("porter.started", version=__version__, checks=len(self.scheduler))
        started()
        try:
            await self._until(stop, tasks)
        finally:
            await self._end(front, tasks)

    async def _until(self, stop: asyncio.Event, loops: list[asyncio.Task[None]]) -> None:
        """Wait for the signal to leave; a loop that ends by itself ends the porter too, and is raised."""
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait({stopping, *loops}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for ended in done & set(loops):
            log.error("porter.broken")
            ended.result()

    async def reload(self) -> ReloadOutcome:
        """Read the configuration again and apply it; a bad one changes nothing."""
        self._self_watch.watchdog.reloading(self._clock.monotonic())
        try:
            return await self._reload()
        finally:
            self._self_watch.watchdog.reloaded()

    async def _change(self, settings: Settings) -> None:
        """Work by other settings from now on."""
        before = self.settings
        self._apply(settings)
        with suppress(StateError):
            await self._shift.tick()
        if (settings.mail, settings.channels) != (before.mail, before.channels):
            with suppress(StateError):
                await self._mailroom.hasten()
            self._posted()

    def _prepare(self, settings: Settings) -> None:
        """Build what takes long to build; raise ValueError when a file has gone bad meanwhile."""
        self._lookout.prepare(checks_of(settings))

    def _apply(self, settings: Settings) -> None:
        """Work by these settings from now on."""
        self.settings = settings
        logs.configure(settings.log.level, settings.log.format, self._redactor)
        self._redactor.learn(settings.secrets)
        self._lookout.tools.resolver.configure(settings.dns.servers, settings.dns.port)
        self._bounces.addresses = bounce_addresses(settings, self._key)
        ways = channels(settings, self._lookups, self._tempo, self._bounces.addresses)
        self.metrics.channels(ways)
        self._beacon.configure(ways, settings)
        zones = {hotel.id: hotel.timezone for hotel in settings.hotels}
        self.engine.quiet.configure(silences(settings), zones)
        letters = correspondent(settings, self._renderer, self._key)
        everyone = desks(settings)
        self._directory.configure(settings.hotels, everyone)
        self.engine.configure(letters, everyone, names_of(settings))
        per_hour = settings.mail.max_per_hour if settings.mail else None
        self._mailroom.configure(ways, letters, everyone, per_hour)
        self._nights.configure(settings, letters, everyone, self._lookout.tools.databases)
        self._shift.configure(settings)
        self._self_watch.configure(settings)
        self.metrics.reloaded(ok=True, at=self._clock.now())

    def _moved(self, tile: Tile, changed: bool) -> None:
        self.engine.moved(tile, changed)

    def _think(self) -> None:
        self._thinker.wake()

    def _died(self, letter: Notification) -> None:
        self.engine.reconsider(letter.incident)
        self._self_watch.look_for_letters()

    def _posted(self) -> None:
        self._crier.wake()
        self._sender.wake()

    async def _keep(self) -> None:
        self.scheduler.nudge()
        await self._kept.tick()
        if self._store.shared:
            self.engine.heed(await self._store.silences(self._clock.now()))
            await self._counter.serve(self._shift.held)
        self.engine.quiet.mark(self.board, self._clock.now())

    async def _hold(self) -> None:
        await self._shift.tick()

    async def _remember_of(self, check: CheckId, what: Mapping[str, Any]) -> None:
        try:
            await self._kept.remember_of(check, what)
        finally:
            self.scheduler.hasten([check])

    def _token(self) -> str | None:
        token = self.settings.web.token
        return token.get_secret_value() if token else None

    async def _serve(self) -> Front:
        deps = Deps(
            board=self.board,
            whole=self._elsewhere.whole,
            hotels=self._elsewhere.hotels,
            directory=self._directory,
            metrics=self.metrics,
            store=self._store,
            history=self.history,
            owed=self.engine.beliefs.books.backlog.accounts,
            brief=self.engine.brief,
            desk=self._counter,
            links=AckLinks(self._key),
            clock=self._clock,
            token=self._token,
            public_url=lambda: self.settings.web.public_url,
            ready=self.ready,
            reload=self.reload,
            bounced=self._bounces.take,
            maintenance=self._nights.maintenance,
            drills=self._nights.drills,
            reports=self._nights.reports,
            new_id=new_id,
            version=__version__,
        )
        front = Front(build(deps))
        await front.open(*self.settings.listen)
        return front

    async def _end(self, front: Front, loops: list[asyncio.Task[None]]) -> None:
        """Stop scheduling, let runs finish, decide once more, try the outbox once, and close."""
        log.info("porter.stopping")
        self._self_watch.watchdog.stopping()
        await self.scheduler.stop(GRACE)
        for task in loops:
            task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        self._thinker.deadline = GRACE - 1.0
        await self._thinker.once()
        mailroom, clock, last = self._mailroom, self._clock, (self.history.finish, self._nights.finish)
        await put_down(self.engine, self._thinker, self._kept, last, mailroom=mailroom, clock=clock)
        leave = Loop("leave", self._shift.tenancy.leave, self._clock, deadline=1.0)
        await asyncio.gather(leave.once(), self._lookout.close(), front.close())
        log.info("porter.stopped")
