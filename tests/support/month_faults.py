"""Faults of the simulated hotel, injected into a month: what looks see of them while they last.

What the real probes saw was recorded in one look. Where the real thing takes time, or comes and goes, it
does so here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from checks.check import Check
from checks.result import QUEUE_PENDING, RESPONSE_TIME, Reason, Result, Sign, State
from daemon.demo.faults import FAULTS
from tests.support.month_noise import Noise, slower
from tests.support.month_recording import Recorded

PILING_UP = timedelta(minutes=12)
"""How long updates take to pile up behind a vendor that has become slow."""

EVENTS = frozenset({"card-number-in-log", "login-attack", "dns-record-changed"})
TOLD_OF = timedelta(hours=24)
"""How long the checks tell of an event that leaves no state."""

BAD, GOOD = timedelta(seconds=75), timedelta(seconds=105)
"""How long something that flaps is down, and up."""

LOST = frozenset({Reason.TIMEOUT, Reason.CONNECT})
SLOWLY = (1100.0, 1500.0)

Course = Callable[["Injected", str, Result, datetime], Result | None]


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that lasts for a while. `seen` is what was recorded of it, by check."""

    name: str
    begins: datetime
    ends: datetime
    seen: Mapping[str, Recorded]
    random: Random
    _results: dict[str, Result] = field(default_factory=dict)

    @property
    def cause(self) -> str:
        """The diagnosis that fits."""
        return FAULTS[self.name].cause

    @property
    def leaves_no_state(self) -> bool:
        """Whether it is an event: told of until a person resolves it."""
        return self.cause in EVENTS

    @property
    def over(self) -> datetime:
        """When checks no longer tell of it."""
        return self.begins + TOLD_OF if self.leaves_no_state else self.ends

    def see(self, check: str, now: datetime) -> Result | None:
        """Return what a check sees of it now, or None when it sees nothing of it."""
        if check not in self.seen or not self.begins <= now < self.over:
            return None
        if check not in self._results:
            self._results[check] = self.seen[check].at(self.begins)
        course = COURSES.get(self.name, _slowly)
        return course(self, check, self._results[check], now)


def _slowly(one: Injected, _check: str, result: Result, _now: datetime) -> Result | None:
    """What is answered late is answered more or less late."""
    if result.state is State.OK and RESPONSE_TIME in result.measurements:
        return slower(result, one.random.uniform(*SLOWLY))
    return result


def _worked_off(_one: Injected, _check: str, result: Result, _now: datetime) -> Result | None:
    """What has come in such numbers is worked off all the time, whether or not that one look saw it."""
    return replace(result, signs=result.signs | {Sign.QUEUE_MOVING})


def _piling_up(one: Injected, check: str, result: Result, now: datetime) -> Result | None:
    """A vendor becomes slow first, and then updates for it pile up."""
    if QUEUE_PENDING in result.measurements:
        return _worked_off(one, check, result, now) if now - one.begins >= PILING_UP else None
    return _slowly(one, check, result, now)


def _coming_and_going(one: Injected, _check: str, result: Result, now: datetime) -> Result | None:
    gone = (now - one.begins) % (BAD + GOOD)
    return result if gone < BAD else None


COURSES: Mapping[str, Course] = {
    "network-latency": _piling_up,
    "high-update-volume": _worked_off,
    "flapping": _coming_and_going,
}


class House:
    """The hotel as looks see it: its noise, and its faults. A lost probe sees nothing of a fault."""

    def __init__(self, noise: Noise, faults: Iterable[Injected] = ()) -> None:
        self.noise = noise
        self.faults = sorted(faults, key=lambda one: one.begins)

    def see(self, check: Check, now: datetime) -> Result:
        """Return what a check sees now."""
        name = f"{check.id.integration}/{check.id.check}"
        usual = self.noise.see(name, now)
        if usual.reason in LOST:
            return usual
        for fault in self.faults:
            found = fault.see(name, now)
            if found is not None:
                return replace(found, duration=usual.duration)
        return usual
