"""Probe of OTA modifications whose reservation the PMS does not know, and of reservations it has twice.

A modification may overtake its reservation: for ten minutes it is only measured. A booking of several rooms
is several rows of one id made together; it stands twice when the same stay of the same room type was made
again later.

A statement of one's own gives one row with the columns `orphans`, `young` (orphans of less than ten minutes),
`arriving_soon`, `duplicates` (counts, which may be capped at 1001), `oldest` (seconds of age, or NULL) and
`ids` (a few OTA ids as a text, or NULL). There is no triage list then.
"""

from time import monotonic

from checks.check import CheckType
from checks.context import Context
from checks.log import span
from checks.result import Reason, Result, Sign, State, ok
from checks.tables import question, triage
from checks.tables.question import Row, asking, known, said, verdict

CAP = 1001

STATEMENT = """
WITH alone AS (
    SELECT ota_reservation_id, new_check_in, created_at
    FROM ota_modification_queue AS queue
    WHERE status = 'pending' AND NOT EXISTS (
        SELECT FROM reservations WHERE reservations.ota_reservation_id = queue.ota_reservation_id
    )
    ORDER BY created_at
    LIMIT 1001
), orphans AS (
    SELECT * FROM alone WHERE created_at <= now() - interval '10 minutes'
), twice AS (
    SELECT DISTINCT ota_reservation_id
    FROM reservations
    WHERE ota_reservation_id <> '' AND (check_out IS NULL OR check_out >= (now() AT TIME ZONE $1)::date)
    GROUP BY ota_reservation_id, room_type_id, check_in, check_out
    HAVING max(created_at) - min(created_at) > interval '1 minute'
    LIMIT 1001
)
SELECT (SELECT count(*) FROM orphans) AS orphans,
       (SELECT count(*) FROM alone WHERE created_at > now() - interval '10 minutes') AS young,
       (SELECT count(*) FROM orphans WHERE new_check_in
           BETWEEN (now() AT TIME ZONE $1)::date AND (now() AT TIME ZONE $1)::date + 1) AS arriving_soon,
       (SELECT extract(epoch FROM now() - min(created_at)) FROM orphans) AS oldest,
       (SELECT count(*) FROM twice) AS duplicates,
       (SELECT string_agg(left(id, 40), ', ') FROM (
           SELECT ota_reservation_id AS id FROM orphans ORDER BY new_check_in NULLS LAST, created_at LIMIT 3
        ) AS few) AS ids
"""


class Options(triage.Options):
    """The statement, and that of the list."""


async def probe(options: Options, context: Context) -> Result:
    """Judge the counts, and list the changes that no reservation takes."""
    began = monotonic()
    result = await _counted(options, context)
    if Sign.ORIGINAL_MISSING not in result.signs:
        return result
    return await triage.listed(options, context, began, result, changes=True)


def judge(_options: Options, row: Row, _context: Context) -> Result:
    """Say what cannot be applied to any reservation, and what stands twice."""
    orphans, duplicates = row.count("orphans"), row.count("duplicates")
    soon, oldest, ids = row.count("arriving_soon"), row.age("oldest"), row.text_or_none("ids")
    numbers = known(
        orphans=float(orphans),
        young_orphans=float(row.count("young")),
        duplicates=float(duplicates),
        arriving_soon=float(soon),
        oldest_orphan_seconds=oldest,
    )
    if orphans:
        told = f"{said(orphans, 'modification', CAP)} of reservations that the PMS does not have"
        told += f" ({ids})" if ids else ""
        told += f", the oldest waiting for {span(oldest)}" if oldest is not None else ""
        told += f", {soon} arriving today or tomorrow" if soon else ""
        return verdict(State.CRITICAL, Reason.MISSING, told, numbers, signs=(Sign.ORIGINAL_MISSING,))
    if duplicates:
        told = f"{said(duplicates, 'OTA reservation', CAP)} of stays to come, imported more than once"
        return verdict(State.WARNING, Reason.MISMATCH, told, numbers)
    return ok("every modification belongs to a reservation", numbers)


_counted = asking(judge)

CHECK = CheckType("modification_orphans", Options, "orphans", probe, question.target)
