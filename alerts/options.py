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

    response_time_ms: Annotated[Number, Field(gt=0)] = Field(
        1000, description="a mean answer that takes longer than this is a warning"
    )
    error_rate_percent: Annotated[Number, Field(gt=0, le=100)] = Field(
        5, description="more failures than this are critical: of runs over the network, of payments"
    )
    queue_size: Annotated[Whole, Field(ge=0)] = Field(
        1000, description="more that waits than this is critical"
    )
    sync_delay_minutes: Annotated[Number, Field(gt=0)] = Field(
        30, description="no success for so long, or something that waits for so long, is critical"
    )
    window: Duration = Field(300.0, description="what means are taken over; what is so for so long is stable")
    rate_window: Duration | None = Field(
        None, description="what error rates are taken over; 6 times `window` unless told"
    )
    min_samples: Count = Field(20, description="with fewer runs than this a rate says nothing")
    failures: Annotated[Count, Field(le=100)] = Field(
        3, description="runs in a row that are not ok before it counts"
    )
    successes: Annotated[Count, Field(le=100)] = Field(2, description="good runs in a row before it is over")


class Hours(Options):
    """When a level may be told: always, in an emergency only, or in a window of hotel time."""

    when: Literal["always", "emergency", "window"] = Field(
        "window", description="written as one word in place of the rest: `hours: always`, `hours: emergency`"
    )
    days: Days = Field(
        DAYS[:5], description="the days of the window: `mon-fri`, or a list such as `[mon, wed]`"
    )
    from_: Clock | None = Field(None, alias="from", description="when it opens, in hotel time")
    to: Clock | None = Field(None, description="when it closes; an earlier time is the next day's")
    holidays: Country | None = Field(
        None, description="the country whose public holidays are closed, by two letters such as `PT`"
    )

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

    level: Annotated[Whole, Field(ge=1, le=3)] = Field(description="which of the three")
    role: Text = Field(description="who that is, as mails say it")
    email: tuple[Email, ...] = Field((), description="who is told by mail, all of them at once")
    phone: Text | None = Field(None, description="shown in mails to others")
    hours: Annotated[
        Hours, BeforeValidator(_hours, json_schema_input_type=Literal["always", "emergency"] | Hours)
    ] = Field(
        ALWAYS,
        description="`always`, `emergency`, or `days` with `from` and `to`; only level 2 waits for them",
    )
    channels: tuple[Id, ...] = Field((), description="`channels` that are told with this level")


class FrontDesk(Options):
    """Who gets the plain-words copy."""

    email: Annotated[tuple[Email, ...], Field(min_length=1)] = Field(
        description="whom the plain-words copy goes to"
    )


class After(Options):
    """How long an incident is open and not acknowledged before the next level is told."""

    level_2: Duration = Field(900.0, description="before level 2 is told of what is critical")
    level_3: Duration = Field(
        1800.0, description="before level 3 is told of an emergency; not earlier than `level_2`"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.model_fields_set >= {"level_2", "level_3"} and self.level_3 < self.level_2:
            raise ValueError("would tell level 3 before level 2")
        return self


class Reopened(Options):
    """How often an incident comes back before it counts as persistent."""

    times: Count = Field(3, description="how often")
    within: Duration = Field(86400.0, description="within how long")


class Escalation(Options):
    """Who is told, and when."""

    levels: tuple[Level, ...] = Field((), description="the people, in three levels at most")
    front_desk: FrontDesk | None = Field(
        None, description="who gets the plain-words copy of what is critical or worse"
    )
    after: After = Field(
        After(), description="how long an incident is open and not acknowledged before the next level is told"
    )
    persistent_after: Duration = Field(3600.0, description="open for so long it is `persistent-failures`")
    reopened: Reopened = Field(Reopened(), description="coming back so often is `persistent-failures`, too")
    multiple_integrations: Annotated[Whole, Field(ge=2)] = Field(
        2, description="so many integrations failing from one cause are `multiple-integrations`"
    )
    remind_every: Duration = Field(
        14400.0,
        description="how often people are reminded while it is open; of warnings once a day at the most",
    )

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

    address: Annotated[Email, AfterValidator(_mailbox)] = Field(
        description="the envelope sender of our mails: a mailbox with a pipe to `nightporter bounce`"
    )


class MailOptions(Options):
    """How letters leave the house."""

    from_: Annotated[Line, AfterValidator(_sender)] = Field(
        alias="from", description="the sender, such as `Night Porter <nightporter@hotel.example>`"
    )
    relays: Annotated[tuple[Relay, ...], Field(min_length=1)] = Field(
        description="servers that take our mails, in this order: the next takes over when one fails"
    )
    max_per_hour: Count = Field(
        60, description="to one recipient, emergencies not counted; the rest is bundled, never dropped"
    )
    bounces: Bounces | None = Field(
        None, description="where mails of ours come back to that could not be delivered"
    )


class Silence(Options):
    """A planned window in which matching incidents notify nobody."""

    match: dict[Literal["hotel", "integration", "check", "cause", "severity"], Line] = Field(
        min_length=1,
        description="what of an incident must fit, all of it; `*` is anything",
    )
    cron: Annotated[Line, AfterValidator(_cron)] | None = Field(
        None, description="when it begins, again and again: minute, hour, day, month, weekday, in hotel time"
    )
    for_: Duration | None = Field(None, alias="for", description="how long it lasts, with `cron`")
    from_: AwareDatetime | None = Field(
        None, alias="from", description="when it begins, once: RFC 3339 with an offset"
    )
    to: AwareDatetime | None = Field(None, description="when it ends, with `from`")
    reason: Text = Field(description="why, for those who ask")

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
