"""How often somebody may try a token that turns out wrong."""

import math
from dataclasses import dataclass, field

MOST = 4096
"""Addresses that are remembered; those that may try again are forgotten first."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """`tries` at once, and one more every `every` seconds."""

    tries: int
    every: float


@dataclass(slots=True)
class Strikes:
    """Counts wrong tries, of each address and, where `together` is given, of all.

    Of each it holds one number: when all its tries will have been given back.
    """

    each: Allowance
    together: Allowance | None = None
    _until: dict[str, float] = field(default_factory=dict)
    _all_until: float = 0.0

    def wait(self, who: str, now: float) -> int:
        """Return the whole seconds until somebody may try again: 0 for at once. `now` is monotonic."""
        waits = [_wait(self.each, self._until.get(who, now), now)]
        if self.together is not None:
            waits.append(_wait(self.together, self._all_until, now))
        return math.ceil(max(waits))

    def add(self, who: str, now: float) -> None:
        """Count a wrong try."""
        until = self._until.pop(who, now)
        if len(self._until) >= MOST:
            self._forget(now)
        self._until[who] = max(until, now) + self.each.every
        if self.together is not None:
            self._all_until = max(self._all_until, now) + self.together.every

    def __len__(self) -> int:
        return len(self._until)

    def _forget(self, now: float) -> None:
        over = [who for who, until in self._until.items() if until <= now]
        for who in over or [next(iter(self._until))]:
            del self._until[who]


def _wait(allowance: Allowance, until: float, now: float) -> float:
    return max(0.0, until - now - (allowance.tries - 1) * allowance.every)
