"""`/api/v1/silences`: windows of time in which nobody is told of what they match."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from alerts.change import Change, Event
from alerts.incident import Cause, Severity
from alerts.silence import (
    KEYS,
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
from daemon.web import body
from daemon.web.answer import RefusedError, document, instant
from daemon.web.deps import DEPS, Deps
from daemon.web.patience import patiently

FIELDS = ("match", "from", "to", "by", "reason")
LONGEST = timedelta(days=30)
MOST_NAMES = 10
_PATTERN = frozenset("*?[")
_WORDS: Mapping[str, tuple[str, ...]] = {"cause": tuple(Cause), "severity": tuple(Severity)}
_NAMES = ("hotel", "integration", "check")


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a silence is looked at by: the porter's hotels and silences, and the time."""

    board: Board
    quiet: Quiet
    now: datetime


async def several(request: web.Request) -> web.Response:
    """Answer every silence that is not over, those of the configuration first."""
    at = await _moment(request.app[DEPS])
    return document({"silences": [_document(one, at) for one in at.quiet.all() if not _over(one, at.now)]})


async def add(request: web.Request) -> web.Response:
    """Silence what matches, from now on or from a time to come."""
    deps = request.app[DEPS]
    said = await body.fields(request, FIELDS)
    at = await _moment(deps)
    silence = Silence(
        id=deps.new_id(),
        match=_match(said, at.board),
        window=_window(said, at.now),
        reason=body.note(said, "reason", required=True),
        by=body.name(said, "by"),
        source=Source.PERSON,
    )
    ends = _window_text(silence)
    told = _events(silence, at, f"silenced {ends} by {silence.by}: {silence.reason}")
    await patiently(deps.desk.silence(Change(silences=(silence,), events=told)))
    return document(_document(silence, at), 201)


async def end(request: web.Request) -> web.Response:
    """End a silence that a person has asked for; what is due by then is told at once."""
    deps, name = request.app[DEPS], request.match_info["id"]
    at = await _moment(deps)
    silence = next((one for one in at.quiet.all() if one.id == name), None)
    if silence is None or _over(silence, at.now):
        raise RefusedError(404, "There is no silence with this id.")
    if silence.source is Source.CONFIGURATION:
        raise RefusedError(409, "This silence stands in the configuration: take it out there, and reload.")
    told = _events(silence, at, f"the silence {_window_text(silence)} by {silence.by} was ended")
    await patiently(deps.desk.silence(Change(removed_silences=(silence.id,), events=told)))
    return document(_document(silence, at) | {"active": False, "ends_at": None, "next": None})


async def _moment(deps: Deps) -> _Moment:
    return _Moment(await deps.whole(), deps.desk.quiet, deps.clock.now())


def _over(silence: Silence, now: datetime) -> bool:
    return isinstance(silence.window, Span) and silence.window.ends <= now


def _match(said: Mapping[str, Any], board: Board) -> dict[str, str]:
    """Return what is to be silenced, or refuse what would never match anything."""
    match = said.get("match")
    keys = ", ".join(sorted(KEYS))
    if not isinstance(match, dict) or not match or not KEYS.issuperset(match):
        raise RefusedError(
            400, f'match must be an object with one or more of {keys}, such as {{"integration": "payment"}}.'
        )
    found = {key: body.name({f"match.{key}": value}, f"match.{key}") for key, value in match.items()}
    for key, wanted in found.items():
        known = _WORDS[key] if key in _WORDS else _known(key, found, board)
        if known is not None and not any(fnmatchcase(one, wanted) for one in known):
            raise RefusedError(400, f"match.{key}: there is no {key} {wanted!r}: {_listed(known)}.")
    return found


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


def _window(said: Mapping[str, Any], now: datetime) -> Span:
    begins, ends = body.instant(said, "from") or now, body.instant(said, "to")
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


def _window_text(silence: Silence) -> str:
    window = silence.window
    if isinstance(window, Recurring):
        return f"by the times of {window.cron}"
    return f"from {_utc(window.begins)} until {_utc(window.ends)}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _events(silence: Silence, at: _Moment, said: str) -> tuple[Event, ...]:
    """Return the lines for the timelines of the open incidents that a silence is about."""
    return tuple(
        Event(one.id, at.now, "silenced", said)
        for one in at.board.incidents.values()
        if matches(silence, one)
    )


def _document(silence: Silence, at: _Moment) -> dict[str, Any]:
    """Return a silence as programs read it; windows that recur are told by the current and the next one."""
    zones = _zones(silence, at)
    ends = [end for zone in zones if (end := ends_at(silence, at.now, zone)) is not None]
    coming = [span for zone in zones if (span := next_window(silence, at.now, zone)) is not None]
    following = min(coming, key=lambda span: span.begins, default=None)
    return {
        "id": silence.id,
        "match": dict(silence.match),
        **_times(silence.window),
        "by": silence.by,
        "reason": silence.reason,
        "source": silence.source,
        "active": any(active(silence, at.now, zone) for zone in zones),
        "ends_at": instant(max(ends, default=None)),
        "next": {"from": instant(following.begins), "to": instant(following.ends)} if following else None,
    }


def _times(window: Span | Recurring) -> dict[str, Any]:
    if isinstance(window, Span):
        begins, ends = instant(window.begins), instant(window.ends)
        return {"from": begins, "to": ends, "cron": None, "for_seconds": None}
    return {"from": None, "to": None, "cron": window.cron, "for_seconds": window.lasts.total_seconds()}


def _zones(silence: Silence, at: _Moment) -> set[ZoneInfo]:
    """Return the time zones of the hotels that a silence may be about."""
    wanted = silence.match.get("hotel", "*")
    return {at.quiet.zone(hotel) for hotel in at.board.hotels if fnmatchcase(hotel, wanted)}
