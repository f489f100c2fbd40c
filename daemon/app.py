"""The composition root: builds everything from Settings, and runs it."""

import asyncio
import random
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from alerts.ack_link import AckLinks
from alerts.incident import Incident
from alerts.incidents import REOPENS_WITHIN
from alerts.message import Renderer
from alerts.notification import Notification
from alerts.notifiers.email import Tempo
from alerts.outbox import Outbox
from checks.lookup import Lookups
from checks.result import CheckId
from daemon import __version__, logs
from daemon.board import Board, Tile
from daemon.bundler import Bundler
from daemon.clock import Clock
from daemon.counter import Counter
from daemon.desks import channels, correspondent, desks, silences
from daemon.engine import Engine, Signals
from daemon.keeper import Keeper
from daemon.logs import Redactor
from daemon.lookout import Lookout
from daemon.metrics import Metrics
from daemon.names import names_of
from daemon.readiness import Readiness
from daemon.scheduler import Scheduler
from daemon.self_watch import SelfWatch
from daemon.settings import ConfigError, Settings, checks_of
from daemon.store import StateError, Store
from daemon.ticks import Loop
from daemon.watchdog import ServiceManager
from daemon.web.app import Deps, ReloadOutcome, build
from daemon.web.front import Front

log = structlog.get_logger()

GRACE = 3.0
"""Seconds that runs in flight, and then the mails being sent, are given at the end."""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """Return a fresh incident id: ten characters that can be read out on the telephone."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


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
        self._running_with = (settings.state, settings.listen)
        self._store = store
        self._clock = clock
        self._redactor = redactor
        self._load = load
        self.board = Board()
        self.metrics = Metrics(CollectorRegistry(), __version__)
        self._renderer = Renderer()
        self._lookups = Lookups()
        self._lookout = Lookout(self.board, clock, self.metrics, self._lookups, redactor, moved=self._moved)
        self.memories = self._lookout.memories
        self.scheduler = Scheduler(self._lookout.look, clock, self._lookout.strain.started)
        chance = random.SystemRandom().random
        self._tempo = Tempo(clock.monotonic, chance)
        self._outbox = Outbox(store, {}, clock.now, chance, self.metrics, on_dead=self._died)
        self._bundler = Bundler(store)
        self._sender = Loop("sender", self._send, clock)
        self._key = b""
        signals = Signals(self.scheduler.hasten, self._think, self._sender.wake)
        self.engine = Engine(self.board, store, new_id, clock, signals)
        self._thinker = Loop("engine", self.engine.tick, clock)
        self._kept = Keeper(
            self.board, store, clock, self.memories, self.metrics, troubles=self._outbox.troubles
        )
        self._keeper = Loop("keeper", self._keep, clock)
        self._reloading = asyncio.Lock()
        loops = (self._thinker, self._sender, self._keeper)
        self.ready = Readiness(loops, self.scheduler, store, clock, redactor)
        self._self_watch = self._over_itself(manager or ServiceManager())

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
        )

    async def run(self, stop: asyncio.Event, started: Callable[[], None] = lambda: None) -> None:
        """Be on duty until `stop` is set; raise ListenError when the address to listen on cannot be had."""
        self._prepare(self.settings)
        self._key = await self._store.secret()
        self._apply(self.settings)
        self.engine.quiet.restore(await self._store.silences(self._clock.now()))
        standings = await self._store.standings()
        self._self_watch.own.restore(standings)
        self.engine.restore(standings, await self._remembered())
        self.memories.restore(await self._store.memories())
        await self._store.resume()
        front = await self._serve()
        duties = (self._thinker.run, self._sender.run, self._keeper.run, *self._self_watch.duties)
        self._lookout.lag.start()
        self.scheduler.start()
        loops = [asyncio.create_task(duty()) for duty in duties]
        log.info("porter.started", version=__version__, checks=len(self.scheduler))
        started()
        try:
            await self._until(stop, loops)
        finally:
            await self._end(front, loops)

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
        async with self._reloading:
            self._self_watch.watchdog.reloading(self._clock.monotonic())
            try:
                return await self._reload()
            finally:
                self._self_watch.watchdog.reloaded()

    async def _reload(self) -> ReloadOutcome:
        try:
            settings = await asyncio.to_thread(self._load)
            await asyncio.to_thread(self._prepare, settings)
        except (ConfigError, ValueError) as error:
            problems = str(error).splitlines()
            log.warning("config.refused", problems=problems)
            self.metrics.reloaded(ok=False, at=self._clock.now())
            return ReloadOutcome(ok=False, lines=problems)
        notes = [
            f"`{key}` was changed: that takes a restart; everything else is applied"
            for key, running in zip(("state", "listen"), self._running_with, strict=True)
            if getattr(settings, key) != running
        ]
        other_relays = settings.mail != self.settings.mail
        self._apply(settings)
        log.info("config.reloaded", checks=len(self.scheduler), notes=notes)
        if other_relays:
            with suppress(StateError):
                await self._store.hasten()
            self._sender.wake()
        return ReloadOutcome(ok=True, lines=notes)

    def _prepare(self, settings: Settings) -> None:
        """Build what takes long to build; raise ValueError when a file has gone bad meanwhile."""
        self._lookout.prepare(checks_of(settings))

    def _apply(self, settings: Settings) -> None:
        """Work by these settings from now on."""
        checks = checks_of(settings)
        self.settings = settings
        before = set(self.board.tiles)
        logs.configure(settings.log.level, settings.log.format, self._redactor)
        self._redactor.learn(settings.secrets)
        self._lookout.tools.resolver.configure(settings.dns.servers, settings.dns.port)
        self._outbox.channels = channels(settings, self._lookups, self._tempo)
        self._outbox.per_hour = settings.mail.max_per_hour if settings.mail else None
        self.metrics.channels(self._outbox.channels)
        zones = {hotel.id: hotel.timezone for hotel in settings.hotels}
        self.engine.quiet.configure(silences(settings), zones)
        letters = correspondent(settings, self._renderer, self._key)
        self.engine.configure(letters, desks(settings), names_of(settings))
        self._bundler.configure(letters, desks(settings), self._outbox.per_hour)
        self.board.watch(checks, {hotel.id: hotel.name for hotel in settings.hotels})
        self.scheduler.watch(checks)
        gone = before - set(self.board.tiles)
        self.engine.forget(gone)
        self.memories.forget(gone)
        self._self_watch.configure(settings)
        self.metrics.scheduled(len(checks))
        self.metrics.reloaded(ok=True, at=self._clock.now())

    async def _remembered(self) -> list[Incident]:
        recent = await self._store.recent(self._clock.now() - REOPENS_WITHIN)
        return recent + await self._store.open_incidents()

    def _moved(self, tile: Tile, changed: bool) -> None:
        self.engine.moved(tile, changed)

    def _think(self) -> None:
        self._thinker.wake()

    def _died(self, letter: Notification) -> None:
        self.engine.reconsider(letter.incident)
        self._self_watch.look_for_letters()

    async def _send(self) -> None:
        await self._bundler.tick()
        await self._outbox.deliver_due()

    async def _drain(self) -> None:
        await self._outbox.drain(GRACE)

    async def _keep(self) -> None:
        self.scheduler.nudge()
        await self._kept.tick()
        self.engine.quiet.mark(self.board, self._clock.now())

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
            metrics=self.metrics,
            store=self._store,
            desk=Counter(self.engine),
            links=AckLinks(self._key),
            clock=self._clock,
            token=self._token,
            public_url=lambda: self.settings.web.public_url,
            ready=self.ready,
            reload=self.reload,
            remember=self._remember_of,
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
        self._thinker.deadline = GRACE
        note, remember = (
            Loop(name, tick, self._clock, deadline=1.0)
            for name, tick in (("note", self._kept.note), ("memories", self._kept.remember))
        )
        for last in (self._thinker, note, remember):
            await last.once()
        await Loop("outbox", self._drain, self._clock).once()
        await self._lookout.close()
        await front.close()
        log.info("porter.stopped")
