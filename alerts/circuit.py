"""Whether a relay is tried: not while it is out of order, then by one letter, and by all once that passed.

Times are monotonic seconds, which no setting of the clock moves.
"""

from dataclasses import dataclass, replace

from alerts.backoff import pause


@dataclass(frozen=True, slots=True)
class Circuit:
    """How a relay stands: closed while `until` is None, else open up to then, and half open after.

    `failures` are those in a row; `on_trial` says that one letter is finding out whether it works again.
    """

    failures: int = 0
    until: float | None = None
    on_trial: bool = False

    @property
    def closed(self) -> bool:
        """Whether the relay works, as far as is known."""
        return self.until is None

    def admits(self, now: float) -> bool:
        """Tell whether a conversation may begin."""
        return self.until is None or (now >= self.until and not self.on_trial)


def begun(circuit: Circuit) -> Circuit:
    """Return the circuit once a conversation has begun that it admits."""
    return circuit if circuit.closed else replace(circuit, on_trial=True)


def failed(circuit: Circuit, now: float, jitter: float, *, trial: bool) -> Circuit:
    """Return the circuit once the relay itself has failed.

    What began before it opened, and is no `trial`, tells nothing new. `jitter` from 0 to 1 spreads the pause.
    """
    if not circuit.closed and not trial:
        return circuit
    failures = circuit.failures + 1
    return Circuit(failures, now + pause(failures, jitter))


def undecided(circuit: Circuit) -> Circuit:
    """Return the circuit once a trial has ended that showed nothing."""
    return replace(circuit, on_trial=False)
