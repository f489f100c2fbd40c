"""The `credentials:` section: who looks after which key, password or token, and when it is to be changed."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from checks.values import Duration, Id, Line, Options, Text

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
SECONDS = 86_400.0
YEARS = range(1970, 2200)


def _day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if found.year in YEARS:
                return found
    raise ValueError("is not a day; write it as 2027-01-15")


def _whole_days(value: float) -> float:
    if value % SECONDS:
        raise ValueError("must be whole days, such as 90d")
    if value > 3660 * SECONDS:
        raise ValueError("must be at most 3660d")
    return value


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Days = Annotated[Duration, AfterValidator(_whole_days)]


class CredentialOptions(Options):
    """A key, a password or a token; what it is has no place here."""

    title: Text | None = Field(None, description="what it is, in words")
    owner: Text | None = Field(None, description="who looks after it; everything here has somebody")
    integration: Id | None = Field(None, description="which integration it is for")
    created: Day | None = Field(
        None, description="when it was made, such as `2026-09-01`; with `rotate_every`"
    )
    expires: Day | None = Field(
        None, description="when it ends; needed unless `created` and `rotate_every` are given"
    )
    rotate_every: Days | None = Field(
        None, description="after how long it is to be changed: whole days, at most 3660d"
    )
    note: Line = Field("", description="where to get a new one")
