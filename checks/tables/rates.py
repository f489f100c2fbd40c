"""Probe of rates: each room type can be sold on every night, and no price is one that cannot be meant.

A statement of one's own gives one row with the columns `nights` (rates from today on), `missing_soon` (nights
on which a room type has no rate of any plan, within 30 days), `missing_later` (beyond them), `plan_gaps`
(nights that a plan skips between others), `unpriced` (mapped plans without a rate to come), `impossible`
(NULL, zero or negative), `jumps` (more than ten times, or less than a tenth of, the night before), `apart`
(nights on which plans of one room type are that far apart), `shifted` (plans of a room type that are that far
from their last 60 days; all counts), `first_gap`, `first_plan_gap`, `first_impossible`, `first_jump`,
`first_apart`, `first_shifted`, `unpriced_plans`, `opening` (the date of the first rate of all, where nothing
can be sold before it; texts or NULL) and `updated` (seconds since the newest change, or NULL).
"""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from checks.check import CheckType
from checks.context import Context
from checks.result import Reason, Result, State, ok
from checks.tables import question
from checks.tables.availability import HORIZON, LONGEST, SOON, closed
from checks.tables.question import Row, ago, asking, known, said, verdict
from checks.values import Count

IMPOSSIBLE = "impossible_rates"
FAR = "more than ten times, or less than a tenth of,"


class Options(question.Options):
    """The statement, and how many days ahead must have a rate."""

    horizon: Annotated[Count, Field(le=LONGEST)] = HORIZON


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer says: how many there are of a thing, and which is the first."""

    counts: dict[str, int]
    firsts: dict[str, str | None] = field(default_factory=dict)

    def told(self, name: str, words: str, what: str = "rate", many: str = "") -> list[str]:
        """Return a sentence on a thing if there is any."""
        count, first = self.counts[name], self.firsts.get(name)
        which = f", the first {first}" if first else ""
        return [f"{said(count, what, many=many)} {words}{which}"] if count else []


def judge(options: Options, row: Row, context: Context) -> Result:
    """Say which rates cannot be meant, and which nights have none."""
    found, nights = _found(row), row.count("nights")
    opening = row.text_or_none("opening")
    numbers = _numbers(row, found, context)
    amounts = found.told("impossible", "without an amount above zero")
    if amounts:
        return verdict(State.CRITICAL, Reason.CONTENT, amounts[0], numbers)
    if not nights:
        nothing = f"there is no rate from today on, expected {options.horizon} days of them"
        return verdict(State.CRITICAL, Reason.MISSING, nothing, numbers)
    told = _gaps(options, found) + _doubts(found)
    if found.counts["missing_soon"]:
        return verdict(State.CRITICAL, Reason.MISSING, "; ".join(told), numbers)
    told += [closed("rate", opening)] if opening else []
    if told:
        return verdict(State.WARNING, Reason.MISMATCH, "; ".join(told), numbers)
    return ok(f"every room type has a rate on every night of the next {options.horizon} days", numbers)


def _found(row: Row) -> Found:
    counted = ("missing_soon", "missing_later", "plan_gaps", "unpriced", "impossible", "jumps", "apart")
    firsts = {
        "plan_gaps": "first_plan_gap",
        "impossible": "first_impossible",
        "jumps": "first_jump",
        "apart": "first_apart",
        "shifted": "first_shifted",
        "gap": "first_gap",
        "unpriced": "unpriced_plans",
    }
    return Found(
        {name: row.count(name) for name in (*counted, "shifted")},
        {name: row.text_or_none(column) for name, column in firsts.items()},
    )


def _numbers(row: Row, found: Found, context: Context) -> dict[str, float]:
    counts = {name: float(count) for name, count in found.counts.items() if name != "impossible"}
    return {
        IMPOSSIBLE: float(found.counts["impossible"]),
        "nights": float(row.count("nights")),
        **counts,
        **known(updated_timestamp_seconds=ago(context, row.age("updated"))),
    }


def _gaps(options: Options, found: Found) -> list[str]:
    soon, later, first = found.counts["missing_soon"], found.counts["missing_later"], found.firsts["gap"]
    if not soon + later:
        return []
    near = f", {soon:,} of them within {SOON} days" if soon else ""
    which = f", the first {first}" if first else ""
    nights = said(soon + later, "room-night")
    return [f"{nights} of the next {options.horizon} days without a rate of any plan{near}{which}"]


def _doubts(found: Found) -> list[str]:
    """Say what may be meant, and seldom is."""
    plans, names = found.counts["unpriced"], found.firsts["unpriced"]
    skipped = found.told("plan_gaps", "without a rate of a plan that has them before and after", "room-night")
    told = [] if found.counts["missing_soon"] + found.counts["missing_later"] else skipped
    if plans:
        told.append(
            f"{said(plans, 'mapped plan')} without any rate to come" + (f": {names}" if names else "")
        )
    before = f"{FAR} what it was in the last 60 days"
    told += found.told("shifted", before, "rate plan of a room type", "rate plans of room types")
    jumps = found.told("jumps", f"{FAR} the night before's")
    # A night that jumps is apart from other plans as well: one of the two says it.
    return told + (jumps or found.told("apart", f"with plans {FAR} one another", "room-night"))


CHECK = CheckType("rates", Options, IMPOSSIBLE, asking(judge), question.target)
