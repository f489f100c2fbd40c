"""Reading what a vendor says of itself as JSON: an object, and the times and numbers in it."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from checks.expectation import MISSING, excerpt, json_of, text_of
from checks.http_exchange import Response

AHEAD = 60.0
"""Seconds that a time may lie in the future: clocks differ."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:)(\d\d)(?:\.(\d{1,18}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class MalformedError(ValueError):
    """What was answered cannot be understood, and why."""


def fields_of(response: Response) -> dict[str, Any]:
    """Return the object that was answered; raise MalformedError when it is none."""
    try:
        document = json_of(response)
    except ValueError as error:
        page = text_of(response).lstrip()[:1] == "<"
        what = "a page (HTML or XML)" if page else excerpt(text_of(response)) or "nothing"
        raise MalformedError(f"the body is not JSON but {what}") from error
    if not isinstance(document, dict):
        raise MalformedError(f"the body is {shown(document)}, expected a JSON object")
    return document


def shown(value: object) -> str:
    """Return the beginning of a JSON value, as a message may quote it; of an object or a list, its kind."""
    if value is MISSING:
        return "missing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return excerpt(json.dumps(value, ensure_ascii=False))


def time_of(name: str, value: object) -> datetime:
    """Return a time (RFC 3339) that was told under this name; raise MalformedError when it is none."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        day, minutes, second, fraction, zone = match.groups()
        # A leap second is one that datetime does not know.
        whole = (
            f"{day}T{minutes}{'59' if second == '60' else second}.{(fraction or '0')[:6]:0<6}{zone.upper()}"
        )
        try:
            return datetime.fromisoformat(whole).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise MalformedError(f"{name} is {shown(value)}, expected a time such as 2026-11-22T08:00:00Z")


def seconds_of(name: str, value: object) -> float:
    """Return a number of seconds that was told under this name; raise MalformedError when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e10:
        raise MalformedError(f"{name} is {shown(value)}, expected a number of seconds")
    return float(value)


def duration(seconds: float) -> str:
    """Return a number of seconds as people say it: `45 s`, `12 min`, `3 h`, `2 d`."""
    for unit, length, least in (("d", 86_400, 2), ("h", 3600, 3), ("min", 60, 2)):
        if seconds >= least * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
