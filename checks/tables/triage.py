"""What did not get into the PMS, by arrival: a second question, asked only while there is anything.

It costs no verdict: where it cannot be answered in what is left of the run's time, there is no list. A
statement of one's own gives one row of counts, and no list either.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from time import monotonic

from checks.context import Context
from checks.database import DatabaseError
from checks.findings import COUNTED, MOST_STUCK, Arrivals, Findings, Gap, Stuck, Trouble
from checks.result import Result
from checks.tables import question
from checks.tables.question import Row, UnreadableError, ask

LEAST_TIME = 0.5
"""Seconds that must be left for it to be asked at all."""
MOST_TIME = 3.0
"""Seconds that it may take: the alert waits for it, and is worth more than the list."""
SHARE = 0.8
"""Share of a run's time that both questions may take."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,19}")
_WORDS = re.compile(
    "an?|and|code|for|guest|has|id|is|it|mapping|missing|no|none|not|null|of|room|the|this|type|undefined"
    "|unknown|was|with",
    re.IGNORECASE,
)
"""What stands in the place of a code and is none."""


class Options(question.Options):
    """A statement of counts, and the one that lists what it counts: none beside a statement of one's own."""

    listing: str = ""
    zone: str = ""


async def listed(
    options: Options, context: Context, began: float, result: Result, *, changes: bool
) -> Result:
    """Return a verdict with the list of what it counts; `began` is when the run did (monotonic)."""
    left = min(MOST_TIME, SHARE * context.timeout - (monotonic() - began))
    if not options.listing or left < LEAST_TIME:
        return result
    asked = options.model_copy(update={"query": options.listing, "values": (options.zone,)})
    try:
        return replace(result, findings=read(await ask(asked, context, left), now(context), changes=changes))
    except (DatabaseError, UnreadableError):
        return result


def now(context: Context) -> float:
    """Return the Unix time by our own clock."""
    return context.tools.now().timestamp()


def read(rows: Iterable[Row], at: float, *, changes: bool) -> Findings:
    """Return what the rows of a listing say."""
    stuck, days, gaps, in_all = [], dict[date | None, int](), dict[str, Gap](), 0
    for row in rows:
        one = _stuck(row, at, change=changes)
        stuck.append(one)
        in_all = row.count("in_all")
        days[one.arrives] = row.count("of_day")
        if one.code:
            gaps[one.code] = Gap(one.code, row.count("of_code"), row.flag("pms"), row.flag("off"))
    return Findings(
        stuck=tuple(stuck[:MOST_STUCK]),
        stuck_in_all=min(in_all, COUNTED),
        arrivals=tuple(Arrivals(day, count) for day, count in days.items()),
        gaps=tuple(sorted(gaps.values(), key=lambda gap: (-gap.frees, gap.code))),
    )


def _stuck(row: Row, at: float, *, change: bool) -> Stuck:
    said = row.text("trouble")
    trouble = Trouble(said) if said in set(Trouble) else Trouble.OTHER
    return Stuck(
        id=row.text_or_none("id") or "",
        trouble=trouble,
        since=at - (row.age("age") or 0.0),
        arrives=day(row.text_or_none("arrives")),
        code=code(row.text_or_none("code")) if trouble is Trouble.ROOM_NOT_MAPPED else "",
        change=change,
    )


def day(text: str | None) -> date | None:
    """Return a day, or None for what is none that a calendar knows."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def code(text: str | None) -> str:
    """Return what can only be the code of a room type; an empty text for anything else."""
    found = (text or "").rstrip(".-")
    return found if _CODE.fullmatch(found) and not _WORDS.fullmatch(found) else ""
