"""The outbox: delivers what is due, at least once, and says what became of it.

A row is claimed, sent, and marked. What falls between the sending and the mark is sent again, as the same
bytes; nothing else is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from alerts.backoff import next_attempt
from alerts.notification import DeliveryError, DeliveryReason, Notification

log = structlog.get_logger()

AT_ONCE = 4
"""Conversations at the same time."""

CONVERSATION = 60.0
"""Seconds a conversation takes at the most."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is ours to send while the token holds. `phase` is how far an earlier attempt had come."""

    notification: Notification
    token: str
    phase: str | None = None


OnPhase = Callable[[str], Awaitable[None]]
Deliver = Callable[[Claim, OnPhase], Awaitable[str]]
"""Delivers one message and returns the name of who took it, or raises DeliveryError."""


class Queue(Protocol):
    """The rows that wait; every method is one short transaction."""

    async def claim(self, limit: int, exclude: frozenset[str] = frozenset()) -> list[Claim]:
        """Claim what is due, but for the ids in `exclude`."""
        ...

    async def journal(self, claim: Claim, phase: str) -> None:
        """Write down how far a conversation has come."""
        ...

    async def sent(self, claim: Claim) -> bool:
        """Mark as delivered; False when the claim is no longer ours."""
        ...

    async def retry(self, claim: Claim, at: datetime, error: str) -> bool:
        """Put back until a moment; False when the claim is no longer ours."""
        ...

    async def dead(self, claim: Claim, error: str) -> bool:
        """Give up; False when the claim is no longer ours."""
        ...


class Recorder(Protocol):
    """Who counts deliveries."""

    def attempted(self, channel: str, level: str) -> None:
        """Count an attempt."""
        ...

    def failed(self, channel: str, level: str, reason: DeliveryReason) -> None:
        """Count an attempt that failed."""
        ...


class Outbox:
    """Delivers what is due. `channels` maps a channel to how it delivers, and may be replaced."""

    def __init__(
        self,
        queue: Queue,
        channels: dict[str, Deliver],
        now: Callable[[], datetime],
        jitter: Callable[[], float],
        recorder: Recorder,
    ) -> None:
        self.channels = channels
        self._queue = queue
        self._now = now
        self._jitter = jitter
        self._recorder = recorder
        self._talking: set[asyncio.Task[None]] = set()
        self._unmarked: dict[str, Claim] = {}

    async def deliver_due(self) -> int:
        """Begin to deliver what is due, as far as there is room; return how many conversations began."""
        await self._mark_again()
        room = AT_ONCE - len(self._talking)
        claims = await self._queue.claim(room, frozenset(self._unmarked)) if room > 0 else []
        for claim in claims:
            task = asyncio.create_task(self._converse(claim))
            self._talking.add(task)
            task.add_done_callback(self._talking.discard)
        return len(claims)

    async def drain(self, within: float) -> None:
        """Deliver what is due until nothing is or the seconds are up; cancel what still talks then."""
        try:
            async with asyncio.timeout(within):
                while await self.deliver_due() or self._talking:
                    await asyncio.wait(self._talking)
        except TimeoutError:
            log.info("outbox.left", reason="the letters that wait are sent after the next start")
        talking = list(self._talking)
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

    async def _converse(self, claim: Claim) -> None:
        """Deliver one message, whatever comes of it."""
        one = claim.notification
        self._recorder.attempted(one.channel, one.level)
        phase = "begun"

        async def on_phase(name: str) -> None:
            nonlocal phase
            await self._queue.journal(claim, name)
            phase = name

        try:
            async with asyncio.timeout(CONVERSATION):
                relay = await self._deliver(claim, on_phase)
        except DeliveryError as error:
            await self._failed(claim, error)
        except TimeoutError:
            late = DeliveryError(DeliveryReason.TIMEOUT, f"not done within {CONVERSATION:g} s")
            await self._failed(claim, late)
        except asyncio.CancelledError:
            await asyncio.shield(self._queue.retry(claim, self._now(), f"interrupted, phase {phase}"))
            raise
        except Exception as error:
            log.exception("notification.crashed", notification=one.id)
            await self._failed(claim, DeliveryError(DeliveryReason.INTERNAL, type(error).__name__))
        else:
            await asyncio.shield(self._delivered(claim, relay))

    async def _deliver(self, claim: Claim, on_phase: OnPhase) -> str:
        channel = claim.notification.channel
        deliver = self.channels.get(channel)
        if deliver is None:
            raise DeliveryError(DeliveryReason.INTERNAL, f"no channel {channel} is configured")
        return await deliver(claim, on_phase)

    async def _delivered(self, claim: Claim, relay: str) -> None:
        one = claim.notification
        self._unmarked[one.id] = claim
        await self._mark_again()
        log.info(
            "notification.sent",
            notification=one.id,
            incident=one.incident,
            kind=str(one.kind),
            level=one.level,
            channel=one.channel,
            relay=relay,
            attempts=one.attempts,
            message_id=one.message_id,
        )

    async def _mark_again(self) -> None:
        """Mark what was accepted; what cannot be marked now is kept, and never sent again by this process."""
        for claim in list(self._unmarked.values()):
            await self._queue.sent(claim)
            self._unmarked.pop(claim.notification.id, None)

    async def _failed(self, claim: Claim, error: DeliveryError) -> None:
        one = claim.notification
        self._recorder.failed(one.channel, one.level, error.reason)
        at = None
        if not error.permanent:
            at = next_attempt(one.attempts, one.created_at, self._now(), self._jitter())
        facts = {
            "notification": one.id,
            "incident": one.incident,
            "kind": str(one.kind),
            "level": one.level,
            "attempts": one.attempts,
            "reason": str(error.reason),
            "detail": error.detail,
        }
        if at is None:
            await self._queue.dead(claim, str(error))
            log.error("notification.died", **facts)
        else:
            await self._queue.retry(claim, at, str(error))
            log.warning("notification.retried", next_attempt=at.isoformat(), **facts)
