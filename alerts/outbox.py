"""The outbox: delivers what is due, at least once, and says what became of it.

A row is claimed, sent, and marked. What falls between the sending and the mark is sent again, as the same
bytes; nothing else is.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog

from alerts.attempt import (
    Attempt,
    Claim,
    Deliver,
    Gated,
    LostClaimError,
    Progress,
    Queue,
    QueueError,
    Verdict,
    facts_of,
)
from alerts.backoff import next_attempt
from alerts.notification import MAIL, DeliveryError, DeliveryReason, Notification

__all__ = ["Claim", "Deliver", "Outbox", "Progress", "Queue", "QueueError", "Recorder"]

log = structlog.get_logger()

AT_ONCE = 4
"""Conversations at the same time over one channel."""

Lane = str | None
"""A channel, or None for letters of channels that are not configured any more."""

LONGEST = 240.0
"""Seconds an attempt takes at the most, over all its conversations."""


class Recorder(Protocol):
    """Who counts deliveries."""

    def attempted(self, channel: str, level: str) -> None:
        """Count an attempt."""
        ...

    def failed(self, channel: str, level: str, reason: DeliveryReason) -> None:
        """Count an attempt that failed."""
        ...


class Outbox:
    """Delivers what is due.

    `channels` maps a channel to how it delivers, `per_hour` is how many mails a recipient is sent in an hour
    that are not urgent; both may be replaced. `on_dead` hears of each letter that was given up, once that is
    written down.
    """

    def __init__(
        self,
        queue: Queue,
        channels: dict[str, Deliver],
        now: Callable[[], datetime],
        jitter: Callable[[], float],
        recorder: Recorder,
        *,
        on_dead: Callable[[Notification], None] = lambda _: None,
    ) -> None:
        self.channels = channels
        self.per_hour: int | None = None
        self._queue = queue
        self._now = now
        self._jitter = jitter
        self._recorder = recorder
        self._on_dead = on_dead
        self._workers: dict[asyncio.Task[None], Lane] = {}
        self._entering: Counter[Lane] = Counter()
        self._shut: set[Lane] = set()
        self._talking: dict[str, Claim] = {}
        self._owed: dict[str, Verdict] = {}
        self._settling = asyncio.Lock()
        self._taking = asyncio.Lock()

    async def deliver_due(self) -> int:
        """Begin to deliver what is due, as far as there is room; return how many conversations began.

        Each goes on with what is due next when it is done. Raise QueueError, and begin nothing, while the
        outcome of an earlier conversation cannot be written down.
        """
        await self._settle()
        if self._talking:
            await self._queue.renew(list(self._talking.values()))
        begun = 0
        # Letters of a channel that is no longer configured have a lane of their own.
        for lane in (*self.channels, None):
            room = AT_ONCE - list(self._workers.values()).count(lane)
            for claim in await self._take(lane, room):
                task = asyncio.create_task(self._work(lane, claim))
                self._workers[task] = lane
                task.add_done_callback(self._left)
                begun += 1
        return begun

    async def drain(self, within: float) -> None:
        """Deliver what is due until nothing is or the seconds are up; interrupt what still talks then."""
        try:
            async with asyncio.timeout(within):
                while await self.deliver_due() or self._workers:
                    if self._workers:
                        await asyncio.wait(self._workers, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            log.info("outbox.left", reason="the letters that wait are sent after the next start")
        finally:
            workers = list(self._workers)
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await self._settle()

    def troubles(self) -> list[str]:
        """Return what is in the way of letters, in sentences for people."""
        ways: list[object] = list(self.channels.values())
        return [text for way in ways if isinstance(way, Gated) for text in way.troubles()]

    async def _work(self, lane: Lane, claim: Claim) -> None:
        """Deliver one message after the other, until nothing is due."""
        claims = [claim]
        while claims:
            await self._converse(lane, claims[0])
            try:
                await asyncio.shield(self._settle())
                claims = await self._take(lane, 1)
            except QueueError:
                # The next tick meets the same trouble, and is heard.
                return

    def _left(self, task: asyncio.Task[None]) -> None:
        del self._workers[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("outbox.crashed", exc_info=error)

    async def _take(self, lane: Lane, most: int) -> list[Claim]:
        """Claim what is due in a lane, and no more than it lets in: one after the other, for that to hold."""
        async with self._taking:
            room = min(most, await self._room(lane))
            if room <= 0:
                return []
            claims = await self._queue.claim(
                room,
                frozenset(self._talking.keys() | self._owed.keys()),
                only=lane,
                besides=frozenset(self.channels) if lane is None else frozenset(),
                per_hour=self.per_hour if lane == MAIL else None,
            )
            self._entering[lane] += len(claims)
            return claims

    async def _room(self, lane: Lane) -> int:
        """Return how many letters a lane lets in; what waited while it let in none is due once it does."""
        way: object = self.channels.get(lane) if lane is not None else None
        room = way.room(AT_ONCE) if isinstance(way, Gated) else AT_ONCE
        if room == 0:
            self._shut.add(lane)
        elif room == AT_ONCE and lane in self._shut:
            await self._queue.hasten(lane)
            self._shut.discard(lane)
        return room - self._entering[lane]

    async def _converse(self, lane: Lane, claim: Claim) -> None:
        """Deliver one message, whatever comes of it; the outcome is owed to the queue then."""
        self._entering[lane] -= 1
        one = claim.notification
        attempt = Attempt(claim, self._queue, self._taken)
        self._recorder.attempted(one.channel, one.level)
        self._talking[one.id] = claim
        try:
            async with asyncio.timeout(LONGEST):
                await self._deliver(attempt)
        except asyncio.CancelledError:
            if not attempt.over:
                self._interrupted(attempt)
            raise
        except Exception as error:  # noqa: BLE001 - one message must not stop the others
            if attempt.over:
                log.warning("notification.farewell_failed", notification=one.id, error=type(error).__name__)
            else:
                self._failed(claim, error)
        finally:
            del self._talking[one.id]

    async def _deliver(self, attempt: Attempt) -> None:
        channel = attempt.claim.notification.channel
        deliver = self.channels.get(channel)
        if deliver is None:
            raise DeliveryError(DeliveryReason.INTERNAL, f"no channel {channel} is configured")
        await deliver(attempt.claim, attempt)
        if not attempt.over:
            await attempt.taken(channel)

    async def _taken(self, attempt: Attempt, by: str) -> None:
        """Mark as delivered at once; what cannot be marked is kept, and never sent again by this process."""
        claim = attempt.claim
        facts = facts_of(claim) | {"relay": by, "message_id": claim.notification.message_id}
        if attempt.repeated:
            facts["maybe_dup"] = True
        self._owe(claim, Verdict(partial(self._queue.sent, claim), log.info, "notification.sent", facts))
        with suppress(QueueError):
            await asyncio.shield(self._settle())

    def _interrupted(self, attempt: Attempt) -> None:
        claim, at = attempt.claim, self._now()
        mark = partial(self._queue.retry, claim, at, f"interrupted, phase {attempt.phase}")
        facts = facts_of(claim) | {"phase": attempt.phase}
        self._owe(claim, Verdict(mark, log.info, "notification.interrupted", facts))

    def _failed(self, claim: Claim, error: Exception) -> None:
        if isinstance(error, LostClaimError):
            log.warning("notification.claim_lost", **facts_of(claim))
            return
        one, failure = claim.notification, _failure(error)
        if failure.reason is DeliveryReason.INTERNAL and not isinstance(error, DeliveryError | QueueError):
            log.error("notification.crashed", notification=one.id, exc_info=error)
        self._recorder.failed(one.channel, one.level, failure.reason)
        at = None
        if not failure.permanent:
            at = next_attempt(one.attempts, one.created_at, self._now(), self._jitter())
        facts = facts_of(claim) | {"reason": str(failure.reason), "detail": failure.detail}
        if at is None:
            mark = partial(self._queue.dead, claim, str(failure))
            then = partial(self._on_dead, one)
            self._owe(claim, Verdict(mark, log.error, "notification.died", facts, then))
        else:
            facts["next_attempt"] = at.isoformat()
            mark = partial(self._queue.retry, claim, at, str(failure))
            self._owe(claim, Verdict(mark, log.warning, "notification.retried", facts))

    def _owe(self, claim: Claim, verdict: Verdict) -> None:
        self._owed[claim.notification.id] = verdict

    async def _settle(self) -> None:
        """Write down every outcome that is owed, and log it then; QueueError leaves the rest for later."""
        async with self._settling:
            for name, verdict in list(self._owed.items()):
                held = await verdict.mark()
                del self._owed[name]
                if held:
                    verdict.say(verdict.event, **verdict.facts)
                    verdict.then()
                else:
                    log.warning("notification.claim_lost", outcome=verdict.event, **verdict.facts)


def _failure(error: Exception) -> DeliveryError:
    if isinstance(error, DeliveryError):
        return error
    if isinstance(error, TimeoutError):
        return DeliveryError(DeliveryReason.TIMEOUT, f"not done within {LONGEST:g} s")
    if isinstance(error, QueueError):
        return DeliveryError(DeliveryReason.INTERNAL, "not begun: its progress cannot be written down")
    return DeliveryError(DeliveryReason.INTERNAL, type(error).__name__)
