"""What the page of silences shows, in words: what each matches, when it holds, what it holds back now."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from alerts.incident import Incident
from alerts.message_text import clean, hotel_time, lasting, offset
from alerts.silence import Recurring, Silence, Source, Span, matches
from daemon.web import silencing
from daemon.web.silencing import Moment, Timing

UTC_ZONE = ZoneInfo("UTC")
MOST_HELD = 20
"""Incidents that are named of those that a silence holds back."""

MOST_ROWS = 100
"""Silences that are shown under one heading."""

Open = Mapping[str, Sequence[Incident]]
"""The open incidents, by hotel."""


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
    """Silences under one heading; `more` is how many others there are."""

    heading: str
    rows: tuple[Row, ...]
    more: int


async def groups(at: Moment) -> tuple[Group, ...]:
    """Return the silences there are: those that hold now, those to come, and those that recur.

    Others have their turn meanwhile.
    """
    found: dict[str, list[tuple[Silence, Timing]]] = {"Now": [], "To come": [], "Recurring": []}
    for one in at.all():
        timing = silencing.timing(one, at)
        recurs = "Recurring" if isinstance(one.window, Recurring) else "To come"
        found["Now" if timing.active else recurs].append((one, timing))
        await asyncio.sleep(0)
    open_ = _open(at)
    return tuple(
        [
            Group(heading, tuple([await _row(*one, at, open_) for one in some[:MOST_ROWS]]), _beyond(some))
            for heading, some in found.items()
            if some
        ]
    )


def _beyond(some: Sequence[object]) -> int:
    return max(0, len(some) - MOST_ROWS)


def _open(at: Moment) -> Open:
    found: dict[str, list[Incident]] = defaultdict(list)
    for one in at.board.incidents.values():
        if one.resolved_at is None:
            found[one.hotel].append(one)
    return found


def matching(silence: Silence) -> str:
    """Return what a silence matches, in words."""
    return ", ".join(f"{key} {clean(value, 200)}" for key, value in silence.match.items())


async def _row(one: Silence, timing: Timing, at: Moment, open_: Open) -> Row:
    await asyncio.sleep(0)
    held = [(incident.id, clean(incident.title)) for incident in _held(one, open_) if timing.active]
    return Row(
        id=one.id,
        match=matching(one),
        when=_when(one, timing, at),
        reason=clean(one.reason, 2000),
        by=clean(one.by, 200),
        fixed=one.source is Source.CONFIGURATION,
        held=tuple(held[:MOST_HELD]),
        more=max(0, len(held) - MOST_HELD),
    )


def _held(one: Silence, open_: Open) -> Iterable[Incident]:
    """Return the open incidents that a silence is about; one for a single hotel is held against its own."""
    hotel = one.match.get("hotel", "")
    some = open_[hotel] if hotel in open_ else chain.from_iterable(open_.values())
    return (incident for incident in some if matches(one, incident))


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
