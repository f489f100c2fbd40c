"""Probe of a database: the number that a query of one's own gives."""

import math
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from checks import values
from checks.check import CheckType
from checks.context import Context
from checks.database import DatabaseError
from checks.result import Reason, Result, failed, ok
from checks.values import Secret

VALUE = "value"


class Options(values.Options):
    """A query giving one row whose first column is the value; `dsn` defaults to the PMS's."""

    query: Annotated[str, Field(min_length=1, max_length=10_000)] = Field(
        description="a statement that gives one row; its first column is the value"
    )
    dsn: Secret | None = Field(None, description="the database, by default `pms.dsn`")


def target(options: Options) -> str:
    """Return whom a run burdens: the database, by its DSN, which is never shown."""
    return options.dsn.get_secret_value() if options.dsn else ""


async def probe(options: Options, context: Context) -> Result:
    """Ask, and take the first column of the one row as the value."""
    if options.dsn is None:
        return failed(Reason.QUERY, "no database is configured: add `dsn`, or pms.dsn")
    try:
        rows = await context.tools.databases.fetch(
            options.dsn.get_secret_value(),
            options.query,
            within=0.9 * context.timeout,
            limit=2,
            fresh=min(context.interval / 2, 30.0),
        )
    except DatabaseError as error:
        return error.result
    return judge([tuple(row.values()) for row in rows])


def judge(rows: list[tuple[Any, ...]]) -> Result:
    """Return the value, or why there is none: nothing is guessed."""
    if len(rows) != 1:
        return failed(
            Reason.QUERY, f"the query gave {'no row' if not rows else 'several rows'}, expected one"
        )
    if not rows[0]:
        return failed(Reason.QUERY, "the query gave a row without columns")
    found = rows[0][0]
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        kind = "NULL" if found is None else type(found).__name__
        return failed(Reason.QUERY, f"the query gave {kind}, expected a number")
    value = float(found)
    if not math.isfinite(value):
        return failed(Reason.QUERY, f"the query gave {value:g}, expected a finite number")
    return ok(f"the value is {value:g}", {VALUE: value})


CHECK = CheckType("sql", Options, VALUE, probe, target)
