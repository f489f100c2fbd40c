"""What befalls the processes of a siege: drawn from a seed, one blow after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random

from tests.support.torture_daemon import Doom, Point

AT_START = {Point.RESUMING, Point.RESUMED}
START_TAKES = 2.0
"""Seconds from a process's start within which a kill falls into the opening of the state, or close to it."""


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL, so many seconds after the start."""

    after: float


@dataclass(frozen=True, slots=True)
class Freeze:
    """SIGSTOP so many seconds after the process is ready, and SIGCONT so many later: a zombie comes back."""

    after: float
    lasts: float


@dataclass(frozen=True, slots=True)
class Restart:
    """The state's server ends and begins again, so many seconds after a process was started."""

    after: float


Blow = Doom | Kill | Freeze | Restart


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard it is, over a house of this size. Times are seconds.

    It goes on until incidents have opened so many times, `openings`, at least. Half of the `kills` are at
    exact `points`, at each of them once at least. Vendors fail and heal at a multiple of their usual `pace`,
    and so many `runs` in a row decide about them.
    """

    seed: int
    kills: int = 48
    points: Sequence[Point] = tuple(Point)
    openings: int = 200
    freezes: int = 0
    restarts: int = 0
    hotels: int = 24
    integrations: int = 4
    gone: Sequence[int] = (2, 5, 11)
    patience: float = 90.0
    longest_life: float = 5.0
    longest_freeze: float = 15.0
    most_passes: int = 8
    pace: float = 1.0
    runs: int = 2

    def blows(self) -> Iterator[Blow]:
        """Return all that befalls the processes, in a random order."""
        random = Random(self.seed)  # noqa: S311 - no secret, but the same each time
        exact = list(islice(cycle(self.points), max(len(self.points), self.kills // 2) if self.kills else 0))
        blows: list[Blow] = [
            Doom(point, 1 if point in AT_START else random.randint(1, self.most_passes)) for point in exact
        ]
        blows += [
            Kill(random.uniform(0.0, START_TAKES if number % 4 == 0 else self.longest_life))
            for number in range(self.kills - len(exact))
        ]
        blows += [
            Freeze(random.uniform(0.0, self.longest_life), random.uniform(1.0, self.longest_freeze))
            for _ in range(self.freezes)
        ]
        blows += [Restart(random.uniform(0.0, self.longest_life)) for _ in range(self.restarts)]
        random.shuffle(blows)
        return iter(blows)
