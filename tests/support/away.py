"""A state that goes away and comes back, and an engine with its mailroom over it."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from alerts.attempt import Claim, Progress, Queue
from alerts.change import Change
from alerts.incident import Incident
from alerts.notification import MAIL, DeliveryError, Notification
from alerts.outbox import Outbox
from alerts.silence import Silence
from checks.check import Check
from checks.result import Reason, Result, Sign, failed, ok
from daemon.agenda import SETTLE
from daemon.crier import Beside, Crier
from daemon.ledger import Epoch, Ledger
from daemon.store import StateError, Store
from tests.support.clock import FakeClock
from tests.support.desk import ADDRESSES, CTO, DESK, TECH_LEAD, WHOLE, Night, a_check
from tests.support.month_ledger import BROKEN
from tests.support.outbox import Counted
from tests.support.polling import until

A, B = ADDRESSES
HEALTH = a_check("health", "expedia", "ota")
HOOK = a_check("webhook", "payment", "payment", "http")
DOWN = failed(Reason.SERVER_ERROR, "answered 500")
FORGED = failed(Reason.SECURITY, "a forged event was accepted", signs={Sign.FORGERY_ACCEPTED})
EVERYBODY = [
    ("escalation", CTO),
    ("escalation", TECH_LEAD),
    ("problem", A),
    ("problem", B),
    ("problem", DESK),
]
RESOLVED = sorted(("resolved", who) for _, who in EVERYBODY)


class Moody:
    """A ledger that does as it is told: `away` it answers nothing, `read_only` it writes nothing.

    `lost` are the next commits of incidents of which the answer gets lost; while `mute` is set, the answers
    to such commits wait for it, and `silent` is set once one does.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.away = False
        self.read_only = False
        self.lost = 0
        self.mute: asyncio.Event | None = None
        self.silent = asyncio.Event()

    async def commit(self, change: Change) -> None:
        if self.away or self.read_only:
            raise StateError(BROKEN)
        await self._ledger.commit(change)
        if self.mute is not None and change.incidents:
            self.silent.set()
            await self.mute.wait()
        if self.lost and change.incidents:
            self.lost -= 1
            raise StateError(BROKEN)

    async def notifications_of_many(self, epochs: Iterable[Epoch]) -> dict[Epoch, list[Notification]]:
        self._look()
        return await self._ledger.notifications_of_many(epochs)

    async def silences(self, now: datetime) -> list[Silence]:
        self._look()
        return await self._ledger.silences(now)

    async def open_incidents(self) -> list[Incident]:
        self._look()
        return await self._ledger.open_incidents()

    async def recent(self, since: datetime) -> list[Incident]:
        self._look()
        return await self._ledger.recent(since)

    def _look(self) -> None:
        if self.away:
            raise StateError(BROKEN)


class Postman:
    """Delivers, and keeps what he delivered; fails as he is told, or stops before he hands over."""

    def __init__(self) -> None:
        self.mails: list[Notification] = []
        self.failing: DeliveryError | None = None
        self.hold: asyncio.Event | None = None

    async def __call__(self, claim: Claim, progress: Progress) -> None:
        if self.failing is not None:
            raise self.failing
        await progress.handing_over()
        if self.hold is not None:
            await self.hold.wait()
        self.mails.append(claim.notification)
        await progress.taken("relay.example:25")

    def take(self) -> list[tuple[str, str]]:
        """Return, and forget, what kinds went to whom, in order."""
        taken, self.mails = self.mails, []
        return [(str(one.kind), one.recipient) for one in taken]


class House:
    """A porter's judgement over a moody ledger, the crier, and whoever sends what is stored."""

    def __init__(self, store: Store, clock: FakeClock, checks: Iterable[Check], **how: Any) -> None:
        self.store = store
        self.clock = clock
        self.ledger = Moody(store)
        self.night = Night(store, clock, checks, self.ledger, **how)
        self.engine = self.night.engine
        self.books = self.engine.beliefs.books
        self.postman = Postman()
        self.crier = Crier(self.books.backlog, clock.now)
        self.cries = self._outbox(self.crier)
        self.outbox = self._outbox(Beside(store, self.crier, self.books.backlog))

    def _outbox(self, queue: Queue) -> Outbox:
        return Outbox(queue, {MAIL: self.postman}, self.clock.now, lambda: 0.5, Counted())

    async def tick(self, seconds: float = 1.0) -> None:
        """Let time pass and the engine tick, which fails while the ledger is away."""
        self.clock.advance(seconds)
        with suppress(StateError):
            await self.engine.tick()

    async def see(self, check: Check, *results: Result) -> None:
        """Let a check see these results, a minute apart, and the engine tick after each."""
        for result in results:
            self.clock.advance(60)
            self.night.observer.observe(check, result)
            await self.tick(0)

    async def cry(self) -> list[tuple[str, str]]:
        """Have letters sent from memory; return what kinds went to whom."""
        return await self._deliver(self.cries)

    async def send(self) -> list[tuple[str, str]]:
        """Have letters sent that are stored; return what kinds went to whom."""
        return await self._deliver(self.outbox)

    async def _deliver(self, outbox: Outbox) -> list[tuple[str, str]]:
        while await outbox.deliver_due():
            await until(lambda: not outbox._workers, 5, "the conversations to end")
        return self.postman.take()

    async def told(self, incident: str = "id1", epoch: int = 1) -> list[tuple[str, str, str]]:
        """Return the letters that are stored: kind, recipient and what became of them."""
        rows = await self.store.notifications_of(incident, epoch)
        return [(str(one.kind), one.recipient, str(one.state)) for one in rows]


async def a_house(store: Store, clock: FakeClock) -> House:
    """Return a house in which all is well, with everybody on the roster."""
    house = House(store, clock, [HEALTH, HOOK], names={HEALTH.id: {"platform": "expedia"}})
    house.night.employ(WHOLE)
    await house.see(HEALTH, ok())
    await house.see(HOOK, ok())
    return house


async def emergency(house: House) -> None:
    """Let an emergency open."""
    await house.see(HOOK, FORGED, FORGED)
    await house.tick(SETTLE)


async def outage(house: House) -> None:
    """Let a critical incident open that is no emergency."""
    await house.see(HEALTH, DOWN, DOWN)
    await house.tick(SETTLE)
