"""Probe of the mail quota over a rolling 24 hours: what is left, when it will be used up, and free again.

It asks the statement of `delivery`; one of your own gives the same columns, of which this check reads
`messages`, `recipients`, `hour`, `leaving` and `free_in`, and for a forecast of each hour `frees`,
`frees_recipients` and `hour_recipients`, as far as they are there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from checks.check import CheckType
from checks.context import Context
from checks.findings import Budget, Findings
from checks.result import Quota, Reason, Result, Sign, State, ok
from checks.tables import question
from checks.tables.question import Row, UnreadableError, asking, moment, verdict, within

REMAINING = "remaining"
DAY, HOUR = 86_400.0, 3600.0
HOURS = 24
GOOGLE_RECIPIENTS = 10_000
"""Recipients that Google allows an account in 24 hours."""


class Options(question.Options):
    """The statement, how much is allowed in 24 hours, when to warn, and in which time zone to speak."""

    messages: int
    recipients: int | None = None
    warn_remaining: int
    timezone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of one allowance is used up."""

    name: str
    used: int
    limit: int

    @property
    def left(self) -> int:
        """How much remains."""
        return max(0, self.limit - self.used)


def judge(options: Options, row: Row, context: Context) -> Result:
    """Hold what is left against what to warn at."""
    now = context.tools.now().timestamp()
    messages = Allowance("messages", row.count("messages"), options.messages)
    budgets = tuple(_budgets(options, row))
    pace = row.count("hour") - row.count("leaving")
    exhausted, free = _ends(budgets, "messages", now), row.number_or_none("free_in")
    if not budgets:
        exhausted = _exhausted(messages, pace, now)
    quotas = {"messages": Quota(float(messages.used), float(messages.limit), exhausted)}
    scarcest = messages
    if options.recipients is not None:
        recipients = Allowance("recipients", row.count("recipients"), options.recipients)
        quotas["recipients"] = Quota(
            float(recipients.used), float(recipients.limit), _ends(budgets, "recipients", now)
        )
        scarcest = min(messages, recipients, key=lambda one: one.left)
    numbers = {"used": float(messages.used), REMAINING: float(messages.left)}
    told = f"{scarcest.used:,} of {scarcest.limit:,} {scarcest.name} used within 24 h, {scarcest.left:,} left"
    if scarcest is messages:
        told += _outlook(options, exhausted, None if free is None else now + max(0.0, free), now)
    result = _judged(options, scarcest, told, numbers)
    return replace(result, quotas=quotas, findings=Findings(budgets=budgets))


def _ends(budgets: tuple[Budget, ...], name: str, now: float) -> float | None:
    """Return the Unix time at which nothing will be left of an allowance, as far as that is foreseen."""
    hours = next((one.ends_in() for one in budgets if one.name == name), None)
    return None if hours is None else now + hours * HOUR


def _budgets(options: Options, row: Row) -> Iterator[Budget]:
    """Yield each allowance with its pace and what comes back, as far as the statement gives that."""
    if not row.has("frees"):
        return
    pace, frees = row.count("hour"), _hours(row, "frees")
    yield Budget("messages", row.count("messages"), options.messages, pace, frees)
    if options.recipients is None or not (row.has("hour_recipients") and row.has("frees_recipients")):
        return
    pace, frees = row.count("hour_recipients"), _hours(row, "frees_recipients")
    yield Budget("recipients", row.count("recipients"), options.recipients, pace, frees)


def _hours(row: Row, name: str) -> tuple[int, ...]:
    found = row.counts(name)
    if len(found) != HOURS:
        raise UnreadableError(f"column {name} has {len(found)} hours, expected {HOURS}")
    return found


def _judged(options: Options, scarcest: Allowance, told: str, numbers: dict[str, float]) -> Result:
    past = (float(scarcest.left), float(options.warn_remaining), scarcest.name)
    if scarcest.left == 0:
        signs = (Sign.QUOTA_USED_UP,)
        return verdict(State.CRITICAL, Reason.THRESHOLD, told, numbers, past=past, signs=signs)
    if scarcest.left < options.warn_remaining:
        told += f"; at least {options.warn_remaining:,} are expected"
        return verdict(State.WARNING, Reason.THRESHOLD, told, numbers, past=past)
    return within(ok(told, numbers), past)


def _exhausted(messages: Allowance, pace: int, now: float) -> float | None:
    """Return when nothing will be left, of hours nobody knows: `pace` is what one adds, less what it gives
    back."""
    if messages.left == 0:
        return now
    if pace <= 0 or messages.left / pace * HOUR > DAY:
        return None
    return now + messages.left / pace * HOUR


def _outlook(options: Options, exhausted: float | None, free: float | None, now: float) -> str:
    if free is not None:
        return f"; the first is free again at {_clock(options, free)}"
    return "" if exhausted is None or exhausted <= now else f"; used up at {_clock(options, exhausted)}"


def _clock(options: Options, timestamp: float) -> str:
    return f"{moment(timestamp).astimezone(options.timezone):%H:%M}"


CHECK = CheckType("quota", Options, REMAINING, asking(judge), question.target)
