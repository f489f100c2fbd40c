"""Values that others chose -> text that a person may paste into the PMS's SQL console.

What is quoted cannot end its quotes: anything but plain signs is told as bytes. What is longer than a line
that is shown in whole is left out, as half a statement is none.
"""

import re
from collections.abc import Iterable

from alerts.aids.telling import LINE
from checks.findings import Gap

ROOM = LINE - 40
"""Signs that a statement may have, with some words before it."""

_PLAIN = re.compile(r"[!-&(-\[\]-~]{1,64}")
"""Printable ASCII without blank, quote and backslash."""

_ENGINES = ":'booking_engine_code'"
_PMS = ":'pms_room_type'"
"""What psql takes for a variable, and refuses while it is not set: nobody inserts a placeholder."""


_EITHER = "IN (pms_room_type_id, booking_engine_room_type_id)"
_SEE = "SELECT pms_room_type_id, booking_engine_room_type_id, is_active FROM room_type_mappings"
_SWITCH_ON = "UPDATE room_type_mappings SET is_active = true"
_ADD = "INSERT INTO room_type_mappings (pms_room_type_id, booking_engine_room_type_id, is_active)"
_BOOKINGS = """\
SELECT reservation_id, check_in, created_at, error FROM reservation_import_errors \
WHERE resolved_at IS NULL AND reservation_id"""
_CHANGES = """\
SELECT ota_reservation_id, status, new_check_in, created_at, error FROM ota_modification_queue \
WHERE status IN ('pending', 'failed') AND ota_reservation_id"""


def literal(value: str) -> str:
    """Return a text as PostgreSQL takes it, whatever is in it."""
    if _PLAIN.fullmatch(value):
        return f"'{value}'"
    return f"convert_from(decode('{value.encode('utf-8', 'replace').hex()}', 'hex'), 'UTF8')"


def see(gap: Gap) -> str:
    """Return the question that shows which mapping there is of a room type, if any."""
    return f"{_SEE} WHERE {literal(gap.code)} {_EITHER};"


def close(gap: Gap) -> str:
    """Return the change that maps a room type; the side that is not known is a variable to be set."""
    code = literal(gap.code)
    if gap.off:
        return f"{_SWITCH_ON} WHERE {code} {_EITHER} AND NOT is_active;"
    pms, engine = (code, _ENGINES) if gap.pms else (_PMS, code)
    return f"{_ADD} VALUES ({pms}, {engine}, true);"


def unset(gap: Gap) -> str:
    """Return how to put in by hand what closes a gap, in psql; an empty text for nothing."""
    if gap.off:
        return ""
    what = "CODE, the booking engine's code" if gap.pms else "TYPE, the PMS's room type"
    name = (_ENGINES if gap.pms else _PMS).strip(":'")
    return f" (first, in psql: \\set {name} {what})"


def waiting(ids: Iterable[str], *, changes: bool) -> str:
    """Return the question for the rows of as many ids as a line has room for; an empty text for none."""
    start = _CHANGES if changes else _BOOKINGS
    query = ""
    quoted: list[str] = []
    for one in ids:
        longer = f"{start} IN ({', '.join([*quoted, literal(one)])}) ORDER BY created_at;"
        if len(longer) <= ROOM:
            quoted.append(literal(one))
            query = longer
    return query
