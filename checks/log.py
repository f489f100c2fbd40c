"""Options of the log check: accepted, not yet watched."""

from typing import Annotated

from pydantic import Field

from checks import values
from checks.check import CheckType
from checks.values import Count, Duration, FilePath, Number, Regex


class Options(values.Options):
    """Which file to follow, and which of its lines are successes and failures."""

    path: FilePath
    success: Regex | None = None
    failure: Regex | None = None
    last: Annotated[Count, Field(le=10_000)] = 50
    max_failures_percent: Annotated[Number, Field(ge=0, le=100)] | None = None
    max_age: Duration | None = None


CHECK = CheckType("log", Options, "age_seconds", None)
