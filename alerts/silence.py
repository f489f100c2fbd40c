"""Silences: windows of time in which the incidents they match notify nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from fnmatch import fnmatchcase

from alerts import options
from alerts.crontab import next_time
from alerts.incident import Incident
from checks.result import CheckId

KEYS = frozenset({"hotel", "integration", "check", "cause", "severity"})
"""What a silence can match."""

JOINED = 1500
"""Windows followed at the most while they join: one a minute for a whole day, one a day for four years."""


class Source(StrEnum):
    """Where a silence comes from."""

    CONFIGURATION = "configuration"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Span:
    """One window of time; the moment it ends is no longer within."""

    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        """Refuse what ends before it begins."""
        if self.begins >= self.ends:
            raise ValueError("must begin before it ends")


@dataclass(frozen=True, slots=True)
class Recurring:
    """Windows that a cron expression begins, in hotel time, and that last so long each."""

    cron: str
    lasts: timedelta

    def __post_init__(self) -> None:
        """Refuse windows without length."""
        if self.lasts <= timedelta():
            raise ValueError("must last longer than 0s")


@dataclass(frozen=True, slots=True)
class Silence:
    """A planned window in which matching incidents notify nobody.

    `match` maps some of `KEYS` to values, in which `*` stands for anything; all of them must fit. A check is
    named as `health`, `payment/health` or in full.
    """

    id: str
    match: Mapping[str, str]
    window: Span | Recurring
    reason: str
    by: str
    source: Source

    def __post_init__(self) -> None:
        """Refuse a match that would fit everything, or never what was meant."""
        if not self.match or not KEYS.issuperset(self.match):
            raise ValueError(f"must match one or more of {', '.join(sorted(KEYS))}, and nothing else")


def configured(planned: options.Silence, number: int) -> Silence:
    """Return the silence that stands at a place of the configuration's list."""
    window: Span | Recurring
    if planned.from_ is not None and planned.to is not None:
        window = Span(planned.from_.astimezone(UTC), planned.to.astimezone(UTC))
    else:
        window = Recurring(planned.cron or "", timedelta(seconds=planned.for_ or 0.0))
    source = Source.CONFIGURATION
    match = {str(key): value for key, value in planned.match.items()}
    return Silence(f"{source}-{number}", match, window, planned.reason, source.value, source)


def covers(silence: Silence, incident: Incident, now: datetime, zone: tzinfo) -> bool:
    """Tell whether a silence holds back what would be told of an incident now.

    `zone` is that of the incident's hotel.
    """
    return matches(silence, incident) and active(silence, now, zone)


def matches(silence: Silence, incident: Incident) -> bool:
    """Tell whether an incident is what a silence is about, whatever the time.

    An incident that touches several integrations, or consists of several checks, is only when all of them
    fit: planned work on one must not hide that another is down too.
    """
    return all(_fits(incident, key, wanted) for key, wanted in silence.match.items())


def of_check(silence: Silence, check: CheckId) -> bool:
    """Tell whether a silence holds for a check whatever its incidents: it matches hotel and names only."""
    names = {"hotel": check.hotel, "integration": check.integration}
    return all(
        _is_check(check, wanted) if key == "check" else key in names and fnmatchcase(names[key], wanted)
        for key, wanted in silence.match.items()
    )


def _fits(incident: Incident, key: str, wanted: str) -> bool:
    if key == "check":
        return _all(_is_check(breach.check, wanted) for breach in incident.breaches)
    names = {
        "hotel": (incident.hotel,),
        "integration": incident.integrations,
        "cause": (incident.diagnosis.cause.value,),
        "severity": (incident.severity.value,),
    }
    return _all(fnmatchcase(name, wanted) for name in names[key])


def _is_check(check: CheckId, wanted: str) -> bool:
    parts = wanted.split("/")
    return len(parts) <= len(check) and all(map(fnmatchcase, check[-len(parts) :], parts))


def _all(fitting: Iterable[bool]) -> bool:
    answers = tuple(fitting)
    return bool(answers) and all(answers)


def active(silence: Silence, now: datetime, zone: tzinfo) -> bool:
    """Tell whether a silence is within its window."""
    return _begun(silence.window, now, zone) is not None


def ends_at(silence: Silence, now: datetime, zone: tzinfo) -> datetime | None:
    """Return when the current window ends, in UTC; None outside of one.

    Windows that touch or overlap are one. Where they do so without end, it is the end of the last one that
    was followed.
    """
    begun = _begun(silence.window, now, zone)
    return None if begun is None else _joined(silence.window, begun, zone).ends


def next_window(silence: Silence, now: datetime, zone: tzinfo) -> Span | None:
    """Return the first window that begins after now and after the current one, joined as in `ends_at`."""
    window = silence.window
    if isinstance(window, Span):
        return window if window.begins > now else None
    begins = next_time(window.cron, zone, ends_at(silence, now, zone) or now)
    return None if begins is None else _joined(window, begins, zone)


def _begun(window: Span | Recurring, now: datetime, zone: tzinfo) -> datetime | None:
    if isinstance(window, Span):
        return window.begins if window.begins <= now < window.ends else None
    begins = next_time(window.cron, zone, now - window.lasts)
    return begins if begins is not None and begins <= now else None


def _joined(window: Span | Recurring, begins: datetime, zone: tzinfo) -> Span:
    if isinstance(window, Span):
        return window
    latest = begins
    for _ in range(JOINED):
        following = next_time(window.cron, zone, latest)
        if following is None or following > latest + window.lasts:
            break
        latest = following
    return Span(begins, latest + window.lasts)
