"""A configured check: what to look at, how often, and how many looks make a verdict."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from checks.context import Context
from checks.result import RESPONSE_TIME, CheckId, Reason, Result, State
from checks.values import Options

Probe = Callable[[Any, Context], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class CheckType:
    """A way of looking: `measurement` names its main value."""

    name: str
    options: type[Options]
    measurement: str
    probe: Probe
    target: Callable[[Any], str] = lambda _options: ""
    """Names whom a run burdens, such as `host:port`: what per-vendor limits count by."""
    at_most: float | None = None
    """Seconds between two runs at the most, where the interval says something else than how often to look."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on a check's main measurement, in the measurement's unit."""

    warning_above: float | None = None
    critical_above: float | None = None
    warning_below: float | None = None
    critical_below: float | None = None

    def judge(self, result: Result, name: str) -> Result:
        """Return the result, worse when its measurement `name` is past a limit that says so."""
        value = result.measurements.get(name)
        if value is None or result.state not in {State.OK, State.WARNING}:
            return result
        for state, above, below in (
            (State.CRITICAL, self.critical_above, self.critical_below),
            (State.WARNING, self.warning_above, self.warning_below),
        ):
            if state is result.state:
                break
            if above is not None and value > above:
                return _past(result, state, name, value, above)
            if below is not None and value < below:
                return _past(result, state, name, value, below)
        return result


def _past(result: Result, state: State, name: str, value: float, limit: float) -> Result:
    side = "above" if value > limit else "below"
    return replace(
        result,
        state=state,
        reason=Reason.THRESHOLD,
        message=f"{name} is {value:g}, {side} the limit of {limit:g}",
        decisive=name != RESPONSE_TIME,
        observed=value,
        limit=limit,
        unit="ms" if name == RESPONSE_TIME else "",
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at on an interval. Times are seconds; `response_limit` is for the mean of `window`."""

    id: CheckId
    kind: str
    type: CheckType
    options: Options
    interval: float
    timeout: float
    failures: int = 3
    successes: int = 2
    limits: Limits = Limits()
    response_limit: float = 1.0
    window: float = 300.0
