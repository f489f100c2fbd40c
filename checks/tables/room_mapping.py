"""Probe of the mapping of room types: what is not mapped can neither be sold nor imported.

A room type that is mapped to nothing, or no longer, and of which no room is ever free, is not sold: it
is the staff's, or out of use.

A statement of one's own gives one row with the columns `active`, `blank` (active mappings without a target),
`unmapped` (room types to be sold without an active mapping), `twice` (PMS ids or targets that stand in
several active mappings; all counts) and `names` (a few of those concerned as a text, or NULL); with
`fingerprint`, a text that is another whenever a mapping is, a change of them shows in the reports.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checks.check import CheckType
from checks.context import Context
from checks.result import Reason, Result, Sign, State, ok
from checks.tables import question
from checks.tables.question import Row, asking, known, mapped, said, signs_of, verdict

ACTIVE = "active_mappings"
ACCEPTED = 86_400.0
"""Seconds after which a smaller number of mappings is the new normal."""

STATEMENT = """
WITH active AS (
    SELECT btrim(pms_room_type_id) AS room, nullif(btrim(booking_engine_room_type_id), '') AS target
    FROM room_type_mappings
    WHERE is_active
), ahead AS (
    SELECT btrim(room_type_id) AS room, bool_or(available_rooms > 0) AS sold
    FROM availability
    WHERE date >= (now() AT TIME ZONE $1)::date
    GROUP BY 1
), unmapped AS (
    SELECT room
    FROM ahead
    WHERE NOT EXISTS (SELECT FROM active WHERE active.room = ahead.room)
      AND (sold OR NOT EXISTS (
          SELECT FROM room_type_mappings WHERE btrim(pms_room_type_id) = ahead.room
      ))
), twice AS (
    SELECT room FROM active GROUP BY room HAVING count(*) > 1
    UNION ALL
    SELECT target FROM active WHERE target IS NOT NULL GROUP BY target HAVING count(*) > 1
), blank AS (
    SELECT room FROM active
    WHERE target IS NULL AND NOT EXISTS (SELECT FROM ahead WHERE ahead.room = active.room AND NOT sold)
), named AS (
    SELECT 1 AS rank, room FROM unmapped
    UNION ALL SELECT 1, room FROM blank
    UNION ALL SELECT 2, room FROM twice
)
SELECT (SELECT count(*) FROM active) AS active,
       (SELECT count(*) FROM blank) AS blank,
       (SELECT count(*) FROM unmapped) AS unmapped,
       (SELECT count(*) FROM twice) AS twice,
       (SELECT string_agg(left(room, 30), ', ') FROM (
           SELECT room FROM named WHERE rank = (SELECT min(rank) FROM named) ORDER BY room LIMIT 5
        ) AS few) AS names,
       (SELECT sum(hashtext(room || ' ' || coalesce(target, ''))::bigint)::text FROM active) AS fingerprint
"""


class Options(question.Options):
    """The statement."""


def look(options: Options, row: Row, context: Context) -> Result:
    """Judge, and tell what is mapped."""
    return replace(judge(options, row, context), findings=mapped(row, row.count("active")))


def judge(_options: Options, row: Row, context: Context) -> Result:
    """Say what is not mapped, mapped twice, or no longer mapped."""
    active, blank = row.count("active"), row.count("blank")
    unmapped, twice = row.count("unmapped"), row.count("twice")
    names = row.text_or_none("names")
    which = f": {names}" if names else ""
    numbers = known(
        **{ACTIVE: float(active)}, blank=float(blank), unmapped=float(unmapped), duplicates=float(twice)
    )
    lacking = not active or unmapped or blank
    signs = signs_of({Sign.ROOM_NOT_MAPPED: lacking, Sign.MAPPED_TWICE: twice})
    if not active:
        told = "there is no active mapping of a room type: nothing can be sold or imported"
        return verdict(State.CRITICAL, Reason.MISSING, told, numbers, signs=signs)
    if unmapped or blank:
        without = f"{said(unmapped, 'room type')} to be sold without an active mapping" if unmapped else ""
        empty = f"{said(blank, 'mapping')} without a target" if blank else ""
        told = " and ".join(part for part in (without, empty) if part)
        return verdict(State.CRITICAL, Reason.MISSING, told + which, numbers, signs=signs)
    if twice:
        told = f"{said(twice, 'room type')} mapped more than once{which}"
        return verdict(State.WARNING, Reason.MISMATCH, told, numbers, signs=signs)
    before = fallen(active, context)
    if before is not None:
        told = f"{said(active, 'active mapping')}, {before} at the last good look"
        return verdict(State.WARNING, Reason.MISMATCH, told, numbers)
    return ok(f"{said(active, 'active mapping')}", numbers)


def fallen(count: int, context: Context) -> int | None:
    """Return the number remembered from the last good look if this is less, for a day at the most."""
    now = context.tools.now().timestamp()
    before, since = _remembered(context.memory.value)
    if before is None or count >= before:
        context.memory.keep({"count": count})
        return None
    if since is None or since > now:
        context.memory.keep({"count": before, "since": now})
    elif now - since > ACCEPTED:
        context.memory.keep({"count": count})
        return None
    return before


def _remembered(value: Mapping[str, Any]) -> tuple[int | None, float | None]:
    """Return what was kept, as far as it is what we keep."""
    count, since = value.get("count"), value.get("since")
    return (
        count if isinstance(count, int) else None,
        float(since) if isinstance(since, int | float) else None,
    )


CHECK = CheckType("room_mapping", Options, ACTIVE, asking(look), question.target)
