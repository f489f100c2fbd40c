"""`/api/v1/silences`: windows of time in which nobody is told of what they match."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from alerts.silence import KEYS, Recurring, Silence, Source, Span
from daemon.board import Board
from daemon.web import body, silencing
from daemon.web.answer import RefusedError, document, instant
from daemon.web.deps import DEPS
from daemon.web.silencing import Moment

FIELDS = ("match", "from", "to", "by", "reason")


async def several(request: web.Request) -> web.Response:
    """Answer every silence that is not over, those of the configuration first."""
    at = await silencing.moment_of(request.app[DEPS])
    return document({"silences": [_document(one, at) for one in at.all()]})


async def add(request: web.Request) -> web.Response:
    """Silence what matches, from now on or from a time to come."""
    deps = request.app[DEPS]
    said = await body.fields(request, FIELDS)
    at = await silencing.moment_of(deps)
    silence = Silence(
        id=deps.new_id(),
        match=_match(said, at.board),
        window=silencing.window(body.instant(said, "from"), body.instant(said, "to"), at.now),
        reason=body.note(said, "reason", required=True),
        by=body.name(said, "by"),
        source=Source.PERSON,
    )
    await silencing.add(deps, at, silence)
    return document(_document(silence, at), 201)


async def end(request: web.Request) -> web.Response:
    """End a silence that a person has asked for; what is due by then is told at once."""
    deps = request.app[DEPS]
    at = await silencing.moment_of(deps)
    silence = await silencing.end(deps, at, request.match_info["id"])
    return document(_document(silence, at) | {"active": False, "ends_at": None, "next": None})


def _match(said: Mapping[str, Any], board: Board) -> dict[str, str]:
    """Return what is to be silenced, or refuse what would never match anything."""
    match = said.get("match")
    keys = ", ".join(sorted(KEYS))
    if not isinstance(match, dict) or not match or not KEYS.issuperset(match):
        raise RefusedError(
            400, f'match must be an object with one or more of {keys}, such as {{"integration": "payment"}}.'
        )
    found = {key: body.name({f"match.{key}": value}, f"match.{key}") for key, value in match.items()}
    for key in found:
        silencing.check_match(found, board, key)
    return found


def _document(silence: Silence, at: Moment) -> dict[str, Any]:
    """Return a silence as programs read it; windows that recur are told by the current and the next one."""
    when = silencing.timing(silence, at)
    coming = when.coming
    return {
        "id": silence.id,
        "match": dict(silence.match),
        **_times(silence.window),
        "by": silence.by,
        "reason": silence.reason,
        "source": silence.source,
        "active": when.active,
        "ends_at": instant(when.ends_at),
        "next": {"from": instant(coming.begins), "to": instant(coming.ends)} if coming else None,
    }


def _times(window: Span | Recurring) -> dict[str, Any]:
    if isinstance(window, Span):
        begins, ends = instant(window.begins), instant(window.ends)
        return {"from": begins, "to": ends, "cron": None, "for_seconds": None}
    return {"from": None, "to": None, "cron": window.cron, "for_seconds": window.lasts.total_seconds()}
