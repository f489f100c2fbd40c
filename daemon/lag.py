"""How late the event loop is: a ticker that notes every pause, so that a run can be asked what it lost."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from daemon.clock import Clock

PERIOD = 0.1
"""Seconds between two ticks."""

NOTED = 0.05
"""Seconds below which a pause is nobody's business."""

MOST = 4096
"""Pauses that are remembered."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which nothing ran, by the monotonic clock; `lost` is longer where the host slept in it."""

    began: float
    ended: float
    lost: float

    def since(self, moment: float) -> float:
        """Return how much of it was lost after a moment."""
        return max(0.0, self.lost - max(0.0, moment - self.began)) if self.ended > moment else 0.0


class LagMeter:
    """Measures pauses of the event loop, of the process and of the host.

    `on_lag` is told of every tick's lag; `asleep` says how many seconds the host has slept so far, which the
    monotonic clock does not count.
    """

    def __init__(self, clock: Clock, on_lag: Callable[[float], None], asleep: Callable[[], float]) -> None:
        self._clock = clock
        self._on_lag = on_lag
        self._asleep = asleep
        self._pauses: deque[Pause] = deque(maxlen=MOST)
        self._due = float("inf")
        self._slept = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to tick; must be called where the event loop runs."""
        self._slept = self._asleep()
        self._wait()

    def stop(self) -> None:
        """Tick no more."""
        if self._timer is not None:
            self._timer.cancel()
        self._due = float("inf")

    def late_since(self, moment: float, at_least: float = 0.0) -> float:
        """Return the seconds lost since a monotonic moment in pauses of `at_least` seconds each.

        A pause that is not over yet counts: whoever asks may have come before the ticker.
        """
        late = 0.0
        for pause in (self._current(), *reversed(self._pauses)):
            if pause.ended <= moment:
                break
            lost = pause.since(moment)
            late += lost if lost >= at_least else 0.0
        return late

    def _current(self) -> Pause:
        now = self._clock.monotonic()
        overdue = max(0.0, now - self._due)
        slept = self._asleep() - self._slept
        # The difference of two clocks trembles.
        return Pause(now - overdue, now, overdue + slept if slept >= NOTED else overdue)

    def _wait(self) -> None:
        self._due = self._clock.monotonic() + PERIOD
        self._timer = asyncio.get_running_loop().call_later(PERIOD, self._tick)

    def _tick(self) -> None:
        pause = self._current()
        self._slept = self._asleep()
        if pause.lost >= NOTED:
            self._pauses.append(pause)
        self._wait()
        self._on_lag(pause.lost)
