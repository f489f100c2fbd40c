"""Whether the porter itself has too much to do: it is late for long, lacks room, or knows nothing more."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from checks.result import CheckId, Reason, Result, State, ok
from daemon.clock import Clock
from daemon.metrics import Metrics

LATE = 1.0
"""Seconds that the event loop, or the beginning of a run, may be late without harm."""

RARE = 0.05
"""The share of ticks and runs that may be later than that."""

SPAN = 60.0
"""Seconds that are looked at: late in half of them, the porter is overloaded; late in none, it is not."""

SEVERAL = 3
"""Stretches that must have been late: one long pause of the process or its host is no overload."""

NO_ROOM = 0.1
"""The share of due runs that may be left out for want of room, in each of two spans; half of it is calm."""

BLIND = 3
"""Runs in a row of a check that are void, by which nobody knows any more how it is."""


@dataclass(slots=True)
class Stretch:
    """Some seconds of the porter's work: ticks of the event loop, runs begun, and how many of them were late.

    `began` and `ended` are monotonic; `left_out` counts runs for which there was no room, `latest` are the
    seconds that something was late by at the most.
    """

    began: float
    ended: float = 0.0
    ticks: int = 0
    late_ticks: int = 0
    runs: int = 0
    late_runs: int = 0
    left_out: int = 0
    latest: float = 0.0

    @property
    def late(self) -> bool:
        """Whether more than a few ticks or runs were late."""
        return self.late_ticks > RARE * self.ticks or self.late_runs > RARE * self.runs


def overload(stretches: Sequence[Stretch], blind: Sequence[CheckId], *, held: bool) -> str:
    """Say in what way the porter is overloaded; nothing when it is not.

    `stretches` are in order, and `blind` are checks whose results are void again and again. `held` says that
    it was overloaded: then it is so until it has been calm for a while.
    """
    now = stretches[-1].ended
    older, recent = _between(stretches, now - 2 * SPAN, now - SPAN), _between(stretches, now - SPAN, now)
    found = _lateness(recent, held=held) or _want_of_room(older, recent, held=held) or _blindness(blind)
    unseen = held and now - stretches[0].began < SPAN
    return found or ("it had so before it was started anew" if unseen else "")


def _between(stretches: Sequence[Stretch], start: float, end: float) -> list[Stretch]:
    return [one for one in stretches if start < one.ended <= end]


def _lateness(recent: Sequence[Stretch], *, held: bool) -> str:
    late = [one for one in recent if one.late]
    lasted = sum(one.ended - one.began for one in late)
    if not late or not (held or (len(late) >= SEVERAL and lasted >= SPAN / 2)):
        return ""
    latest = max(one.latest for one in late)
    return f"it came up to {latest:.1f} s late to what was due, again and again in the last {SPAN:.0f} s"


def _want_of_room(older: Sequence[Stretch], recent: Sequence[Stretch], *, held: bool) -> str:
    shares = [_left_out(older), _left_out(recent)]
    past = [share > (NO_ROOM / 2 if held else NO_ROOM) for share in shares]
    if not (any(past) if held else all(past)):
        return ""
    return f"{100 * max(shares):.0f} % of the looks that were due were left out for want of room"


def _left_out(stretches: Sequence[Stretch]) -> float:
    runs = sum(one.runs for one in stretches)
    return sum(one.left_out for one in stretches) / runs if runs else 0.0


def _blindness(blind: Sequence[CheckId]) -> str:
    if not blind:
        return ""
    more = f" and {len(blind) - 1} more" if len(blind) > 1 else ""
    return f"it was too late to judge {blind[0]}{more}, {BLIND} times in a row and more"


def verdict(found: str) -> Result:
    """Return what the porter shows of itself: a warning while it is overloaded."""
    if not found:
        return ok("checks run on time")
    said = f"the porter itself has too much to do: {found}"
    return Result(State.WARNING, Reason.INTERNAL, said)


class Strain:
    """Counts how late the porter is, for its metrics and for `overload`."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock
        self._past: deque[Stretch] = deque()
        self._now = Stretch(clock.monotonic())

    def ticked(self, late: float) -> None:
        """Note by how many seconds the event loop was late."""
        self._metrics.lagged(late)
        self._now.ticks += 1
        self._now.late_ticks += late > LATE
        self._now.latest = max(self._now.latest, late)

    def started(self, late: float) -> None:
        """Note by how many seconds a run was started late."""
        self._metrics.late(late)
        self._now.runs += 1
        self._now.late_runs += late > LATE
        self._now.latest = max(self._now.latest, late)

    def left_out(self) -> None:
        """Note that there was no room for a run."""
        self._metrics.skipped()
        self._now.left_out += 1

    def stretches(self) -> Sequence[Stretch]:
        """Close the present stretch, and return those of two spans."""
        now = self._now.ended = self._clock.monotonic()
        self._past.append(self._now)
        self._now = Stretch(now)
        while self._past[0].ended <= now - 2 * SPAN:
            self._past.popleft()
        return tuple(self._past)
