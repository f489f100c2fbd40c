"""What the page of silences shows, in words: what each matches, when it holds, what it holds back now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.message_text import clean, hotel_time, lasting, offset
from alerts.silence import Recurring, Silence, Source, Span, matches
from daemon.web import silencing
from daemon.web.silencing import Moment, Timing

UTC_ZONE = ZoneInfo("UTC")
MOST_HELD = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A silence as it stands in the list; `fixed` says that it stands in the configuration."""

    id: str
    match: str
    when: str
    reason: str
    by: str
    fixed: bool
    held: tuple[tuple[str, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Group:
    """Silences under one heading."""

    heading: str
    rows: tuple[Row, ...]


def groups(at: Moment) -> tuple[Group, ...]:
    """Return the silences there are: those that hold now, those to come, and those that recur."""
    now, coming, recurring = [], [], []
    for one in at.all():
        timing = silencing.timing(one, at)
        row = _row(one, timing, at)
        if timing.active:
            now.append(row)
        elif isinstance(one.window, Recurring):
            recurring.append(row)
        else:
            coming.append(row)
    found = (("Now", now), ("To come", coming), ("Recurring", recurring))
    return tuple(Group(heading, tuple(rows)) for heading, rows in found if rows)


def matching(silence: Silence) -> str:
    """Return what a silence matches, in words."""
    return ", ".join(f"{key} {clean(value, 200)}" for key, value in silence.match.items())


def _row(one: Silence, timing: Timing, at: Moment) -> Row:
    held = tuple(
        (incident.id, clean(incident.title))
        for incident in at.board.incidents.values()
        if timing.active and incident.resolved_at is None and matches(one, incident)
    )
    return Row(
        id=one.id,
        match=matching(one),
        when=_when(one, timing, at),
        reason=clean(one.reason, 2000),
        by=clean(one.by, 200),
        fixed=one.source is Source.CONFIGURATION,
        held=held[:MOST_HELD],
        more=max(0, len(held) - MOST_HELD),
    )


def _when(one: Silence, timing: Timing, at: Moment) -> str:
    zone = _zone(silencing.zones(one, at))
    now = timing.ends_at
    if isinstance(one.window, Recurring):
        said = f"by the times of {clean(one.window.cron, 100)}, for {lasting(one.window.lasts)} each"
        if now is not None:
            said += f"; now, until {_clock(now, at.now, zone)}"
        return said + _next(timing.coming, at.now, zone)
    begins, ends = _clock(one.window.begins, at.now, zone), _clock(one.window.ends, at.now, zone)
    clocks = f" ({zone.key}, {offset(one.window.ends, zone)})"
    return (f"until {ends}, since {begins}" if now is not None else f"from {begins} until {ends}") + clocks


def _next(coming: Span | None, now: datetime, zone: ZoneInfo) -> str:
    if coming is None:
        return "; never again"
    long = lasting(coming.ends - coming.begins)
    return f"; next {_clock(coming.begins, now, zone)} ({zone.key}), for {long}"


def _clock(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    return hotel_time(at, now, zone)


def _zone(zones: Iterable[ZoneInfo]) -> ZoneInfo:
    """Return by whose clocks the times of a silence are told: its hotels', or UTC where they have several."""
    found = set(zones)
    return found.pop() if len(found) == 1 else UTC_ZONE
