"""One attempt at delivering one message: what is claimed, how far it came, and what came of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from alerts.notification import Notification

DATA = "data"
"""The phase from which on a failure leaves it unknown whether the message was accepted."""


class QueueError(Exception):
    """The rows cannot be read or written now."""


class LostClaimError(Exception):
    """The row is no longer ours to send."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is ours to send while the token holds. `phase` is how far an earlier attempt had come."""

    notification: Notification
    token: str
    phase: str | None = None


class Queue(Protocol):
    """The rows that wait. Every method is one short transaction; QueueError says that it cannot be had."""

    async def claim(
        self,
        limit: int,
        exclude: frozenset[str] = frozenset(),
        *,
        only: str | None = None,
        besides: frozenset[str] = frozenset(),
        per_hour: int | None = None,
    ) -> list[Claim]:
        """Claim what is due, but for the ids in `exclude`: of one channel, or of all but some.

        What would be more than `per_hour` to a recipient, and is not urgent, is held for a bundle instead.
        """
        ...

    async def renew(self, claims: Sequence[Claim]) -> None:
        """Say that these are still being worked on, as far as they are still ours."""
        ...

    async def hasten(self, channel: str | None = None) -> None:
        """Make due at once what waits for its next attempt, of one channel or of all."""
        ...

    async def journal(self, claim: Claim, phase: str) -> bool:
        """Write down how far a conversation has come; False when the claim is no longer ours."""
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


class Progress(Protocol):
    """Whom a notifier tells how far it has come."""

    async def handing_over(self) -> None:
        """Say, before the message itself goes out, that its fate is unknown from here on."""
        ...

    async def taken(self, by: str) -> None:
        """Say, the moment it is so, that the message was accepted, and by whom."""
        ...


Deliver = Callable[[Claim, Progress], Awaitable[None]]
"""Delivers one message, or raises DeliveryError; returning means that it was taken."""


@runtime_checkable
class Gated(Protocol):
    """What a `Deliver` also is that does not let in letters at all times."""

    def room(self, most: int) -> int:
        """Return how many letters may set out now: `most` when nothing is in their way."""
        ...

    def troubles(self) -> list[str]:
        """Return what is in their way, in sentences for people."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an attempt: the mark that is owed to the queue, and what to log and do once it is made."""

    mark: Callable[[], Awaitable[bool]]
    say: Callable[..., object]
    event: str
    facts: dict[str, object]
    then: Callable[[], None] = lambda: None


class Attempt:
    """The progress of one attempt. Once it is `over`, nothing that fails makes it undone.

    `repeated` says that the message may have been accepted before, by a relay that did not get to say so.
    """

    def __init__(
        self, claim: Claim, queue: Queue, on_taken: Callable[["Attempt", str], Awaitable[None]]
    ) -> None:
        self.claim = claim
        self.phase = "begun"
        self.over = False
        self.repeated = claim.phase == DATA
        self._queue = queue
        self._on_taken = on_taken

    async def handing_over(self) -> None:
        """Write down that the message goes out now, or raise when that cannot be, or it is not ours."""
        if not await self._queue.journal(self.claim, DATA):
            raise LostClaimError
        self.repeated = self.repeated or self.phase == DATA
        self.phase = DATA

    async def taken(self, by: str) -> None:
        """Remember first that the message was accepted: a cancellation may come with the next pause."""
        self.over = True
        await self._on_taken(self, by)


def facts_of(claim: Claim) -> dict[str, object]:
    """Return what the log says of every attempt; never a word of the message."""
    one = claim.notification
    return {
        "notification": one.id,
        "incident": one.incident,
        "kind": str(one.kind),
        "escalation_level": one.level,
        "channel": one.channel,
        "recipient": one.recipient,
        "attempts": one.attempts,
    }
