"""Emergencies are told though the state is away: an outbox of their own sends their letters from memory."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.attempt import Claim, Queue
from alerts.notification import Delivery, Notification
from daemon.backlog import Backlog


class Crier:
    """The queue of an outbox that needs no state: letters of emergencies that are owed to it.

    Those that are written down are in it, too, while whoever sends them is `hindered`; but for the ones it
    has `engaged`.
    """

    def __init__(self, backlog: Backlog, now: Callable[[], datetime]) -> None:
        self._backlog = backlog
        self._now = now
        self._refused: set[str] = set()
        self.hindered = False
        self.engaged: set[str] = set()

    async def claim(
        self,
        limit: int,
        exclude: frozenset[str] = frozenset(),
        *,
        only: str | None = None,
        besides: frozenset[str] = frozenset(),
        per_hour: int | None = None,
    ) -> list[Claim]:
        """Claim what is due over one channel; a letter waits for an earlier one to the same person."""
        claims: list[Claim] = []
        threads: set[tuple[str, ...]] = set()
        for one, stored in list(self._backlog.urgent(self._now())):
            thread = (one.incident, one.channel, one.recipient)
            free = thread not in threads and one.id not in exclude and self._is_due(one, stored=stored)
            threads.add(thread)
            if free and one.channel == only and len(claims) < limit:
                begun = replace(one, state=Delivery.SENDING, attempts=one.attempts + 1)
                self._backlog.became(begun)
                claims.append(Claim(begun, secrets.token_hex(16)))
        return claims

    def _is_due(self, one: Notification, *, stored: bool) -> bool:
        ours = self.hindered if stored else one.id not in self._refused
        waits = one.state is Delivery.PENDING and one.due_at <= self._now()
        return ours and waits and one.id not in self.engaged

    async def renew(self, claims: Sequence[Claim]) -> None:
        """Nobody else can have taken them."""

    async def hasten(self, channel: str | None = None) -> None:
        """Make due at once what waits for its next attempt."""
        for one, _ in list(self._backlog.urgent(self._now())):
            if one.state is Delivery.PENDING and channel in {None, one.channel}:
                self._backlog.became(replace(one, due_at=min(one.due_at, self._now())))

    async def journal(self, claim: Claim, phase: str) -> bool:
        """Say whether a letter is still to be sent: what its hotel owes may have been dropped."""
        return self._backlog.holds(claim.notification)

    async def sent(self, claim: Claim) -> bool:
        """Note that it was delivered."""
        self._backlog.became(replace(claim.notification, state=Delivery.SENT, sent_at=self._now()))
        return True

    async def retry(self, claim: Claim, at: datetime, error: str) -> bool:
        """Put it back until a moment."""
        waits = replace(claim.notification, state=Delivery.PENDING, due_at=at, last_error=error)
        self._backlog.became(waits)
        return True

    async def dead(self, claim: Claim, error: str) -> bool:
        """Try it no more: whoever sends what is written down comes to the same end, and sees to the rest."""
        self._refused.add(claim.notification.id)
        return await self.retry(claim, claim.notification.created_at, error)


class Beside:
    """The queue of what is written down, for an outbox beside the crier: no letter is sent by both."""

    def __init__(self, queue: Queue, crier: Crier, backlog: Backlog) -> None:
        self._queue = queue
        self._crier = crier
        self._backlog = backlog
        self.renew = queue.renew
        self.hasten = queue.hasten

    async def claim(
        self,
        limit: int,
        exclude: frozenset[str] = frozenset(),
        *,
        only: str | None = None,
        besides: frozenset[str] = frozenset(),
        per_hour: int | None = None,
    ) -> list[Claim]:
        """Claim what is due, but for what is sent from memory."""
        exclude |= self._backlog.crying()
        claims = await self._queue.claim(limit, exclude, only=only, besides=besides, per_hour=per_hour)
        self._crier.engaged.update(one.notification.id for one in claims)
        return claims

    async def journal(self, claim: Claim, phase: str) -> bool:
        """Write down how far a conversation has come; what is ours no longer is not in hand either."""
        held = await self._queue.journal(claim, phase)
        if not held:
            self._leave(claim)
        return held

    async def sent(self, claim: Claim) -> bool:
        """Mark as delivered: that it was is certain before it is written down."""
        self._leave(claim)
        self._backlog.delivered(claim.notification)
        return await self._queue.sent(claim)

    async def retry(self, claim: Claim, at: datetime, error: str) -> bool:
        """Put back until a moment."""
        self._leave(claim)
        return await self._queue.retry(claim, at, error)

    async def dead(self, claim: Claim, error: str) -> bool:
        """Give up."""
        self._leave(claim)
        self._backlog.delivered(claim.notification)
        return await self._queue.dead(claim, error)

    def _leave(self, claim: Claim) -> None:
        self._crier.engaged.discard(claim.notification.id)
