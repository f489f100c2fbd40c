"""Aids <-> JSON, without loss: as the state keeps them and as programs read them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from alerts.aids.aid import Aid, AidKind, Due, Ticket


def aid_json(aid: Aid) -> dict[str, Any]:
    """Return an aid as plain values; moments in UTC."""
    return {
        "kind": str(aid.kind),
        "heading": aid.heading,
        "lines": list(aid.lines),
        "desk": list(aid.desk),
        "due": [{"who": due.who, "what": due.what, "at": _instant(due.at)} for due in aid.due],
        "ticket": _ticket(aid.ticket) if aid.ticket else None,
    }


def aid_of(value: Mapping[str, Any]) -> Aid:
    """Return the aid of plain values; raise KeyError, TypeError or ValueError at what is none."""
    ticket = value["ticket"]
    return Aid(
        kind=AidKind(value["kind"]),
        heading=value["heading"],
        lines=tuple(value["lines"]),
        desk=tuple(value["desk"]),
        due=tuple(Due(due["who"], due["what"], datetime.fromisoformat(due["at"])) for due in value["due"]),
        ticket=Ticket(ticket["to"], ticket["subject"], ticket["body"]) if ticket else None,
    )


def aids_of(values: Iterable[Mapping[str, Any]]) -> tuple[Aid, ...]:
    """Return the aids of plain values, without those that another version wrote in another way.

    They help with an incident: none of them is worth an incident that cannot be read.
    """
    found = []
    for value in values:
        with suppress(AttributeError, LookupError, TypeError, ValueError):
            found.append(aid_of(value))
    return tuple(found)


def _ticket(ticket: Ticket) -> dict[str, str]:
    return {"to": ticket.to, "subject": ticket.subject, "body": ticket.body}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
