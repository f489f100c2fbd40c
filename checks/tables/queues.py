"""Probes of the two queues in the PMS: how much waits, for how long, what is stuck, and what failed.

A statement of one's own gives one row with the columns `pending` (may be capped at one more than the
limit), `processing`, `stuck`, `failed` (in 24 hours), `failed_hour`, `done_hour`, `unsettled` (failures of
the six days before that may still be needed), `arrived`, `drained` (in 5 minutes; all counts),
`oldest_pending`, `newest_processed` (seconds of age, or NULL), `error` (the class of the newest failure, or
NULL) and `statuses` (some, if none is known, or NULL). There is no triage list then.
"""

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic
from typing import Annotated, Literal

from pydantic import Field

from checks.check import CheckType
from checks.context import Context
from checks.log import span
from checks.result import (
    LAST,
    QUEUE_FAILED,
    QUEUE_OLDEST,
    QUEUE_PENDING,
    QUEUE_PROCESSING,
    SYNC_DELAY,
    Reason,
    Result,
    Sign,
    State,
    ok,
)
from checks.tables import question, triage
from checks.tables.question import Row, UnreadableError, ago, asking, known, said, strange, verdict, within
from checks.values import Count

CAP = 1001
MANY_FAILED = 20
RATE_MINUTES = 5
"""Minutes over which arrivals and departures are counted."""
MOVING = "moving"
SHORTLY = 10.0
"""Seconds for which a row that was done shows that more are, however short ago the last look was."""
NOT_FOUND = "original not found"


class Options(triage.Options):
    """What waits at the most, and for how many seconds; and whether a failed row is a loss by itself.

    Failed updates of the channel manager are counted only, unless nothing but failures comes out: the next
    update of the same night repairs them, and the log check judges their share. A failed modification is a
    guest whose wish is not in the PMS.
    """

    of: Literal["updates", "modifications"]
    limit: Annotated[Count, Field(le=1_000_000)]
    delay: float
    failing: bool = False


async def probe(options: Options, context: Context) -> Result:
    """Judge the queue, and list the changes that failed."""
    began = monotonic()
    result = await _counted(options, context)
    if not result.signs & {Sign.ORIGINAL_MISSING, Sign.CHANGES_REJECTED}:
        return result
    return await triage.listed(options, context, began, result, changes=True)


def judge(options: Options, row: Row, context: Context) -> Result:
    """Hold what waits, how long, what is stuck and what failed against the limits."""
    statuses = row.text_or_none("statuses")
    if statuses:
        raise UnreadableError(strange(statuses, "pending, processing, done or processed, and failed"))
    oldest = row.age("oldest_pending")
    moving = _is_moving(row, context)
    numbers = {**_numbers(options, row, context, oldest), MOVING: float(moving)}
    result = _held(options, row, numbers)
    return replace(result, signs=result.signs | {Sign.QUEUE_MOVING}) if moving else result


def _held(options: Options, row: Row, numbers: dict[str, float]) -> Result:
    pending, oldest, stuck = row.count("pending"), row.age("oldest_pending"), row.count("stuck")
    signs = frozenset(_signs(options, row))
    waiting = _waiting(options, pending, oldest)
    pace = (f"; {stuck:,} stuck in work" if stuck else "") + _pace(options, pending, numbers)
    if pending > options.limit:
        past = (float(pending), float(options.limit), str(options.of))
        told = f"{waiting}; at most {options.limit:,} are expected{pace}"
        return verdict(State.CRITICAL, Reason.THRESHOLD, told, numbers, past=past, signs=signs)
    if oldest is not None and oldest > options.delay:
        past = (oldest, options.delay, "s")
        told = f"{waiting}; at most {span(options.delay)} is expected{pace}"
        return verdict(State.CRITICAL, Reason.STALE, told, numbers, past=past, signs=signs)
    if stuck:
        told = (
            f"{said(stuck, options.of[:-1])} stuck: in work for longer than {span(options.delay)}; {waiting}"
        )
        return verdict(State.CRITICAL, Reason.STALE, told, numbers, signs=signs)
    return _failures(options, row, waiting, numbers)


def _signs(options: Options, row: Row) -> Iterator[Sign]:
    """Yield what is wrong with what waits and what failed, each for itself."""
    oldest = row.age("oldest_pending")
    if row.count("pending") > options.limit:
        yield Sign.QUEUE_LONG
    if oldest is not None and oldest > options.delay:
        yield Sign.QUEUE_OLD
    if row.count("stuck"):
        yield Sign.QUEUE_STUCK
    failures = row.count("failed") or row.count("unsettled")
    if options.failing and failures:
        yield Sign.QUEUE_FAILED
        yield Sign.ORIGINAL_MISSING if row.text_or_none("error") == NOT_FOUND else Sign.CHANGES_REJECTED
    elif row.count("failed_hour") >= MANY_FAILED and not row.count("done_hour"):
        yield Sign.QUEUE_FAILED


def _is_moving(row: Row, context: Context) -> bool:
    """Say whether rows were done since the last look, or fewer wait; and remember this look."""
    now, pending, done = context.tools.now().timestamp(), row.count("pending"), row.age("newest_processed")
    before, looked = context.memory.value.get("pending"), context.memory.value.get("looked")
    since = now - looked if isinstance(looked, int | float) else context.interval
    context.memory.keep({"pending": pending, "looked": now})
    if done is not None and done <= max(since, SHORTLY):
        return True
    only_failing = row.count("failed_hour") and not row.count("done_hour")
    return isinstance(before, int) and pending < before and not only_failing


def _failures(options: Options, row: Row, waiting: str, numbers: dict[str, float]) -> Result:
    """Say what failed, as far as nothing will repair it."""
    one, rejected, unsettled = options.of[:-1], row.count("failed"), row.count("unsettled")
    signs = frozenset(_signs(options, row))
    failures = f"{said(rejected, one)} failed in the last 24 h" if rejected else ""
    if rejected and options.failing:
        told = f"{failures}, the newest: {row.text_or_none('error') or 'no reason given'}"
        return verdict(State.CRITICAL, Reason.CONTENT, told, numbers, signs=signs)
    if unsettled and options.failing:
        told = (
            f"no failure in 24 h, but {said(unsettled, f'older failed {one}', CAP)} of stays that may be to "
            "come: settle them by hand, then mark them processed"
        )
        return verdict(State.WARNING, Reason.CONTENT, told, numbers, signs=signs)
    hour = row.count("failed_hour")
    if hour >= MANY_FAILED and not row.count("done_hour"):
        told = f"{said(hour, one)} failed within the hour, and none was done; {waiting}"
        return verdict(State.WARNING, Reason.CONTENT, told, numbers, signs=signs)
    held = [(float(row.count("pending")), float(options.limit), str(options.of))]
    oldest = row.age("oldest_pending")
    held += [] if oldest is None else [(oldest, options.delay, "s")]
    return within(ok(f"{waiting}; {failures}" if failures else waiting, numbers), *held)


def _numbers(options: Options, row: Row, context: Context, oldest: float | None) -> dict[str, float]:
    pending = row.count("pending")
    arrivals, drained = row.count("arrived") / RATE_MINUTES, row.count("drained") / RATE_MINUTES
    net = (drained - arrivals) / 60
    drain = 0.0 if pending == 0 else pending / net if net > 0 else None
    if _capped(options, pending):
        drain = None
    return known(
        **{
            QUEUE_PENDING: float(pending),
            QUEUE_PROCESSING: float(row.count("processing")),
            QUEUE_FAILED: float(row.count("failed")),
            QUEUE_OLDEST: ago(context, oldest),
            SYNC_DELAY: oldest or 0.0,
            LAST: ago(context, row.age("newest_processed")),
        },
        processing_stuck=float(row.count("stuck")),
        unsettled=float(row.count("unsettled")),
        arrivals_per_minute=arrivals,
        drained_per_minute=drained,
        drain_seconds=drain,
    )


def _waiting(options: Options, pending: int, oldest: float | None) -> str:
    if not pending:
        return f"no {options.of} wait"
    words = said(pending, options.of[:-1], options.limit + 1)
    age = "" if oldest is None else f", the oldest for {span(oldest)}"
    return f"{words} {'waits' if pending == 1 else 'wait'}{age}"


def _capped(options: Options, pending: int) -> bool:
    """Say whether more may wait than was counted."""
    return pending == options.limit + 1


def _pace(options: Options, pending: int, numbers: dict[str, float]) -> str:
    arrivals, drained = numbers["arrivals_per_minute"], numbers["drained_per_minute"]
    drain = numbers.get("drain_seconds")
    end = f"drained in {span(drain)}" if drain is not None else "no end in sight"
    if _capped(options, pending) and drained > arrivals:
        end = f"drained in at least {span(60 * pending / (drained - arrivals))}"
    return f" (in {RATE_MINUTES} min {arrivals:g} a minute arrived, {drained:g} were done: {end})"


_counted = asking(judge)

CHECK = CheckType("queue", Options, QUEUE_PENDING, probe, question.target)
