"""Options of the SQL check: accepted, not yet watched."""

from typing import Annotated

from pydantic import Field

from checks import values
from checks.check import CheckType
from checks.values import Secret


class Options(values.Options):
    """A query giving one row whose first column is the value."""

    query: Annotated[str, Field(min_length=1, max_length=10_000)]
    dsn: Secret | None = None


CHECK = CheckType("sql", Options, "value", None)
