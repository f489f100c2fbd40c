"""Probe of rates: a price for every night that can be booked, and none that cannot be meant.

A statement of one's own gives one row with the columns `nights` (rates from today on), `missing_soon`
(nights without one within 30 days), `missing_later` (beyond them), `impossible` (NULL, zero or negative),
`jumps` (more than ten times, or less than a tenth of, the night before; all counts), `first_gap`,
`first_impossible`, `first_jump` (date, room type and plan as a text, or NULL) and `updated` (seconds since
the newest change, or NULL).
"""

from typing import Annotated

from pydantic import Field

from checks.check import CheckType
from checks.context import Context
from checks.result import Reason, Result, State, ok
from checks.tables import question
from checks.tables.availability import HORIZON, LONGEST, SOON
from checks.tables.question import Row, ago, asking, known, said, verdict
from checks.values import Count

IMPOSSIBLE = "impossible_rates"

STATEMENT = """
WITH today AS (
    SELECT (now() AT TIME ZONE $1)::date AS today
), ahead AS (
    SELECT room_type, rate_plan, date, rate_amount, updated_at, today,
           lag(date) OVER nights AS before, lead(date, 1, today + $2::int) OVER nights AS next,
           lag(rate_amount) OVER nights AS rate_before
    FROM rates, today
    WHERE date >= today AND date < today + $2::int
    WINDOW nights AS (PARTITION BY room_type, rate_plan ORDER BY date)
), told AS (
    SELECT room_type, rate_plan, date, updated_at, today, before, next,
           rate_amount IS NULL OR rate_amount <= 0 AS impossible,
           before = date - 1 AND rate_amount > 0 AND rate_before > 0
               AND (rate_amount > 10 * rate_before OR rate_before > 10 * rate_amount) AS jump
    FROM ahead
), gaps AS (
    SELECT room_type, rate_plan, date + 1 AS first, next AS until, today FROM told WHERE next > date + 1
    UNION ALL
    SELECT room_type, rate_plan, today, date, today FROM told WHERE before IS NULL AND date > today
)
SELECT count(*) AS nights,
       count(*) FILTER (WHERE impossible) AS impossible,
       count(*) FILTER (WHERE jump) AS jumps,
       extract(epoch FROM now() - max(updated_at)) AS updated,
       (SELECT coalesce(sum(greatest(0, least(until, today + 30) - first)), 0) FROM gaps) AS missing_soon,
       (SELECT coalesce(sum(greatest(0, until - greatest(first, today + 30))), 0) FROM gaps) AS missing_later,
       (SELECT min(first || ' ' || left(room_type, 30) || ' ' || left(rate_plan, 30)) FROM gaps) AS first_gap,
       min(date || ' ' || left(room_type, 30) || ' ' || left(rate_plan, 30))
           FILTER (WHERE impossible) AS first_impossible,
       min(date || ' ' || left(room_type, 30) || ' ' || left(rate_plan, 30)) FILTER (WHERE jump) AS first_jump
FROM told
"""


class Options(question.Options):
    """The statement, and how many days ahead must have a rate."""

    horizon: Annotated[Count, Field(le=LONGEST)] = HORIZON


def judge(options: Options, row: Row, context: Context) -> Result:
    """Say which rates cannot be meant, and which nights have none."""
    nights, impossible, jumps = row.count("nights"), row.count("impossible"), row.count("jumps")
    soon, later = row.count("missing_soon"), row.count("missing_later")
    firsts = {name: row.text_or_none(f"first_{name}") for name in ("gap", "impossible", "jump")}
    numbers = known(
        **{IMPOSSIBLE: float(impossible)},
        nights=float(nights),
        missing_soon=float(soon),
        missing_later=float(later),
        jumps=float(jumps),
        updated_timestamp_seconds=ago(context, row.age("updated")),
    )
    if impossible:
        without = f"{said(impossible, 'rate')} without an amount above zero{_first(firsts['impossible'])}"
        return verdict(State.CRITICAL, Reason.CONTENT, without, numbers)
    if not nights:
        nothing = f"there is no rate from today on, expected {options.horizon} days of them"
        return verdict(State.CRITICAL, Reason.MISSING, nothing, numbers)
    near = f", {soon:,} of them within {SOON} days" if soon else ""
    gaps = f"{said(soon + later, 'night')} of the next {options.horizon} days without a rate{near}"
    told = [gaps + _first(firsts["gap"])] if soon or later else []
    if jumps:
        odd = f"{said(jumps, 'rate')} more than ten times, or less than a tenth of, the night before's"
        told.append(odd + _first(firsts["jump"]))
    if soon:
        return verdict(State.CRITICAL, Reason.MISSING, "; ".join(told), numbers)
    if told:
        return verdict(State.WARNING, Reason.MISMATCH, "; ".join(told), numbers)
    return ok(f"every night of the next {options.horizon} days has a rate", numbers)


def _first(name: str | None) -> str:
    return f", the first {name}" if name else ""


CHECK = CheckType("rates", Options, IMPOSSIBLE, asking(judge), question.target)
