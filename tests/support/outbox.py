"""An outbox over a queue in memory, with people to deliver to who do as they are told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.attempt import Claim, Progress, QueueError
from alerts.notification import MAIL, Delivery, DeliveryReason, Notification
from alerts.outbox import Outbox
from tests.support.clock import FakeClock
from tests.support.polling import until

PENDING, SENDING = Delivery.PENDING, Delivery.SENDING


@dataclass
class MemoryQueue:
    """Rows in memory. While `down` nothing can be read or written; `marks` is what was written down."""

    clock: FakeClock
    rows: dict[str, Notification] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    phases: dict[str, str] = field(default_factory=dict)
    marks: list[tuple[str, str]] = field(default_factory=list)
    excluded: frozenset[str] = frozenset()
    per_hour: int | None = None
    renewed: list[str] = field(default_factory=list)
    down: bool = False
    slow: asyncio.Event | None = None

    def add(self, *notifications: Notification) -> None:
        """Put letters in."""
        self.rows.update({one.id: one for one in notifications})

    def snatch(self, name: str) -> None:
        """Give a claimed row to somebody else."""
        self.tokens[name] = "another's"

    async def claim(
        self,
        limit: int,
        exclude: frozenset[str] = frozenset(),
        *,
        only: str | None = None,
        besides: frozenset[str] = frozenset(),
        per_hour: int | None = None,
    ) -> list[Claim]:
        self._look()
        self.excluded, self.per_hour = exclude, per_hour or self.per_hour
        claims: list[Claim] = []
        for one in list(self.rows.values()):
            mine = one.channel not in besides if only is None else one.channel == only
            if mine and len(claims) < limit and one.state is PENDING and one.due_at <= self.clock.now():
                begun = replace(one, state=SENDING, attempts=one.attempts + 1)
                self.rows[one.id] = begun
                self.tokens[one.id] = f"token {begun.attempts}"
                claims.append(Claim(begun, self.tokens[one.id], self.phases.get(one.id)))
        return claims

    async def renew(self, claims: Sequence[Claim]) -> None:
        self._look()
        self.renewed = [one.notification.id for one in claims]

    async def hasten(self, channel: str | None = None) -> None:
        self._look()
        for one in list(self.rows.values()):
            if one.state is PENDING and one.attempts and channel in (None, one.channel):
                self.rows[one.id] = replace(one, due_at=min(one.due_at, self.clock.now()))

    async def journal(self, claim: Claim, phase: str) -> bool:
        self._look()
        if self._held(claim):
            self.phases[claim.notification.id] = phase
        return self._held(claim)

    async def sent(self, claim: Claim) -> bool:
        return await self._end(claim, Delivery.SENT, sent_at=self.clock.now())

    async def retry(self, claim: Claim, at: datetime, error: str) -> bool:
        return await self._end(claim, PENDING, due_at=at, last_error=error)

    async def dead(self, claim: Claim, error: str) -> bool:
        return await self._end(claim, Delivery.DEAD, last_error=error)

    async def _end(self, claim: Claim, state: Delivery, **more: object) -> bool:
        self._look()
        if self.slow is not None:
            await self.slow.wait()
        name = claim.notification.id
        if not self._held(claim):
            return False
        self.rows[name] = replace(self.rows[name], state=state, **more)  # type: ignore[arg-type]  # its fields
        self.marks.append((name, str(state)))
        del self.tokens[name]
        return True

    def _held(self, claim: Claim) -> bool:
        return self.tokens.get(claim.notification.id) == claim.token

    def _look(self) -> None:
        if self.down:
            raise QueueError("the state is down")


@dataclass
class Counted:
    """A recorder that remembers."""

    attempts: list[tuple[str, str]] = field(default_factory=list)
    failures: list[tuple[str, str, DeliveryReason]] = field(default_factory=list)

    def attempted(self, channel: str, level: str) -> None:
        self.attempts.append((channel, level))

    def failed(self, channel: str, level: str, reason: DeliveryReason) -> None:
        self.failures.append((channel, level, reason))


@dataclass
class Carrier:
    """Delivers by doing what `act` says; `delivered` is what was handed over, in order."""

    act: Callable[[Claim, Progress], Awaitable[None]] | None = None
    begun: list[str] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    talking: int = 0
    most: int = 0

    async def __call__(self, claim: Claim, progress: Progress) -> None:
        self.begun.append(claim.notification.id)
        self.talking += 1
        self.most = max(self.most, self.talking)
        try:
            if self.act is not None:
                await self.act(claim, progress)
            await progress.handing_over()
            self.delivered.append(claim.notification.id)
            await progress.taken("relay.example:25")
        finally:
            self.talking -= 1


class Office:
    """An outbox with everything around it."""

    def __init__(self, *letters: Notification) -> None:
        self.clock = FakeClock()
        self.queue = MemoryQueue(self.clock)
        self.queue.add(*letters)
        self.carrier = Carrier()
        self.counted = Counted()
        self.dead: list[str] = []
        self.outbox = Outbox(
            self.queue,
            {MAIL: self.carrier},
            self.clock.now,
            lambda: 0.5,
            self.counted,
            on_dead=lambda one: self.dead.append(one.id),
        )

    async def deliver(self) -> None:
        """Begin what is due, and wait until no conversation goes on."""
        await self.outbox.deliver_due()
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until no conversation goes on."""
        await until(lambda: not self.outbox._workers, 5, "the conversations to end")

    def states(self) -> dict[str, str]:
        """Return how every letter stands."""
        return {name: str(row.state) for name, row in self.queue.rows.items()}
