"""What people send to the API: a JSON object, looked at field by field."""

import asyncio
import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import hdrs, web

from alerts.message_text import clean
from daemon.web.answer import RefusedError

NAME = 200
"""Characters of a person's name at the most."""

NOTE = 2000
"""Characters of a note at the most."""

ARRIVES_WITHIN = 10.0
"""Seconds in which a body must be there."""

PATIENCE = web.AppKey("patience", float)
"""The same, of an application that says otherwise."""

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories of what cannot stand in a name."""


async def arrived(request: web.Request) -> bytes:
    """Return the whole body; refuse one that drips."""
    try:
        async with asyncio.timeout(request.app.get(PATIENCE, ARRIVES_WITHIN)):
            return await request.read()
    except TimeoutError:
        raise RefusedError(408, "The body takes too long to arrive.", {hdrs.CONNECTION: "close"}) from None


async def fields(request: web.Request, known: Collection[str]) -> dict[str, Any]:
    """Return the fields of a body, none for an empty one; refuse what is no JSON object of these."""
    body = await arrived(request)
    if not body.strip():
        return {}
    if hdrs.CONTENT_TYPE in request.headers and request.content_type != "application/json":
        raise RefusedError(415, "The body must be JSON: send it with `Content-Type: application/json`.")
    try:
        said = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise RefusedError(400, "The body must be JSON.") from None
    if not isinstance(said, dict):
        raise RefusedError(400, 'The body must be a JSON object such as {"by": "Ada"}.')
    for name in said:
        if name not in known:
            shown = clean(name, 40)
            raise RefusedError(400, f"There is no field {shown!r}: there are {', '.join(known)}.")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; refuse one that names a field twice: nobody can know which one is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RefusedError(400, "The body names a field twice.")
    return found


def name(said: Mapping[str, Any], field: str, *, required: bool = True) -> str:
    """Return who somebody is; empty when it is not said and need not be."""
    value = said.get(field)
    if value is None and not required:
        return ""
    found = clean(value, NAME) if isinstance(value, str) and _seemly(value) else ""
    if not found:
        raise RefusedError(
            400, f"{field} must be a name: text of 1 to {NAME} characters, no control characters among them."
        )
    return found


def note(said: Mapping[str, Any], field: str, *, required: bool = False) -> str:
    """Return a text as one line; empty when it is not said and need not be."""
    value = said.get(field)
    if value is None and not required:
        return ""
    found = clean(value, NOTE) if isinstance(value, str) and len(value) <= NOTE else None
    if found is None or (required and not found):
        raise RefusedError(
            400, f"{field} must be text of {'1 to' if required else 'at most'} {NOTE} characters."
        )
    return found


def instant(said: Mapping[str, Any], field: str) -> datetime | None:
    """Return a time in UTC, or None when it is not said."""
    value = said.get(field)
    if value is None:
        return None
    found = _moment(value) if isinstance(value, str) and _MOMENT.fullmatch(value) else None
    if found is None:
        raise RefusedError(
            400, f"{field} must be a time with its offset from UTC, such as 2026-11-25T10:00:00+01:00."
        )
    return found


def _seemly(value: str) -> bool:
    return len(value) <= NAME and not any(unicodedata.category(char) in _UNSEEN for char in value)


def _moment(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
