"""What the configuration says about thresholds, escalation, mail and silences."""

import re
from datetime import UTC, datetime, time
from email.utils import parseaddr
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema, model_validator

from alerts.bounce import LONGEST_NAME
from alerts.crontab import next_time
from checks.values import (
    Count,
    Duration,
    Id,
    Line,
    Number,
    Options,
    SmtpServer,
    Text,
    Whole,
)

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?=.{1,253}$)[\w-]{1,63}(\.[\w-]{1,63})*")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("is not an e-mail address")
    return value


def _sender(value: str) -> str:
    name, address = parseaddr(value)
    whole = value.strip() == address or (bool(name) and value.strip().endswith(f"<{address}>"))
    if not _ADDRESS.fullmatch(address) or not whole:
        raise ValueError('is not a sender; write one such as "Night Porter <nightporter@hotel.example>"')
    return value


def _mailbox(value: str) -> str:
    name, _, domain = value.rpartition("@")
    if len(name) > LONGEST_NAME or not domain.isascii():
        raise ValueError(
            f"must have at most {LONGEST_NAME} characters before the @, and none but ASCII: "
            "what names the letter is put behind them, as in bounces+LETTER@hotel.example"
        )
    return value


def _clock(value: object) -> object:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('is not a time of day; write it in quotes, such as "09:00"')
    return time(int(match[1]), int(match[2]))


def _days(value: object) -> object:
    if isinstance(value, str) and "-" in value:
        first, _, last = value.partition("-")
        if first in DAYS and last in DAYS and DAYS.index(first) <= DAYS.index(last):
            return DAYS[DAYS.index(first) : DAYS.index(last) + 1]
    days = (value,) if isinstance(value, str) else value
    if not isinstance(days, list | tuple) or not days or any(day not in DAYS for day in days):
        raise ValueError("must be days such as mon-fri, or a list such as [mon, wed, sat]")
    return tuple(days)


def _hours(value: object) -> object:
    if value in ("always", "emergency"):
        return {"when": value}
    if not isinstance(value, dict):
        raise ValueError("must be always, emergency, or days with from and to")  # noqa: TRY004 - for pydantic
    return value


def _cron(value: str) -> str:
    try:
        first = next_time(value, UTC, _ANY_DAY)
    except ValueError as error:
        raise ValueError(f"is not a cron expression of five fields: {error}") from error
    if first is None:
        raise ValueError("never comes: no year has such a day")
    return value


def _country(value: str) -> str:
    from holidays import country_holidays  # noqa: PLC0415 - only where holidays are kept

    try:
        if re.fullmatch(r"[A-Z]{2}", value):
            country_holidays(value)
            return value
    except NotImplementedError:
        pass
    raise ValueError(
        "is not a country whose public holidays are known; write its two capital letters, such as PT, "
        "or leave `holidays` out"
    )


Email = Annotated[str, AfterValidator(_address)]
Clock = Annotated[time, BeforeValidator(_clock), WithJsonSchema({"type": "string", "examples": ["09:00"]})]
Country = Annotated[
    str, AfterValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})
]
Days = Annotated[
    tuple[str, ...],
    BeforeValidator(_days),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"enum": list(DAYS)}}]}),
]


class Thresholds(Options):
    """The owner's limits, and how many runs decide."""

    response_time_ms: Annotated[Number, Field(gt=0)] = 1000
    error_rate_percent: Annotated[Number, Field(gt=0, le=100)] = 5
    queue_size: Annotated[Whole, Field(ge=0)] = 1000
    sync_delay_minutes: Annotated[Number, Field(gt=0)] = 30
    window: Duration = 300.0
    rate_window: Duration | None = None
    min_samples: Count = 20
    failures: Annotated[Count, Field(le=100)] = 3
    successes: Annotated[Count, Field(le=100)] = 2


class Hours(Options):
    """When a level may be told: always, in an emergency only, or in a window of hotel time."""

    when: Literal["always", "emergency", "window"] = "window"
    days: Days = DAYS[:5]
    from_: Clock | None = Field(None, alias="from")
    to: Clock | None = None
    holidays: Country | None = None

    @model_validator(mode="after")
    def _whole_window(self) -> Self:
        if self.when == "window":
            if self.from_ is None or self.to is None:
                raise ValueError("needs `from` and `to`")
            if self.from_ == self.to:
                raise ValueError("must not end when it begins: `from` and `to` are the same")
        return self


ALWAYS = Hours(when="always")


class Level(Options):
    """One level of the escalation."""

    level: Annotated[Whole, Field(ge=1, le=3)]
    role: Text
    email: tuple[Email, ...] = ()
    phone: Text | None = None
    hours: Annotated[
        Hours, BeforeValidator(_hours, json_schema_input_type=Literal["always", "emergency"] | Hours)
    ] = ALWAYS
    channels: tuple[Id, ...] = ()


class FrontDesk(Options):
    """Who gets the plain-words copy."""

    email: Annotated[tuple[Email, ...], Field(min_length=1)]


class After(Options):
    """How long an incident is open and not acknowledged before the next level is told."""

    level_2: Duration = 900.0
    level_3: Duration = 1800.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.model_fields_set >= {"level_2", "level_3"} and self.level_3 < self.level_2:
            raise ValueError("would tell level 3 before level 2")
        return self


class Reopened(Options):
    """How often an incident comes back before it counts as persistent."""

    times: Count = 3
    within: Duration = 86400.0


class Escalation(Options):
    """Who is told, and when."""

    levels: tuple[Level, ...] = ()
    front_desk: FrontDesk | None = None
    after: After = After()
    persistent_after: Duration = 3600.0
    reopened: Reopened = Reopened()
    multiple_integrations: Annotated[Whole, Field(ge=2)] = 2
    remind_every: Duration = 14400.0

    @model_validator(mode="after")
    def _distinct_levels(self) -> Self:
        numbers = [level.level for level in self.levels]
        if len(numbers) != len(set(numbers)):
            raise ValueError("has the same level twice; name all people of a level in one entry's `email`")
        return self


class Relay(SmtpServer):
    """A server that takes our letters."""


class Bounces(Options):
    """Where mails of ours come back to that could not be delivered."""

    address: Annotated[Email, AfterValidator(_mailbox)]


class MailOptions(Options):
    """How letters leave the house."""

    from_: Annotated[Line, AfterValidator(_sender)] = Field(alias="from")
    relays: Annotated[tuple[Relay, ...], Field(min_length=1)]
    max_per_hour: Count = 60
    bounces: Bounces | None = None


class Silence(Options):
    """A planned window in which matching incidents notify nobody."""

    match: dict[Literal["hotel", "integration", "check", "cause", "severity"], Line] = Field(min_length=1)
    cron: Annotated[Line, AfterValidator(_cron)] | None = None
    for_: Duration | None = Field(None, alias="for")
    from_: AwareDatetime | None = Field(None, alias="from")
    to: AwareDatetime | None = None
    reason: Text

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        once: tuple[Any, ...] = (self.from_, self.to)
        if (self.cron is None) == (None in once) or (self.cron is not None and any(once)):
            raise ValueError("needs either `cron` (and `for`) or both `from` and `to`")
        if self.cron is not None and self.for_ is None:
            raise ValueError("needs `for`: how long the window lasts that `cron` begins")
        if self.from_ is not None and self.to is not None and self.from_ >= self.to:
            raise ValueError("must begin before it ends")
        return self
