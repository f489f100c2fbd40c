"""Results over time -> how a check stands: consecutive runs, and the mean response time of its window."""

from dataclasses import dataclass, replace
from datetime import datetime

from alerts.incident import Breach
from alerts.standing import Standing
from checks.result import CheckId, Reason, Result, State

AT_ONCE = frozenset({Reason.CREDENTIALS, Reason.TLS, Reason.SECURITY})
"""Reasons that are no matter of chance: the first run decides."""

UNKNOWN_MEAN = 3
"""Good runs without a mean that leave a slow check slow."""

CALM = 0.95
"""A mean response time past its limit is no longer so at this share of it, lest it flap around the limit."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How many runs decide, and the limit on the mean response time, in seconds."""

    failures: int
    successes: int
    response_limit: float


def judge(
    before: Standing | None,
    check: CheckId,
    result: Result,
    *,
    mean: float | None,
    rules: Rules,
    now: datetime,
) -> tuple[Standing, Result]:
    """Return how the check stands after a run, and the run's verdict.

    `mean` is the mean response time in seconds, None while there are too few answers; past its limit it
    makes a run that was ok a warning. `unknown` neither raises nor clears: it shows only while nothing is
    decided.
    """
    if before is None:
        before = Standing(check, State.UNKNOWN, None, "", since=now, last_run=now)
    if before.slow and mean is None and result.state is State.OK and before.ok_runs < UNKNOWN_MEAN:
        # After a restart there are too few answers yet to say that it is slow no longer.
        return replace(before, last_run=now, last_ok=now, ok_runs=before.ok_runs + 1), result
    verdict = _with_mean(result, mean, rules, slow=before.slow)
    if verdict.state is State.UNKNOWN:
        after = replace(before, last_run=now)
        return (after if before.breached else _decided(after, verdict, now)), verdict
    if verdict.state is State.OK:
        return _after_ok(before, verdict, rules, now), verdict
    counted = _after_failure(before, verdict, rules, now)
    return replace(counted, slow=verdict is not result), verdict


def _with_mean(result: Result, mean: float | None, rules: Rules, *, slow: bool) -> Result:
    """Return the result, a warning when it is ok but the mean is past its limit (as it was, when `slow`)."""
    limit = rules.response_limit * CALM if slow else rules.response_limit
    if result.state is not State.OK or mean is None or mean <= limit:
        return result
    observed, allowed = mean * 1000, rules.response_limit * 1000
    return replace(
        result,
        state=State.WARNING,
        reason=Reason.THRESHOLD,
        message=f"answers take {observed:.0f} ms on average, the limit is {allowed:.0f} ms",
        decisive=True,
        observed=round(observed, 1),
        limit=allowed,
        unit="ms",
    )


def _after_ok(before: Standing, verdict: Result, rules: Rules, now: datetime) -> Standing:
    counted = replace(before, last_run=now, last_ok=now, ok_runs=before.ok_runs + 1, bad_runs=0, slow=False)
    if before.breached and counted.ok_runs < rules.successes:
        return counted
    cleared = replace(counted, bad_since=None, breached=False, breached_at=None)
    return _decided(cleared, verdict, now)


def _after_failure(before: Standing, verdict: Result, rules: Rules, now: datetime) -> Standing:
    bad_since = before.bad_since or now
    counted = replace(before, last_run=now, ok_runs=0, bad_runs=before.bad_runs + 1, bad_since=bad_since)
    enough = counted.bad_runs >= rules.failures or verdict.decisive or verdict.reason in AT_ONCE
    if not (before.breached or enough):
        return counted
    breached = replace(counted, breached=True, breached_at=before.breached_at or now)
    return _decided(breached, verdict, now)


def _decided(standing: Standing, result: Result, now: datetime) -> Standing:
    changed = (standing.state, standing.reason) != (result.state, result.reason)
    since = now if changed else standing.since
    return replace(standing, state=result.state, reason=result.reason, message=result.message, since=since)


def breach(standing: Standing, result: Result | None) -> Breach | None:
    """Return the breach a standing amounts to, with the last result's numbers where they belong to it."""
    if not standing.breached or standing.reason is None:
        return None
    fits = result is not None and result.reason is standing.reason
    return Breach(
        check=standing.check,
        state=standing.state,
        reason=standing.reason,
        message=standing.message,
        since=standing.bad_since or standing.since,
        last_ok=standing.last_ok,
        observed=result.observed if result and fits else None,
        limit=result.limit if result and fits else None,
        unit=result.unit if result and fits else "",
    )
