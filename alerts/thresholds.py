"""Results over time -> how a check stands: consecutive runs, the mean response time of its window, the error
rate of its integration, and how often it changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import flapping
from alerts.incident import Breach
from alerts.passing import SIGNS
from alerts.rates import CALM, Tally
from alerts.standing import Standing
from checks.result import NO_SIGNS, RESPONSE_TIME, CheckId, Reason, Result, Sign, State
from checks.revision import revised

AT_ONCE = frozenset({Reason.CREDENTIALS, Reason.TLS, Reason.SECURITY})
"""Reasons that are no matter of chance: the first run decides."""

NUMBERS = frozenset({Reason.THRESHOLD, Reason.STALE})
"""Reasons of runs where a number was past its limit."""

BLIND = frozenset({Reason.PERMISSION, Reason.QUERY})
"""Reasons for which nobody can look, and somebody has to be told."""

UNKNOWN_MEAN = 3
"""Good runs without a mean that leave a slow check slow."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How many runs decide, and what numbers over many of them are held against.

    `response_limit` is for the mean response time, in seconds; `error_limit` for the error rate, a share,
    from `min_samples` runs of `rate_window` seconds on; after `window` seconds without a change a check is
    stable.
    """

    failures: int
    successes: int
    response_limit: float
    error_limit: float = 0.05
    min_samples: int = 20
    window: float = 300.0
    rate_window: float = 1800.0


def judge(
    before: Standing | None,
    check: CheckId,
    result: Result,
    *,
    mean: float | None,
    rules: Rules,
    now: datetime,
    rate: Tally | None = None,
) -> tuple[Standing, Result]:
    """Return how the check stands after a run, and the run's verdict.

    `mean` is the mean response time in seconds, None while there are too few answers; past its limit it
    makes a run that was ok a warning. `rate` are the network runs of the integration, None where they are
    not this check's to answer for; past the limit they make a run that was ok critical. `unknown` neither
    raises nor clears, but that a check which cannot look at all is a breach after `failures` such runs.
    """
    if before is None:
        before = Standing(check, State.UNKNOWN, None, "", since=now, last_run=now)
    if result.state is State.UNKNOWN:
        return _after_unknown(before, result, rules, now), result
    if result.state is not State.OK:
        return _after_failure(_noted(before, now, bad=True), result, rules, now), result
    if _too_few(before, mean, rate, rules):
        # After a restart there are too few answers yet to say that it is over.
        return revised(before, last_run=now, last_ok=now, ok_runs=before.ok_runs + 1), result
    verdict = _with_rate(result, rate, rules, before) or _with_mean(result, mean, rules, slow=before.slow)
    if verdict is None:
        return _after_ok(before, result, rules, now), result
    erring = verdict.state is State.CRITICAL
    return _after_number(_noted(before, now, bad=True), verdict, rules, now, erring=erring), verdict


def _too_few(before: Standing, mean: float | None, rate: Tally | None, rules: Rules) -> bool:
    if before.slow:
        return mean is None and before.ok_runs < UNKNOWN_MEAN
    return before.erring and rate is not None and rate.runs < rules.min_samples and not rate.full


def _with_rate(result: Result, rate: Tally | None, rules: Rules, before: Standing) -> Result | None:
    """Return the result as critical when too many runs of the integration fail."""
    if rate is None or not rate.is_past(rules.error_limit, rules.min_samples, held=before.erring):
        return None
    observed, limit = 100 * rate.share, 100 * rules.error_limit
    return revised(
        result,
        state=State.CRITICAL,
        reason=Reason.THRESHOLD,
        message=f"{rate.failed} of {rate.runs} looks within {rules.rate_window / 60:.3g} min failed "
        f"({observed:.3g} %, at most {limit:g} % are expected)",
        decisive=True,
        observed=round(observed, 2),
        limit=limit,
        unit="%",
    )


def _with_mean(result: Result, mean: float | None, rules: Rules, *, slow: bool) -> Result | None:
    """Return the result as a warning when the mean is past its limit (as it was, when `slow`)."""
    if mean is None or mean <= (rules.response_limit * CALM if slow else rules.response_limit):
        return None
    observed, allowed = mean * 1000, rules.response_limit * 1000
    return revised(
        result,
        state=State.WARNING,
        reason=Reason.THRESHOLD,
        message=f"answers take {observed:.0f} ms on average, the limit is {allowed:.0f} ms",
        decisive=True,
        observed=round(observed, 1),
        limit=allowed,
        unit="ms",
    )


def _noted(before: Standing, now: datetime, *, bad: bool) -> Standing:
    """Return the standing with one more run in its history."""
    history, changed_at = flapping.lengthened(before.history, before.changed_at, now, bad=bad)
    return revised(before, history=history, changed_at=changed_at)


def _after_unknown(before: Standing, verdict: Result, rules: Rules, now: datetime) -> Standing:
    # What is wrong with a database that is down is the business of the check that looks at it.
    blind = verdict.reason in BLIND and Sign.DATABASE_DOWN not in verdict.signs
    counted = revised(before, last_run=now, blind_runs=before.blind_runs + blind)
    if before.breached and not (before.blind and blind):
        return counted
    if blind and counted.blind_runs >= rules.failures:
        bad_since = counted.bad_since or _decided(counted, verdict, now).since
        return _breached(revised(counted, bad_since=bad_since), verdict, now)
    return _decided(counted, verdict, now)


def _after_ok(before: Standing, result: Result, rules: Rules, now: datetime) -> Standing:
    if not before.breached:
        past = flapping.lengthened(before.history, before.changed_at, now, bad=False)
        return _well(before, result, now, past)
    noted = _noted(before, now, bad=False)
    stable = _is_stable(noted, rules, now)
    hovers = not stable and before.reason in NUMBERS and _is_near(result)
    ok_runs = 0 if hovers else before.ok_runs + 1
    counted = revised(
        noted, last_run=now, last_ok=now, ok_runs=ok_runs, bad_runs=0, blind_runs=0, worse_runs=0
    )
    if ok_runs < rules.successes or (before.flapping and not stable):
        return counted
    return _well(counted, result, now, (counted.history, counted.changed_at))


def _well(before: Standing, result: Result, now: datetime, past: flapping.Past) -> Standing:
    """Return the standing of a check that is ok."""
    news = (before.state, before.reason) != (State.OK, None)
    return revised(
        before,
        state=State.OK,
        reason=None,
        message=result.message,
        signs=NO_SIGNS,
        since=now if news else before.since,
        last_run=now,
        last_ok=now,
        ok_runs=before.ok_runs if before.breached else before.ok_runs + 1,
        bad_runs=0,
        blind_runs=0,
        bad_since=None,
        breached=False,
        breached_at=None,
        slow=False,
        erring=False,
        flapping=False,
        # What has calmed down is not judged by how it was, nor is what was told of as an outage.
        history=_left(before, past[0]),
        changed_at=past[1],
        observed=None,
        limit=None,
        unit="",
    )


def _left(before: Standing, history: int) -> int:
    """Return what of a history counts once the check is ok."""
    if before.flapping:
        return flapping.NO_RUNS
    return flapping.noted(flapping.NO_RUNS, bad=False) if before.breached else history


def _is_stable(standing: Standing, rules: Rules, now: datetime) -> bool:
    """Say whether the check has not changed for a window."""
    changed = standing.changed_at
    return changed is None or now - changed >= timedelta(seconds=rules.window)


def _is_near(result: Result) -> bool:
    """Say whether a number is on the good side of its limit, and hardly so."""
    if result.observed is None or result.limit is None:
        return False
    return abs(result.observed - result.limit) < (1 - CALM) * abs(result.limit)


def _after_failure(before: Standing, verdict: Result, rules: Rules, now: datetime) -> Standing:
    bad_since = before.bad_since or now
    counted = revised(
        before, last_run=now, ok_runs=0, bad_runs=before.bad_runs + 1, blind_runs=0, bad_since=bad_since
    )
    enough = counted.bad_runs >= rules.failures or verdict.decisive or verdict.reason in AT_ONCE
    if _may_be_lost(before, verdict) and before.worse_runs + 1 < rules.failures:
        return revised(counted, worse_runs=before.worse_runs + 1)
    counted = revised(counted, worse_runs=0)
    if before.down or enough:
        held = before.flapping and not _is_stable(counted, rules, now)
        if before.down and verdict.reason not in NUMBERS and not verdict.signs & SIGNS:
            # It is never well for long enough to be over, and never ill for long.
            held = held or flapping.alternates(before.history)
        return _breached(revised(counted, slow=False, erring=False, flapping=held), verdict, now)
    # An error rate says the same, and says it better.
    if not before.erring and flapping.alternates(before.history):
        return _breached(revised(counted, slow=False, flapping=True), verdict, now)
    return counted


def _may_be_lost(before: Standing, verdict: Result) -> bool:
    """Say whether a run that is worse than the warning it should confirm may be a lost probe."""
    worse = before.down and before.state is State.WARNING and verdict.state is State.CRITICAL
    chance = not (verdict.decisive or verdict.reason in AT_ONCE)
    return worse and chance and RESPONSE_TIME not in verdict.measurements


def _after_number(
    before: Standing, verdict: Result, rules: Rules, now: datetime, *, erring: bool
) -> Standing:
    """Return the standing after a run that was ok, while a number over many of them is past its limit."""
    good = before.ok_runs + 1 if before.down else 0
    counted = revised(before, last_run=now, ok_runs=good, bad_runs=0, blind_runs=0)
    if before.down and good < rules.successes:
        return counted
    bad_since = before.bad_since if before.breached and before.bad_since else now
    held = before.flapping and not _is_stable(counted, rules, now)
    numbered = revised(counted, ok_runs=0, bad_since=bad_since, slow=not erring, erring=erring, flapping=held)
    return _breached(numbered, verdict, now)


def _breached(before: Standing, verdict: Result, now: datetime) -> Standing:
    """Return the standing with a breach, opened now unless there was one."""
    decided = _decided(before, verdict, now)
    if before.breached:
        return decided
    openings = flapping.reopened(before.openings, now)
    again = flapping.comes_back(openings, now) and not verdict.signs & SIGNS
    return revised(
        decided, breached=True, breached_at=now, openings=openings, flapping=before.flapping or again
    )


def _decided(standing: Standing, result: Result, now: datetime) -> Standing:
    changed = (standing.state, standing.reason) != (result.state, result.reason)
    return revised(
        standing,
        state=result.state,
        reason=result.reason,
        message=result.message,
        signs=result.signs,
        observed=result.observed,
        limit=result.limit,
        unit=result.unit,
        since=now if changed else standing.since,
    )


def breach(standing: Standing, result: Result | None) -> Breach | None:
    """Return the breach a standing amounts to, with the last result's numbers where they belong to it.

    That nobody can look is a warning.
    """
    if not standing.breached or standing.reason is None:
        return None
    shown = result if result is not None and result.reason is standing.reason else standing
    comes_and_goes = flapping.shown(
        standing.history, failing_since=standing.bad_since, last_ok=standing.last_ok
    )
    return Breach(
        check=standing.check,
        state=State.WARNING if standing.blind else standing.state,
        reason=standing.reason,
        message=standing.message,
        since=standing.bad_since or standing.since,
        last_ok=standing.last_ok,
        observed=shown.observed,
        limit=shown.limit,
        unit=shown.unit,
        signs=standing.signs,
        flapping=standing.flapping and comes_and_goes,
    )
