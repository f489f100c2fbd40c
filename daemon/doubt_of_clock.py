"""Whether the wall clock is believed: not for some time after it was set."""

from daemon.clock import Clock


class DoubtOfClock:
    """Notices when the wall clock jumps by more than `jump` seconds, and doubts it for `lasts` seconds."""

    def __init__(self, clock: Clock, jump: float, lasts: float) -> None:
        self._clock = clock
        self._jump = jump
        self._lasts = lasts
        self._apart = self._offset()
        self._until = float("-inf")

    def jumped(self) -> float:
        """Return by how many seconds it has jumped since it was last asked; 0 where it has not."""
        before, self._apart = self._apart, self._offset()
        by = self._apart - before
        if abs(by) <= self._jump:
            return 0.0
        self._until = self._clock.monotonic() + self._lasts
        return by

    @property
    def holds(self) -> bool:
        """Whether it is doubted now."""
        return self._clock.monotonic() < self._until

    def _offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
