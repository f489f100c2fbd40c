"""Silences as they are asked for, added and ended: what the API and the pages share."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from alerts.change import Change, Event
from alerts.incident import Cause, Severity
from alerts.message_text import full_time
from alerts.silence import (
    Recurring,
    Silence,
    Source,
    Span,
    active,
    ends_at,
    matches,
    next_window,
    of_check,
)
from daemon.board import Board
from daemon.quiet import Quiet
from daemon.web.answer import RefusedError
from daemon.web.deps import Deps
from daemon.web.patience import patiently

LONGEST = timedelta(days=30)
MOST_NAMES = 10
_PATTERN = frozenset("*?[")
_WORDS: Mapping[str, tuple[str, ...]] = {"cause": tuple(Cause), "severity": tuple(Severity)}
_NAMES = ("hotel", "integration", "check")


@dataclass(frozen=True, slots=True)
class Moment:
    """What a silence is looked at by: the porter's hotels and silences, and the time."""

    board: Board
    quiet: Quiet
    now: datetime

    def all(self) -> Iterator[Silence]:
        """Return every silence that is not over, those of the configuration first."""
        return (one for one in self.quiet.all() if not _over(one, self.now))


@dataclass(frozen=True, slots=True)
class Timing:
    """When a silence holds: now until `ends_at`, or in its `coming` window."""

    active: bool
    ends_at: datetime | None
    coming: Span | None


async def moment_of(deps: Deps) -> Moment:
    """Return what silences are looked at by now."""
    return Moment(await deps.whole(), deps.desk.quiet, deps.clock.now())


async def add(deps: Deps, at: Moment, wanted: Silence) -> None:
    """Silence what matches."""
    told = _events(wanted, at, lambda window: f"silenced {window} by {wanted.by}: {wanted.reason}")
    await patiently(deps.desk.silence(Change(silences=(wanted,), events=told)))


async def end(deps: Deps, at: Moment, name: str) -> Silence:
    """End a silence that a person has asked for; what is due by then is told at once."""
    silence = next((one for one in at.all() if one.id == name), None)
    if silence is None:
        raise RefusedError(404, "There is no silence with this id.")
    if silence.source is Source.CONFIGURATION:
        raise RefusedError(409, "This silence stands in the configuration: take it out there, and reload.")
    told = _events(silence, at, lambda window: f"the silence {window} by {silence.by} was ended")
    await patiently(deps.desk.silence(Change(removed_silences=(silence.id,), events=told)))
    return silence


def check_match(found: Mapping[str, str], board: Board, key: str) -> None:
    """Refuse a part of what is to be matched that would never match anything."""
    wanted = found[key]
    known = _WORDS[key] if key in _WORDS else _known(key, found, board)
    if known is not None and not any(fnmatchcase(one, wanted) for one in known):
        raise RefusedError(400, f"match.{key}: there is no {key} {wanted!r}: {_listed(known)}.")


def _known(key: str, match: Mapping[str, str], board: Board) -> Collection[str] | None:
    """Return what a name can be; None where it is a pattern, which may be meant for what is yet to come."""
    wanted = match[key]
    if _PATTERN.intersection(wanted):
        return None
    hotel = match.get("hotel", "*")
    if key == "hotel":
        return list(board.hotels)
    if key == "integration":
        return [view.name for view in board.integrations.values() if fnmatchcase(view.hotel, hotel)]
    names = {name: match[name] for name in _NAMES if name in match}
    probe = Silence("", names, Recurring("", LONGEST), "", "", Source.PERSON)
    if any(of_check(probe, check) for check in board.tiles):
        return None
    return [str(check) for check in board.tiles]


def _listed(known: Collection[str]) -> str:
    names = sorted(dict.fromkeys(known))
    more = len(names) - MOST_NAMES
    if not names:
        return "nothing is watched"
    shown = ", ".join(names[:MOST_NAMES])
    return f"there are {shown} and {more} more" if more > 0 else f"there are {shown}"


def window(begins: datetime | None, ends: datetime | None, now: datetime) -> Span:
    """Return the window from one time until another, or refuse one that cannot be meant."""
    begins = begins or now
    if ends is None:
        raise RefusedError(
            400, "to is missing: say when the silence ends, such as 2026-11-25T10:00:00+01:00."
        )
    if ends <= now:
        raise RefusedError(400, "to is past: say when the silence ends.")
    if ends - now > LONGEST:
        raise RefusedError(400, f"to is too late: a silence ends within {LONGEST.days} days.")
    if now - begins > LONGEST:
        raise RefusedError(400, f"from is past for more than {LONGEST.days} days: leave it out for now.")
    if begins >= ends:
        raise RefusedError(400, "from must be before to.")
    return Span(begins, ends)


def timing(silence: Silence, at: Moment) -> Timing:
    """Return when a silence holds; windows that recur are told by the current and the next one."""
    found = zones(silence, at)
    ends = [end for zone in found if (end := ends_at(silence, at.now, zone)) is not None]
    coming = [span for zone in found if (span := next_window(silence, at.now, zone)) is not None]
    return Timing(
        active=any(active(silence, at.now, zone) for zone in found),
        ends_at=max(ends, default=None),
        coming=min(coming, key=lambda span: span.begins, default=None),
    )


def zones(silence: Silence, at: Moment) -> set[ZoneInfo]:
    """Return the time zones of the hotels that a silence may be about."""
    wanted = silence.match.get("hotel", "*")
    if wanted in at.board.hotels:
        return {at.quiet.zone(wanted)}
    return {at.quiet.zone(hotel) for hotel in at.board.hotels if fnmatchcase(hotel, wanted)}


def _over(silence: Silence, now: datetime) -> bool:
    return isinstance(silence.window, Span) and silence.window.ends <= now


def _window_text(silence: Silence, zone: ZoneInfo) -> str:
    window = silence.window
    if isinstance(window, Recurring):
        return f"by the times of {window.cron}"
    return f"from {full_time(window.begins, zone)} until {full_time(window.ends, zone)}"


def _events(silence: Silence, at: Moment, said: Callable[[str], str]) -> tuple[Event, ...]:
    """Return the lines for the timelines of the open incidents that a silence is about."""
    return tuple(
        Event(one.id, at.now, "silenced", said(_window_text(silence, at.quiet.zone(one.hotel))))
        for one in at.board.incidents.values()
        if matches(silence, one)
    )
