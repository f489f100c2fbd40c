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
from checks.check import Check
from checks.connection import Connector
from checks.context import Tools
from checks.lookup import Lookups
from checks.memory import Memories
from checks.result import RESPONSE_TIME, CheckId, State
from checks.values import TlsTrust
from daemon import __version__, logs
from daemon.board import Board
from daemon.bundler import Bundler
from daemon.clock import Clock
from daemon.counter import Counter
from daemon.desks import channels, correspondent, desks, silences
from daemon.engine import Engine, Signals
from daemon.gate import Gate
from daemon.keeper import Keeper
from daemon.logs import Redactor
from daemon.metrics import Metrics
from daemon.names import names_of
from daemon.observer import Observer
from daemon.readiness import Readiness
from daemon.runner import Runner
from daemon.scheduler import Scheduler
from daemon.settings import ConfigError, Settings, checks_of
from daemon.settings.walk import models_in
from daemon.store import StateError, Store
from daemon.ticks import Loop
from daemon.web.app import Deps, ReloadOutcome, build
from daemon.web.front import Front

log = structlog.get_logger()

GRACE = 3.0
"""Seconds that runs in flight, and then the mails being sent, are given at the end."""

LAG_EVERY = 0.5
"""Seconds between two measurements of the event loop's lag."""

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
        self._tools = Tools.new(clock.now, Connector(self._lookups))
        self.memories = Memories()
        self._runner = Runner(self._tools, self.memories, clock, Gate(), redactor)
        self.scheduler = Scheduler(self._look, clock, self.metrics.late)
        chance = random.SystemRandom().random
        self._tempo = Tempo(clock.monotonic, chance)
        self._outbox = Outbox(store, {}, clock.now, chance, self.metrics, on_dead=self._died)
        self._bundler = Bundler(store)
        self._sender = Loop("sender", self._send, clock)
        self._key = b""
        signals = Signals(self.scheduler.hasten, self._think, self._sender.wake)
        self.engine = Engine(self.board, store, new_id, clock, signals)
        self._thinker = Loop("engine", self.engine.tick, clock)
        self._kept = Keeper(self.board, store, clock, self.memories, self.metrics)
        self._keeper = Loop("keeper", self._keep, clock)
        self._reloading = asyncio.Lock()
        loops = (self._thinker, self._sender, self._keeper)
        self.ready = Readiness(loops, self.scheduler, store, clock, redactor)
        self._observer = Observer(self.board, clock, self.engine.moved)

    async def run(self, stop: asyncio.Event, started: Callable[[], None] = lambda: None) -> None:
        """Be on duty until `stop` is set; raise ListenError when the address to listen on cannot be had."""
        self._prepare(self.settings)
        self._key = await self._store.secret()
        self._apply(self.settings)
        self.engine.quiet.restore(await self._store.silences(self._clock.now()))
        self.engine.restore(await self._store.standings(), await self._remembered())
        self.memories.restore(await self._store.memories())
        await self._store.resume()
        front = await self._serve()
        loops = [asyncio.create_task(loop.run()) for loop in (self._thinker, self._sender, self._keeper)]
        loops.append(asyncio.create_task(self._measure_lag()))
        self.scheduler.start()
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
            return await self._reload()

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
        models = models_in([check.options for check in checks_of(settings)])
        self._tools.connector.trust.prepare(model for _, model in models if isinstance(model, TlsTrust))

    def _apply(self, settings: Settings) -> None:
        """Work by these settings from now on."""
        checks = checks_of(settings)
        self.settings = settings
        gone = set(self.board.tiles) - {check.id for check in checks}
        logs.configure(settings.log.level, settings.log.format, self._redactor)
        self._redactor.learn(settings.secrets)
        self._tools.resolver.configure(settings.dns.servers, settings.dns.port)
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
        self.engine.forget(gone)
        self.memories.forget(gone)
        self.metrics.scheduled(len(checks))
        self.metrics.reloaded(ok=True, at=self._clock.now())

    async def _remembered(self) -> list[Incident]:
        recent = await self._store.recent(self._clock.now() - REOPENS_WITHIN)
        return recent + await self._store.open_incidents()

    async def _look(self, check: Check) -> float | None:
        """Run a check and take its result in; return when to look again."""
        tile = self.board.tiles.get(check.id)
        if tile is None:
            return None
        last = tile.result
        suspect = last is not None and last.state is not State.OK and RESPONSE_TIME not in last.measurements
        result = await self._runner.run(check, suspect=suspect)
        if result is None:
            tile.skipped += 1
            self.metrics.skipped()
            return None
        return self._observer.observe(check, result)

    def _think(self) -> None:
        self._thinker.wake()

    def _died(self, letter: Notification) -> None:
        self.engine.reconsider(letter.incident)

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

    async def _measure_lag(self) -> None:
        """Measure how late the event loop comes to what it was asked to do."""
        while True:
            asked = self._clock.monotonic()
            await asyncio.sleep(LAG_EVERY)
            self.metrics.lagged(max(0.0, self._clock.monotonic() - asked - LAG_EVERY))

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
        await self._tools.close()
        await front.close()
        log.info("porter.stopped")
