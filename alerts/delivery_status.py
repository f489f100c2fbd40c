"""What a mail server reports of a mail that it could not deliver (RFC 3464), for the one recipient it had."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from itertools import islice

from alerts.message_text import clean

PARTS = 50
"""Parts of a message that are looked at."""

_WHERE = ("delivered-to", "x-original-to", "envelope-to", "to")
"""Headers that say to which address a message came, the surest first."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a mail. `failed` is for good, else it is late only; the rest is what the server said."""

    failed: bool
    status: str
    recipient: str
    diagnostic: str

    def __str__(self) -> str:
        words = " ".join(part for part in (self.status, self.diagnostic) if part) or "without a reason"
        return f"{self.recipient}: {words}" if self.recipient else words


def read(message: bytes) -> tuple[list[str], Report | None]:
    """Return the addresses a message came to, and what it reports; None when it is no such report.

    Nothing in it is trusted: what cannot be read is as good as not there.
    """
    try:
        parsed = message_from_bytes(message)
        came_to = [_text(value) for name in _WHERE for value in parsed.get_all(name, [])[:PARTS]]
        return came_to, _report(list(_recipients(parsed)))
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return [], None


def _recipients(message: Message) -> Iterator[Message]:
    """Return the groups of fields that speak of a recipient each."""
    for part in islice(message.walk(), PARTS):
        groups = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
        for group in groups[:PARTS] if isinstance(groups, list) else ():
            if isinstance(group, Message) and "action" in group:
                yield group


def _report(groups: list[Message]) -> Report | None:
    """Return the report of one recipient, the worst last: what reached anybody has not failed."""
    found = [one for one in map(_said, groups) if one is not None]
    late = [one for one in found if not one.failed]
    return next(iter((*late, *found)), None)


def _said(group: Message) -> Report | None:
    action = _text(group["action"]).lower()
    if action not in {"failed", "delayed"}:
        return None
    return Report(
        action == "failed",
        clean(_text(group["status"]).partition("(")[0], 20),
        clean(_value(group["final-recipient"]), 254),
        clean(_value(group["diagnostic-code"]), 200),
    )


def _value(field: object) -> str:
    """Return what follows the type in a field such as `rfc822; somebody@hotel.example`."""
    kind, semicolon, value = _text(field).partition(";")
    return value if semicolon else kind


def _text(field: object) -> str:
    if field is None:
        return ""
    try:
        return str(make_header(decode_header(str(field))))
    except (MessageError, ValueError, LookupError):
        return str(field)
