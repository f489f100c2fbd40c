"""Probe of a job that pings us: that it has done so in time, and did not say that it failed.

The endpoint remembers each ping under `at` (Unix time), `status` and `message`. This probe adds when it
last looked, so that it can tell how long the porter was away and could not have heard a ping.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import Field

from checks import values
from checks.check import CheckType
from checks.context import Context
from checks.log import span
from checks.result import Reason, Result, State, failed, ok
from checks.values import Duration

AGE = "age_seconds"
AT, STATUS, MESSAGE = "at", "status", "message"
OK, FAILED = "ok", "failed"
_LOOKED, _AWAY, _SINCE = "looked", "away", "since"
_NOTED_EVERY = 60.0
"""Seconds between two notes that we are there; a tenth of the time a ping may take where that is less."""


class Options(values.Options):
    """How often (seconds) the job pings, and how long a ping may be late: half of that unless told."""

    interval: Duration = Field(60.0, description="how often the job pings")
    grace: Duration | None = Field(
        None, description="how late a ping may be; half of the interval unless told"
    )

    @property
    def allowed(self) -> float:
        """Seconds that may pass after a ping."""
        return self.interval + self.lateness

    @property
    def lateness(self) -> float:
        """Seconds that a ping may be late."""
        return self.interval / 2 if self.grace is None else self.grace


def ping(at: datetime, status: str, message: str) -> Mapping[str, Any]:
    """Return what is to be remembered of a ping."""
    return {AT: at.timestamp(), STATUS: status, MESSAGE: message}


async def probe(options: Options, context: Context) -> Result:
    """Hold the last ping against what is expected."""
    now, started = context.tools.now().timestamp(), context.tools.started.timestamp()
    if started > now:
        # The clock was set back: we were there all along, since whenever.
        started = 0.0
    if not _number(context.memory.value.get(AT)):
        return _never(options, context, now, started)
    known = _noted(context.memory.value, now, started, min(_NOTED_EVERY, options.allowed / 10))
    context.memory.keep(known)
    age = max(0.0, now - known[AT])
    numbers = {AGE: round(age, 1)}
    if age > options.allowed:
        return _late(options, age, known, numbers)
    if known.get(STATUS) == FAILED:
        words = str(known.get(MESSAGE) or "without saying why")
        return replace(
            failed(Reason.CONTENT, f"the job says that it failed: {words}", numbers), decisive=True
        )
    return ok(f"the last ping came {span(age)} ago", numbers)


def _noted(value: Mapping[str, Any], now: float, started: float, every: float) -> dict[str, Any]:
    """Return what is remembered, with that we are there; a clock that was set back makes nothing newer."""
    known = dict(value)
    known[AT] = min(known[AT], now)
    looked = _number(known.get(_LOOKED)) or known[AT]
    known[_AWAY] = _number(known.get(_AWAY)) or 0.0
    if looked < started:
        known[_AWAY] += max(0.0, min(started, now) - max(looked, known[AT]))
    if looked < started or not looked <= now < looked + every:
        known[_LOOKED] = now
    return known


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _never(options: Options, context: Context, now: float, started: float) -> Result:
    since = _number(context.memory.value.get(_SINCE))
    if since is None or since > now:
        # A check that has come with a reload cannot have been pinged before that.
        since = started if now - started <= 2 * context.interval else now
        context.memory.keep({_SINCE: since})
    if now - max(since, started) > options.allowed:
        message = f"has never been pinged; a ping is expected every {span(options.interval)}"
        return replace(failed(Reason.MISSING, message), decisive=True)
    # Not `query`: nothing keeps us from looking, and nobody need be told.
    return Result(State.UNKNOWN, Reason.MISSING, "no ping is known of yet")


def _late(options: Options, age: float, known: Mapping[str, Any], numbers: Mapping[str, float]) -> Result:
    if age - known[_AWAY] <= options.allowed:
        return _excused(age, known, numbers)
    expected = f"one is expected every {span(options.interval)}, {span(options.lateness)} late at the most"
    late = failed(Reason.STALE, f"the last ping came {span(age)} ago; {expected}", numbers)
    return replace(late, decisive=True, observed=round(age, 1), limit=options.allowed, unit="s")


def _excused(age: float, known: Mapping[str, Any], numbers: Mapping[str, float]) -> Result:
    away = "Night Porter was away and may have missed one"
    if known.get(STATUS) == FAILED:
        message = f"the last ping came {span(age)} ago and told of a failure; {away}"
        return Result(State.UNKNOWN, Reason.STALE, message, numbers)
    # Not `unknown`: that would leave standing what was wrong before this ping, which is over.
    return ok(f"the last ping came {span(age)} ago; {away}", numbers)


CHECK = CheckType(
    "heartbeat", Options, AGE, probe, at_most=30.0, heard=lambda options: float(options.allowed)
)
