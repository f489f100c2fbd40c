"""What the checks on the PMS's tables share: asking one statement, and reading its rows without guessing."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Any

from pydantic import Field

from checks import values
from checks.check import Probe
from checks.context import Context
from checks.database import DatabaseError
from checks.findings import Findings, set_up
from checks.result import NOTHING, Reason, Result, Sign, State, failed
from checks.values import Secret

MOST_ROWS = 1000
FRESH = 30.0
"""Seconds an answer is shared for at the most."""
TEXT = 200
AHEAD = 3700.0
"""Seconds that a time of the past may lie in the future: by clocks that differ, and where times are kept
without a zone, by the hour that summer time repeats."""


class Options(values.Options):
    """The statement and the values of its `$1`, `$2`, …, which a statement of one's own does not have."""

    query: Annotated[str, Field(min_length=1, max_length=10_000)]
    dsn: Secret | None = None
    values: tuple[str | int | float | None, ...] = ()


class UnreadableError(Exception):
    """The answer is not of the shape that was asked for."""


class Row:
    """One row of an answer, read by column; whatever is not as expected raises UnreadableError."""

    __slots__ = ("_columns",)

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = columns

    def number(self, name: str) -> float:
        """Return a finite number."""
        return _number(name, self._of(name))

    def count(self, name: str) -> int:
        """Return a whole number that is not negative."""
        value = self.number(name)
        if value < 0 or value != int(value):
            raise UnreadableError(f"column {name} is {value:g}, expected a count")
        return int(value)

    def number_or_none(self, name: str) -> float | None:
        """Return a finite number, or None for NULL."""
        value = self._of(name)
        return None if value is None else _number(name, value)

    def age(self, name: str) -> float | None:
        """Return the seconds something is old, or None for NULL; a clock may differ a little."""
        age = self.number_or_none(name)
        if age is not None and age < -AHEAD:
            raise UnreadableError(
                f"column {name} lies {-age:.0f} s in the future: if times are kept without a time zone, "
                "add the hotel's to the DSN: ?timezone=Area/City"
            )
        return None if age is None else max(0.0, age)

    def text(self, name: str) -> str:
        """Return a text, cut to a bearable length."""
        value = self.text_or_none(name)
        if value is None:
            raise UnreadableError(f"column {name} is NULL, expected a text")
        return value

    def text_or_none(self, name: str) -> str | None:
        """Return a text, cut to a bearable length, or None for NULL."""
        value = self._of(name)
        if value is not None and not isinstance(value, str):
            raise UnreadableError(f"column {name} is {type(value).__name__}, expected a text")
        return None if value is None else value[:TEXT]

    def flag(self, name: str) -> bool:
        """Return a truth."""
        value = self._of(name)
        if not isinstance(value, bool):
            raise UnreadableError(f"column {name} is {type(value).__name__}, expected true or false")
        return value

    def has(self, name: str) -> bool:
        """Say whether there is such a column: a statement of one's own need not give all."""
        return name in self._columns

    def counts(self, name: str) -> tuple[int, ...]:
        """Return an array of whole numbers that are not negative."""
        return tuple(Row({name: one}).count(name) for one in self._array(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an array of texts, each cut to a bearable length."""
        return tuple(Row({name: one}).text(name) for one in self._array(name))

    def _array(self, name: str) -> list[Any]:
        value = self._of(name)
        if not isinstance(value, list) or len(value) > MOST_ROWS:
            raise UnreadableError(f"column {name} is {type(value).__name__}, expected a short array")
        return value

    def _of(self, name: str) -> Any:
        if name not in self._columns:
            raise UnreadableError(f"the query gives no column {name}")
        return self._columns[name]


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        kind = "NULL" if value is None else type(value).__name__
        raise UnreadableError(f"column {name} is {kind}, expected a number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise UnreadableError(f"column {name} is {found:g}, expected a finite number")
    return found


Judge = Callable[[Any, Row, Context], Result]
JudgeAll = Callable[[Any, list[Row], Context], Result]


def target(options: Options) -> str:
    """Return whom a run burdens: the database, by its DSN, which is never shown."""
    return options.dsn.get_secret_value() if options.dsn else ""


async def ask(
    options: Options, context: Context, within: float | None = None, fresh: float | None = None
) -> list[Row]:
    """Return the rows of the answer, shared with whoever asks the same; raise DatabaseError.

    `within` is how many seconds it may take, where that is not nearly all of the run's, `fresh` for how many
    it is shared, where that is not half of the interval and FRESH at the most.
    """
    if options.dsn is None:
        raise UnreadableError("no database is configured: add pms.dsn")
    rows = await context.tools.databases.fetch(
        options.dsn.get_secret_value(),
        options.query,
        *options.values,
        within=0.9 * context.timeout if within is None else within,
        limit=MOST_ROWS + 1,
        fresh=min(context.interval / 2, FRESH) if fresh is None else fresh,
    )
    if len(rows) > MOST_ROWS:
        raise UnreadableError(f"the query gave more than {MOST_ROWS} rows")
    return [Row(dict(row)) for row in rows]


def asking_rows(judge: JudgeAll) -> Probe:
    """Return a probe that asks its statement and judges the rows."""

    async def probe(options: Options, context: Context) -> Result:
        try:
            return judge(options, await ask(options, context), context)
        except DatabaseError as error:
            return unanswered(error)
        except UnreadableError as error:
            return failed(Reason.QUERY, str(error))

    return probe


def asking(judge: Judge) -> Probe:
    """Return a probe that asks its statement and judges the one row it gives."""

    def judge_one(options: Options, rows: list[Row], context: Context) -> Result:
        return judge(options, only(rows), context)

    return asking_rows(judge_one)


def only(rows: list[Row]) -> Row:
    """Return the one row of an answer."""
    if len(rows) != 1:
        raise UnreadableError(f"the query gave {'no row' if not rows else f'{len(rows)} rows'}, expected one")
    return rows[0]


def strange(statuses: str | None, expected: str) -> str:
    """Return the words for rows of which none has a status that the check knows."""
    shown = f" ({statuses})" if statuses else ""
    return f"no row has a status we know{shown}, expected {expected}: give the check a `query:` of its own"


def unanswered(error: DatabaseError) -> Result:
    """Return what a check saw that could not ask, and the way out where the schema is another."""
    result = error.result
    if str(error).startswith("there is no such"):
        result = replace(
            result, message=f"{result.message}; a schema that differs needs a `query:` of its own"
        )
    return result


def verdict(
    state: State,
    reason: Reason,
    message: str,
    measurements: Mapping[str, float] = NOTHING,
    *,
    past: tuple[float, float, str] | None = None,
    signs: Iterable[Sign] = (),
) -> Result:
    """Return a verdict that one run decides; `past` is what was observed, its limit, and their unit."""
    result = Result(state, reason, message, measurements, decisive=True, signs=frozenset(signs))
    if past is not None:
        observed, limit, unit = past
        result = replace(result, observed=observed, limit=limit, unit=unit)
    return result


def within(result: Result, *numbers: tuple[float, float, str]) -> Result:
    """Return an ok result with the number that is nearest to its limit: observed, limit, and their unit."""
    if not numbers:
        return result
    observed, limit, unit = min(numbers, key=lambda one: abs(one[0] - one[1]) / (abs(one[1]) or 1.0))
    return replace(result, observed=observed, limit=limit, unit=unit)


def ago(context: Context, age: float | None) -> float | None:
    """Return the Unix time of something that is `age` seconds old, by our own clock."""
    return None if age is None else context.tools.now().timestamp() - age


def signs_of(found: Mapping[Sign, object]) -> frozenset[Sign]:
    """Return the signs of which there is anything."""
    return frozenset(sign for sign, some in found.items() if some)


def known(**measurements: float | None) -> dict[str, float]:
    """Return the measurements that there are."""
    return {name: value for name, value in measurements.items() if value is not None}


def mapped(row: Row, count: int) -> Findings:
    """Return mappings as something that is set up: how many, and a mark that changes when one does."""
    mark = (row.text_or_none("fingerprint") or "none") if row.has("fingerprint") else ""
    short = blake2b(mark.encode(), digest_size=4).hexdigest()
    return set_up({"mappings": f"{said(count, 'mapping')} ({short})" if mark else said(count, "mapping")})


def moment(timestamp: float) -> datetime:
    """Return a Unix time as an aware one."""
    return datetime.fromtimestamp(timestamp, UTC)


def said(count: int, what: str, cap: int | None = None, many: str = "") -> str:
    """Return a count in words; one that reached its cap is "at least" that many."""
    number = f"at least {count:,}" if cap is not None and count >= cap else f"{count:,}"
    return f"{number} {what if count == 1 else many or what + 's'}"
