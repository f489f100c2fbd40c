"""Delivery by mail, over relays: the next takes over when one fails, and who is out of order has a rest."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr

import structlog

from alerts.attempt import Claim, Progress
from alerts.bounce import BounceAddresses
from alerts.circuit import Circuit, begun, failed, undecided
from alerts.notification import DeliveryError, DeliveryReason
from alerts.notifiers.reaching import Resolve
from alerts.notifiers.smtp_conversation import LIMITS, Limits, context_of, send
from alerts.notifiers.smtp_failure import RelayError
from alerts.options import Relay

__all__ = ["LIMITS", "Limits", "MailRoute", "Tempo"]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tempo:
    """What pauses are measured by: monotonic seconds, and chance from 0 to 1 that spreads them."""

    monotonic: Callable[[], float]
    jitter: Callable[[], float]


@dataclass(slots=True)
class _Way:
    """A relay, how it is spoken to, and how it stands. `trouble` is what it failed at last."""

    relay: Relay
    context: ssl.SSLContext | None
    circuit: Circuit = field(default_factory=Circuit)
    trouble: str = ""

    @property
    def name(self) -> str:
        return f"{self.relay.host}:{self.relay.port}"


class MailRoute:
    """Delivers over relays, in their order: the next takes over when one fails.

    A relay that is itself out of order is not tried for a while, then by one letter, and by all again when
    that one has passed. With `bounces`, mail that comes back goes to an address of its own for each letter.
    """

    def __init__(
        self,
        relays: Sequence[Relay],
        sender: str,
        resolve: Resolve,
        tempo: Tempo,
        limits: Limits = LIMITS,
        *,
        bounces: BounceAddresses | None = None,
    ) -> None:
        self._ways = [_Way(relay, context_of(relay)) for relay in relays]
        self._sender = parseaddr(sender)[1]
        self._bounces = bounces
        self._resolve = resolve
        self._tempo = tempo
        self._limits = limits

    def room(self, most: int) -> int:
        """Return how many letters may set out now: none while all relays have a rest."""
        if any(way.circuit.closed for way in self._ways):
            return most
        now = self._tempo.monotonic()
        return sum(way.circuit.admits(now) for way in self._ways)

    def troubles(self) -> list[str]:
        """Return, of each relay that is not tried as usual, why."""
        return [f"relay {way.name} has a rest: {way.trouble}" for way in self._ways if not way.circuit.closed]

    async def __call__(self, claim: Claim, progress: Progress) -> None:
        """Deliver one message, or raise what the relays said.

        An address refused for good is not taken elsewhere; a content is, until all relays refuse it.
        """
        said: list[DeliveryError] = []
        for way in self._usable():
            try:
                await self._try(way, claim, progress)
            except DeliveryError as error:
                if error.permanent and error.reason is not DeliveryReason.CONTENT_REFUSED:
                    raise
                said.append(error)
            else:
                return
        if not said:
            raise DeliveryError(DeliveryReason.INTERNAL, "no relay is configured")
        telling = next((error for error in reversed(said) if not error.permanent), said[-1])
        final = telling.permanent and len(said) == len(self._ways)
        details = "; ".join(error.detail for error in said)
        raise DeliveryError(telling.reason, details, permanent=final) from said[-1]

    def _usable(self) -> Iterator[_Way]:
        """Return the relays that may be tried, each asked for when its turn has come."""
        none = True
        for way in self._ways:
            if way.circuit.admits(self._tempo.monotonic()):
                none = False
                yield way
        if none:
            # They failed after this letter was let in, which cannot be taken back.
            yield from sorted(self._ways, key=lambda way: way.circuit.until or 0.0)[:1]

    async def _try(self, way: _Way, claim: Claim, progress: Progress) -> None:
        one = claim.notification
        trial = not way.circuit.closed
        way.circuit = begun(way.circuit)
        try:
            await send(
                one.message,
                self._bounces.of(one.id) if self._bounces else self._sender,
                one.recipient,
                way.relay,
                context=way.context,
                progress=progress,
                resolve=self._resolve,
                limits=self._limits,
            )
        except RelayError as error:
            self._failed(way, error, trial=trial)
            raise
        except DeliveryError:
            # It has listened, and judged this letter alone.
            self._worked(way)
            raise
        else:
            self._worked(way)
        finally:
            if trial:
                way.circuit = undecided(way.circuit)

    def _failed(self, way: _Way, error: RelayError, *, trial: bool) -> None:
        was_closed = way.circuit.closed
        way.circuit = failed(way.circuit, self._tempo.monotonic(), self._tempo.jitter(), trial=trial)
        way.trouble = error.detail
        if was_closed:
            log.warning("relay.opened", relay=way.name, reason=str(error.reason), detail=error.detail)

    def _worked(self, way: _Way) -> None:
        if not way.circuit.closed:
            log.info("relay.closed", relay=way.name)
        way.circuit = Circuit()
