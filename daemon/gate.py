"""How many probes may be in flight: in all, per target, and for targets that do not answer.

A probe that finds no room is not made this time: queueing without bound would pile up until nothing works.
Targets whose last run was not answered share half of the room, so that hanging ones never take the place of
healthy ones, neither in all nor at one target.
"""

from collections import Counter
from dataclasses import dataclass, field

IN_FLIGHT = 512
PER_TARGET = 64


@dataclass(slots=True)
class Gate:
    """Counts probes in flight. A target is a name such as `host:port`."""

    in_flight: int = IN_FLIGHT
    per_target: int = PER_TARGET
    _all: int = 0
    _suspect: int = 0
    _targets: Counter[str] = field(default_factory=Counter)
    _suspects: Counter[str] = field(default_factory=Counter)

    def enter(self, target: str, *, suspect: bool) -> bool:
        """Take a place, or return False when there is none; each place taken must be given back."""
        if self._all >= self.in_flight or self._targets[target] >= self.per_target:
            return False
        if suspect:
            if self._suspect >= self.in_flight // 2 or self._suspects[target] >= self.per_target // 2:
                return False
            self._suspect += 1
            self._suspects[target] += 1
        self._all += 1
        self._targets[target] += 1
        return True

    def leave(self, target: str, *, suspect: bool) -> None:
        """Give the place back that `enter` gave with the same words."""
        self._all -= 1
        _count_down(self._targets, target)
        if suspect:
            self._suspect -= 1
            _count_down(self._suspects, target)


def _count_down(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
