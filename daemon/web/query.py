"""What people ask for behind the question mark of an address."""

import re
from collections.abc import Collection, Mapping

from aiohttp import web

from daemon.web.answer import RefusedError

ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What an id looks like, be it of the configuration or one that we gave."""


def parameters(request: web.Request, known: Collection[str]) -> Mapping[str, str]:
    """Return the parameters of a request; refuse what is none of these, or stands there twice."""
    asked = request.query
    for name in sorted(set(asked) - set(known)):
        listed = " and ".join(filter(None, (", ".join([*known][:-1]), [*known][-1])))
        there = "is" if len(known) == 1 else "are"
        raise RefusedError(400, f"Unknown parameter {name[:40]!r}: there {there} {listed}.")
    if len(set(asked)) != len(asked):
        raise RefusedError(400, "Each parameter may be given once.")
    return asked


def name(asked: Mapping[str, str], field: str) -> str | None:
    """Return an id, or None where none is asked for."""
    value = asked.get(field)
    if value is not None and not ID.fullmatch(value):
        raise RefusedError(400, f"{field} must be an id: 1 to 64 of a-z, A-Z, 0-9, _, . and -.")
    return value


def number(asked: Mapping[str, str], field: str, default: int, most: int) -> int:
    """Return a whole number from 1 on."""
    value = asked.get(field, str(default))
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) and 1 <= int(value) <= most):
        raise RefusedError(400, f"{field} must be a whole number from 1 to {most}.")
    return int(value)
