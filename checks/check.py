"""A configured check: what to look at, how often, and how many looks make a verdict."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from checks.context import Context
from checks.result import RESPONSE_TIME, CheckId, Reason, Result, State
from checks.values import Options

Probe = Callable[[Any, Context], Awaitable[Result]]

NETWORK = frozenset(
    {"http", "health", "ota_auth", "cache", "channels", "webhook", "tcp", "tls", "smtp", "control"}
)
"""Types that go to the integration itself over the network: error rates are taken over their runs."""


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
    heard: Callable[[Any], float] = lambda _options: 0.0
    """Seconds before a run in which others had to reach the porter, where the check is about that."""


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
        past = self._past(result, name, value)
        return past if past is not None else self._within(result, name, value)

    def _past(self, result: Result, name: str, value: float) -> Result | None:
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
        return None

    def _within(self, result: Result, name: str, value: float) -> Result:
        """Return an ok result with the limit that its value is nearest to."""
        limits = (self.warning_above, self.critical_above, self.warning_below, self.critical_below)
        known = [limit for limit in limits if limit is not None]
        if result.state is not State.OK or not known:
            return result
        nearest = min(known, key=lambda limit: abs(limit - value))
        return replace(result, observed=value, limit=nearest, unit=_unit(name))


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
        unit=_unit(name),
    )


def _unit(name: str) -> str:
    return "ms" if name == RESPONSE_TIME else ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at on an interval. Times are seconds; `response_limit` is for the mean of `window`.

    `error_limit`, a share, is for the integration's runs of `rate_window`, from `min_samples` of them on;
    None where the check's runs are no part of them.
    """

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
    error_limit: float | None = None
    rate_window: float = 1800.0
    min_samples: int = 20
