"""Probe of reservations that failed to import and still need a person: each is a guest without a room.

Errors count for 24 hours; while the stay is still to come, until they are resolved; and for seven days where
nobody knows when the stay is. What is older is told and counts no more.

A statement of one's own gives one row with the columns `unresolved`, `older` (unresolved ones that count no
more; both may be capped at 1001), `unmapped`, `no_inventory`, `arriving_soon` (counts), `oldest` (seconds of
age, or NULL) and `ids` (a few reservation ids as a text, or NULL). There is no triage list then.
"""

from time import monotonic

from checks.check import CheckType
from checks.context import Context
from checks.log import span
from checks.result import Reason, Result, Sign, State, ok
from checks.tables import question, triage
from checks.tables.complaints import NO_INVENTORY, UNMAPPED
from checks.tables.question import Row, asking, known, said, signs_of, verdict

CAP = 1001

_STATEMENT = """
WITH today AS (
    SELECT (now() AT TIME ZONE $1)::date AS today
), open AS (
    SELECT reservation_id, error, check_in, created_at, today
    FROM reservation_import_errors, today
    WHERE resolved_at IS NULL
      AND (created_at > now() - interval '24 hours' OR check_in >= today
           OR (check_in IS NULL AND created_at > now() - interval '7 days'))
    LIMIT 1001
), past AS (
    SELECT FROM reservation_import_errors, today
    WHERE resolved_at IS NULL AND created_at <= now() - interval '24 hours'
      AND (check_in < today OR (check_in IS NULL AND created_at <= now() - interval '7 days'))
    LIMIT 1001
)
SELECT count(*) AS unresolved,
       (SELECT count(*) FROM past) AS older,
       count(*) FILTER (WHERE {unmapped}) AS unmapped,
       count(*) FILTER (WHERE {no_inventory}) AS no_inventory,
       count(*) FILTER (WHERE check_in BETWEEN today AND today + 1) AS arriving_soon,
       extract(epoch FROM now() - min(created_at)) AS oldest,
       (SELECT string_agg(left(reservation_id, 40), ', ') FROM (
           SELECT reservation_id FROM open ORDER BY check_in NULLS LAST, created_at LIMIT 3
        ) AS few) AS ids
FROM open
"""
STATEMENT = _STATEMENT.format(unmapped=UNMAPPED, no_inventory=NO_INVENTORY)


class Options(triage.Options):
    """The statement, and that of the list."""


async def probe(options: Options, context: Context) -> Result:
    """Judge the counts, and list what needs a person."""
    began = monotonic()
    result = await _counted(options, context)
    if result.state is not State.CRITICAL:
        return result
    return await triage.listed(options, context, began, result, changes=False)


def judge(_options: Options, row: Row, _context: Context) -> Result:
    """Say how many are unresolved, of what kind, and how soon their guests arrive."""
    unresolved, oldest, ids = row.count("unresolved"), row.age("oldest"), row.text_or_none("ids")
    kinds = {
        "with a room type that is not mapped": row.count("unmapped"),
        "with insufficient inventory": row.count("no_inventory"),
        "arriving today or tomorrow": row.count("arriving_soon"),
    }
    numbers = known(
        unresolved=float(unresolved),
        older=float(row.count("older")),
        unmapped=float(kinds["with a room type that is not mapped"]),
        no_inventory=float(kinds["with insufficient inventory"]),
        arriving_soon=float(kinds["arriving today or tomorrow"]),
        oldest_error_seconds=oldest,
    )
    if not unresolved:
        older = row.count("older")
        past = f"no error in 24 h ({said(older, 'older one', CAP)} unresolved)"
        return ok(past if older else "every reservation was imported", numbers)
    parts = [f"{said(unresolved, 'reservation', CAP)} could not be imported" + (f" ({ids})" if ids else "")]
    parts += [f"{count} {kind}" for kind, count in kinds.items() if count]
    parts += [f"the oldest {span(oldest)} ago"] if oldest is not None else []
    signs = {
        Sign.IMPORTS_FAILED: unresolved,
        Sign.ROOM_NOT_MAPPED: row.count("unmapped"),
        Sign.NO_INVENTORY: row.count("no_inventory"),
    }
    return verdict(State.CRITICAL, Reason.CONTENT, ", ".join(parts), numbers, signs=signs_of(signs))


_counted = asking(judge)

CHECK = CheckType("import_errors", Options, "unresolved", probe, question.target)
