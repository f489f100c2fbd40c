"""What a report is made of: plain values that were gathered, none of them made up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from alerts.recurrence import Period
from alerts.reports.drift import Change, Novelty
from alerts.reports.periods import Spans
from alerts.reports.report import Kind
from checks.result import State

MOST_FAILED = 1001
"""Failed updates of one table that are counted."""

NO_PEAKS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Doing:
    """How something did over a time: its runs, its response times (ms), and the extremes of its measurements.

    `peaks` are by the names of the history, such as `queue_pending`.
    """

    runs: int = 0
    warnings: int = 0
    failures: int = 0
    unknowns: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    peaks: Mapping[str, float] = field(default_factory=lambda: NO_PEAKS)

    @property
    def looked(self) -> int:
        """How many runs could look."""
        return self.runs - self.unknowns

    @property
    def success(self) -> float | None:
        """The percentage that did not fail, of those that could look."""
        return 100 * (self.looked - self.failures) / self.looked if self.looked else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the time, an hour or a day, from `start` on."""

    start: datetime
    looked: int = 0
    failures: int = 0
    p95_ms: float | None = None


@dataclass(frozen=True, slots=True)
class IntegrationFacts:
    """How an integration did, in the time of the report and in the one before.

    `hours` and `days` are those of the time; `days_before` those of the one before, `limit_ms` is the limit
    of its response times.
    """

    name: str
    now: Doing
    before: Doing = Doing()
    hours: tuple[Stretch, ...] = ()
    hours_before: tuple[Stretch, ...] = ()
    days: tuple[Stretch, ...] = ()
    days_before: tuple[Stretch, ...] = ()
    limit_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """An incident: when it was open (an end that is None is not there yet), and what people did about it.

    `notes` are what people wrote on its timeline; `summary` and `fault` are those of its last diagnosis.
    """

    id: str
    title: str
    cause: str
    severity: str
    integrations: tuple[str, ...]
    spans: tuple[tuple[datetime, datetime | None], ...]
    acknowledged_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    outcome: str = ""
    summary: str = ""
    fault: str = "unknown"

    @property
    def opened_at(self) -> datetime:
        """When it first opened."""
        return self.spans[0][0]

    def within(self, period: Period) -> tuple[Period, ...]:
        """Return when it was open in a period."""
        found = (
            Period(max(begins, period.begins), min(ends or period.ends, period.ends))
            for begins, ends in self.spans
        )
        return tuple(one for one in found if one.begins < one.ends)

    def lasted(self, until: datetime) -> timedelta:
        """Return how long it was open in all, until then."""
        return sum((min(ends or until, until) - begins for begins, ends in self.spans), timedelta())

    def is_open(self, at: datetime) -> bool:
        """Tell whether it was open then."""
        return any(begins < at and (ends is None or ends > at) for begins, ends in self.spans)


@dataclass(frozen=True, slots=True)
class Stand:
    """How a check stands, and what its main number came to at the most in the time, and at the least.

    `runs` are those of the time, `unknowns` those of them that could not look, and `failures` those that
    failed.
    """

    integration: str
    check: str
    state: State
    since: datetime
    message: str = ""
    most: float | None = None
    least: float | None = None
    forgeries: Mapping[str, str] = field(default_factory=dict)
    last_event: datetime | None = None
    runs: int = 0
    unknowns: int = 0
    failures: int = 0

    @property
    def blind(self) -> bool:
        """Whether it did not look in the time, or could not more than once in ten."""
        return not self.runs or 10 * self.unknowns > self.runs

    @property
    def succeeded(self) -> bool:
        """Whether it looked in the time, and found nothing wrong at least once."""
        return self.runs - self.unknowns > self.failures


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that ends on a day, or at a moment: `name` is for figures, `said` for people."""

    name: str
    said: str
    due: datetime
    owner: str = ""
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A key, a password or a token: whose it is, since when, and when it is to be changed.

    `id` is for figures, `name` for people.
    """

    name: str
    owner: str = ""
    since: date | None = None
    due: date | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Updates that failed, of one table of the PMS: how many of what age (seconds) and for what reason.

    No more than `MOST_FAILED` are counted, the latest: where it is so many there may be more.
    """

    name: str
    said: str
    many: int
    reasons: Mapping[str, int]
    recent: int = 0
    days: int = 0
    older: int = 0
    oldest: float | None = None

    @property
    def capped(self) -> bool:
        """Whether there may be more, of each age and reason, and older ones."""
        return self.many >= MOST_FAILED


@dataclass(frozen=True, slots=True)
class Held:
    """A drill: which level was tried, when, and after how long somebody acknowledged it (None: nobody)."""

    level: str
    at: datetime
    acknowledged_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A task of the ledger that was not done in its time."""

    task: str
    title: str
    due_by: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report says something of.

    `gaps` of its `hours` are those, since anything is known, in which nothing was watched. What is None could
    not be asked or is not known; `not_asked` says why. `known_before` is since when anything is known of the
    time before. `more_incidents` and `more_integrations` are how many were left out, the least important
    ones, `opened_in_all` is how many incidents opened where some were left out. `settings` are how many
    settings are known.
    """

    kind: Kind
    hotel: str
    hotel_name: str
    zone: ZoneInfo
    spans: Spans
    made_at: datetime
    known_from: datetime | None = None
    hours: int = 0
    gaps: int = 0
    integrations: tuple[IntegrationFacts, ...] = ()
    more_integrations: int = 0
    incidents: tuple[Happening, ...] = ()
    more_incidents: int = 0
    opened_in_all: int | None = None
    incidents_before: int = 0
    known_before: datetime | None = None
    standings: tuple[Stand, ...] = ()
    coming: tuple[Coming, ...] = ()
    news: tuple[Novelty, ...] = ()
    settings: int = 0
    drift: tuple[Change, ...] = ()
    credentials: tuple[Credential, ...] | None = None
    failed: tuple[Failed, ...] = ()
    not_asked: str = ""
    overdue: tuple[Overdue, ...] = ()
    drills: tuple[Held, ...] = ()
    disk_free_percent: float | None = None

    @property
    def looked(self) -> bool:
        """Whether anything could be looked at in the time."""
        return any(one.now.looked for one in self.integrations)

    @property
    def missing(self) -> int:
        """In how many of its hours nothing was watched, those before the first look among them."""
        if self.known_from is None:
            return self.hours
        return self.gaps + (self.known_from - self.period.begins) // timedelta(hours=1)

    @property
    def period(self) -> Period:
        """The time that the report is about."""
        return self.spans.period

    @property
    def opened(self) -> tuple[Happening, ...]:
        """The incidents that opened in the time, or opened again."""
        here = self.period
        return tuple(
            one for one in self.incidents if any(here.begins <= at < here.ends for at, _ in one.spans)
        )

    @property
    def opened_count(self) -> int:
        """How many incidents opened in the time, or opened again, told of or not."""
        return len(self.opened) if self.opened_in_all is None else self.opened_in_all

    def incident_minutes(self, integration: str, within: Period | None = None) -> float:
        """Return for how many minutes of the time an incident of an integration was open, or of a part."""
        here = within or self.period
        spans = sorted(
            (span.begins, span.ends)
            for one in self.incidents
            if integration in one.integrations
            for span in one.within(here)
        )
        total, until = timedelta(), here.begins
        for begins, ends in spans:
            total += max(timedelta(), ends - max(begins, until))
            until = max(until, ends)
        return total / timedelta(minutes=1)

    @property
    def still_open(self) -> tuple[Happening, ...]:
        """The incidents that were open at the end of the time."""
        return tuple(one for one in self.incidents if one.is_open(self.period.ends))
