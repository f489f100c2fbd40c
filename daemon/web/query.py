"""What people ask for behind the question mark of an address."""

from collections.abc import Collection, Mapping

from aiohttp import web

from daemon.web.answer import RefusedError

NAME = 64
"""Characters of an id at the most."""


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
    if value is not None and not (0 < len(value) <= NAME and value.isprintable()):
        raise RefusedError(400, f"{field} must be an id of 1 to {NAME} characters.")
    return value


def number(asked: Mapping[str, str], field: str, default: int, most: int) -> int:
    """Return a whole number from 1 on."""
    value = asked.get(field, str(default))
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) and 1 <= int(value) <= most):
        raise RefusedError(400, f"{field} must be a whole number from 1 to {most}.")
    return int(value)
