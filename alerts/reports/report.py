"""A report as a plain value: what it says, whoever shows it and however."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """Which report: of a day, a week or a month, each from one report hour to the next."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Tone(StrEnum):
    """How something is to be taken; always said in words, too."""

    PLAIN = "plain"
    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table. `numeric` ones are lined up on the right."""

    text: str
    tone: Tone = Tone.PLAIN
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head, at least one row; `caption` is for those who do not see the heading above it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from left to right, one for each time, None where nothing is known.

    `said` tells in words what the picture shows, for those who do not see it. `before` are the same times a
    week or month earlier, drawn behind; `limit` is drawn as a line. `unit` follows every value; `first` and
    `last` label both ends.
    """

    title: str
    said: str
    values: tuple[float | None, ...]
    first: str
    last: str
    unit: str = ""
    limit: float | None = None
    before: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """Something that is said in a line, with details below. `incident` is the id of the one it is about."""

    text: str
    tone: Tone = Tone.PLAIN
    details: tuple[str, ...] = ()
    incident: str = ""


Block = Table | Chart | Point


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under a heading."""

    heading: str
    blocks: tuple[Block, ...]


NO_FIGURES: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Report:
    """One report of one hotel, about the time from `begins` to before `ends`.

    `known_from` is since when anything is known of that time, where that is later than `begins`, None where
    nothing is. `headline` says all of it in a sentence. `figures` are all numbers that it rests on, by dotted
    names such as `integrations.payment.p95_ms`; `evidence` says for each task of the ledger, by its id, what
    was seen of it by itself.
    """

    kind: Kind
    hotel: str
    hotel_name: str
    timezone: str
    begins: datetime
    ends: datetime
    made_at: datetime
    headline: str
    tone: Tone
    sections: tuple[Section, ...]
    figures: Mapping[str, float] = field(default_factory=lambda: NO_FIGURES)
    evidence: Mapping[str, str] = field(default_factory=dict)
    known_from: datetime | None = None
