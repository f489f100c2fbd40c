"""Probes of the two queues in the PMS: how much waits, for how long, what is stuck, and what failed.

A statement of one's own gives one row with the columns `pending` (may be capped at one more than the
limit), `processing`, `stuck`, `failed`, `arrived`, `drained` (counts), `oldest_pending`, `newest_processed`
(seconds of age, or NULL) and `error` (the class of the newest failure, or NULL).
"""

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
    State,
    ok,
)
from checks.tables import question
from checks.tables.question import Row, ago, asking, known, said, verdict
from checks.values import Count

RATE_MINUTES = 5
"""Minutes over which arrivals and departures are counted."""

_STATEMENT = """
SELECT waiting.*, recent.processing, recent.stuck, recent.failed, recent.arrived, recent.drained,
       {error} AS error,
       extract(epoch FROM now() - coalesce(
           recent.processed, (SELECT max(processed_at) FROM {table} WHERE status = '{done}')
       )) AS newest_processed
FROM (
    SELECT (SELECT count(*) FROM (SELECT FROM {table} WHERE status = 'pending' LIMIT $1) AS few) AS pending,
           (SELECT extract(epoch FROM now() - min(created_at)) FROM {table} WHERE status = 'pending')
               AS oldest_pending
) AS waiting, (
    SELECT count(*) FILTER (WHERE status = 'processing') AS processing,
           count(*) FILTER (WHERE status = 'processing'
               AND {started} < now() - make_interval(secs => $2)) AS stuck,
           count(*) FILTER (WHERE status = 'failed'
               AND coalesce(processed_at, created_at) > now() - interval '24 hours') AS failed,
           count(*) FILTER (WHERE created_at > now() - interval '5 minutes') AS arrived,
           count(*) FILTER (WHERE processed_at > now() - interval '5 minutes') AS drained,
           max(processed_at) FILTER (WHERE status = '{done}') AS processed
    FROM {table}
    WHERE status = 'processing'
       OR created_at > now() - interval '5 minutes'
       OR processed_at > now() - interval '24 hours'
       OR (status <> 'pending' AND created_at > now() - interval '24 hours')
) AS recent
"""

_NEWEST_FAILURE = """(
    SELECT CASE WHEN error IS NULL THEN 'no reason given'
                WHEN error ~* 'not found|unknown reservation|no such reservation' THEN 'original not found'
                WHEN error ~* 'availab|inventory|overbook|sold out' THEN 'inventory conflict'
                WHEN error ~* 'valid|missing|malformed|required' THEN 'validation'
                ELSE 'processing error' END
    FROM ota_modification_queue
    WHERE status = 'failed' AND coalesce(processed_at, created_at) > now() - interval '24 hours'
    ORDER BY coalesce(processed_at, created_at) DESC
    LIMIT 1
)"""
"""Its class only: what a failure says may name a guest."""

CHANNEL_MANAGER = _STATEMENT.format(
    table="channel_manager_queue", done="done", started="coalesce(started_at, created_at)", error="NULL::text"
)
MODIFICATIONS = _STATEMENT.format(
    table="ota_modification_queue", done="processed", started="created_at", error=_NEWEST_FAILURE
)


class Options(question.Options):
    """What waits at the most, and for how many seconds; and whether a failed row is a loss by itself.

    Failed updates of the channel manager are counted only: the next update of the same night repairs them,
    and the log check judges their share. A failed modification is a guest whose wish is not in the PMS.
    """

    of: Literal["updates", "modifications"]
    limit: Annotated[Count, Field(le=1_000_000)]
    delay: float
    failing: bool = False


def judge(options: Options, row: Row, context: Context) -> Result:
    """Hold what waits, how long, what is stuck and what failed against the limits."""
    oldest = row.age("oldest_pending")
    pending, stuck, rejected = row.count("pending"), row.count("stuck"), row.count("failed")
    numbers = _numbers(row, context, pending, oldest)
    waiting = _waiting(options, pending, oldest)
    pace = _pace(numbers)
    if pending > options.limit:
        past = (float(pending), float(options.limit), str(options.of))
        told = f"{waiting}; at most {options.limit:,} are expected{pace}"
        return verdict(State.CRITICAL, Reason.THRESHOLD, told, numbers, past=past)
    if oldest is not None and oldest > options.delay:
        past = (oldest, options.delay, "s")
        told = f"{waiting}; at most {span(options.delay)} is expected{pace}"
        return verdict(State.CRITICAL, Reason.STALE, told, numbers, past=past)
    if stuck:
        told = (
            f"{said(stuck, options.of[:-1])} stuck: in work for longer than {span(options.delay)}; {waiting}"
        )
        return verdict(State.CRITICAL, Reason.STALE, told, numbers)
    failures = f"{said(rejected, options.of[:-1])} failed in the last 24 h" if rejected else ""
    if rejected and options.failing:
        told = f"{failures}, the newest: {row.text_or_none('error') or 'no reason given'}"
        return verdict(State.CRITICAL, Reason.CONTENT, told, numbers)
    return ok(f"{waiting}; {failures}" if failures else waiting, numbers)


def _numbers(row: Row, context: Context, pending: int, oldest: float | None) -> dict[str, float]:
    arrivals, drained = row.count("arrived") / RATE_MINUTES, row.count("drained") / RATE_MINUTES
    net = (drained - arrivals) / 60
    drain = 0.0 if pending == 0 else pending / net if net > 0 else None
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


def _pace(numbers: dict[str, float]) -> str:
    arrivals, drained = numbers["arrivals_per_minute"], numbers["drained_per_minute"]
    drain = numbers.get("drain_seconds")
    end = f"drained in {span(drain)}" if drain is not None else "no end in sight"
    return f" ({arrivals:g} a minute arrive, {drained:g} are done: {end})"


CHECK = CheckType("queue", Options, QUEUE_PENDING, asking(judge), question.target)
