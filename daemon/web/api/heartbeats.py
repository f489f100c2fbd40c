"""`POST /api/v1/heartbeats/HOTEL/INTEGRATION/CHECK`: where a watched job pings."""

import json
from dataclasses import dataclass

from aiohttp import web

from checks import heartbeat
from checks.log_cards import hide
from checks.result import MESSAGE_LENGTH, CheckId
from daemon.store import StateError
from daemon.web.answer import document, refusal
from daemon.web.deps import DEPS


class BadPingError(Exception):
    """The body of a ping is not what it can be."""


@dataclass(frozen=True, slots=True)
class Ping:
    """What a job says of itself."""

    status: str = heartbeat.OK
    message: str = ""


async def ping(request: web.Request) -> web.Response:
    """Write a ping down and ask for a look at it, then answer; the look itself may come later."""
    deps = request.app[DEPS]
    match = request.match_info
    tile = (await deps.whole()).tiles.get(CheckId(match["hotel"], match["integration"], match["check"]))
    if tile is None or tile.check.type.name != heartbeat.CHECK.name:
        return refusal(request, 404, "There is no heartbeat of this name.")
    try:
        said = parse(await request.read())
    except BadPingError as error:
        return refusal(request, 400, str(error))
    note = heartbeat.ping(deps.clock.now(), said.status, said.message)
    try:
        await deps.desk.remember(tile.check.id, note)
    except StateError as error:
        return refusal(request, 503, f"The ping could not be written down: {error}")
    return document({"status": "ok"})


def parse(body: bytes) -> Ping:
    """Return what a body says, or raise `BadPingError` with a sentence; an empty one means ok."""
    if not body.strip():
        return Ping()
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise BadPingError("The body must be JSON, or empty.") from None
    if not isinstance(said, dict):
        raise BadPingError('The body must be a JSON object such as {"status": "ok"}.')
    unknown = sorted(set(said) - {"status", "message"})
    if unknown:
        raise BadPingError(f"Unknown key {_printable(unknown[0])[:40]!r}: there are status and message.")
    status, message = said.get("status", heartbeat.OK), said.get("message")
    if status not in (heartbeat.OK, heartbeat.FAILED):
        raise BadPingError("status must be ok or failed.")
    if not isinstance(message, str | None):
        raise BadPingError("message must be text.")
    return Ping(status, hide(_printable(message or ""))[:MESSAGE_LENGTH])


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).strip()
