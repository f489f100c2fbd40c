"""The questions of which reservations, and changes of some, did not get into the PMS: what waits longest for
a person is what arrives first.

A text that may name a guest stays in the database: its class leaves it, and the code of a room type where it
stands alone at the place of one.
"""

from checks.tables.complaints import INVALID, NO_INVENTORY, NO_ORIGINAL, ROOM_CODE, UNMAPPED

_STATEMENT = """
WITH today AS (
    SELECT (now() AT TIME ZONE $1)::date AS today
), failed AS (
{rows}
), told AS (
    SELECT id, arrives, created_at, today,
           CASE WHEN {original} THEN 'original-missing'
                WHEN {unmapped} THEN 'room-not-mapped'
                WHEN {inventory} THEN 'no-inventory'
                WHEN {invalid} THEN 'invalid'
                ELSE 'other' END AS trouble,
           CASE WHEN {unmapped} THEN {code} END AS code
    FROM failed, today
), counted AS (
    SELECT *,
           count(*) OVER () AS in_all,
           count(*) OVER (PARTITION BY arrives) AS of_day,
           count(*) OVER (PARTITION BY code) AS of_code
    FROM told
    ORDER BY arrives IS NULL, arrives < today, arrives, created_at, id
    LIMIT 50
)
SELECT left(id, 64) AS id, trouble, code, arrives::text AS arrives, in_all, of_day, of_code,
       extract(epoch FROM now() - created_at) AS age,
       code IS NOT NULL AND EXISTS (
           SELECT FROM availability WHERE room_type_id = code AND date >= today
       ) AS pms,
       code IS NOT NULL AND EXISTS (
           SELECT FROM room_type_mappings
           WHERE code IN (pms_room_type_id, booking_engine_room_type_id) AND NOT is_active
       ) AS off
FROM counted
ORDER BY arrives IS NULL, arrives < today, arrives, created_at, id
"""

_IMPORTS = """\
    SELECT reservation_id AS id, error, check_in AS arrives, created_at
    FROM reservation_import_errors, today
    WHERE resolved_at IS NULL
      AND (created_at > now() - interval '24 hours' OR check_in >= today
           OR (check_in IS NULL AND created_at > now() - interval '7 days'))
    ORDER BY check_in IS NULL, check_in < today, check_in
    LIMIT 1001"""

_REJECTED = """\
    SELECT ota_reservation_id AS id, error, new_check_in AS arrives,
           coalesce(processed_at, created_at) AS created_at
    FROM ota_modification_queue, today
    WHERE status = 'failed'
      AND (coalesce(processed_at, created_at) > now() - interval '24 hours'
           OR (created_at > now() - interval '7 days' AND (new_check_in IS NULL OR new_check_in >= today)))
    ORDER BY new_check_in IS NULL, new_check_in < today, new_check_in
    LIMIT 1001"""

_ORPHANS = """\
    SELECT ota_reservation_id AS id, NULL::text AS error, new_check_in AS arrives, created_at
    FROM ota_modification_queue AS queue, today
    WHERE status = 'pending' AND created_at <= now() - interval '10 minutes' AND NOT EXISTS (
        SELECT FROM reservations WHERE reservations.ota_reservation_id = queue.ota_reservation_id
    )
    ORDER BY new_check_in IS NULL, new_check_in < today, new_check_in
    LIMIT 1001"""


def _of(rows: str, original: str) -> str:
    return _STATEMENT.format(
        rows=rows,
        original=original,
        unmapped=f"({UNMAPPED})",
        inventory=f"({NO_INVENTORY})",
        invalid=f"({INVALID})",
        code=ROOM_CODE,
    )


IMPORTS = _of(_IMPORTS, "false")
"""Reservations that could not be imported, in the zone `$1`."""

REJECTED = _of(_REJECTED, f"({NO_ORIGINAL})")
"""Modifications that failed, in the zone `$1`."""

ORPHANS = _of(_ORPHANS, "true")
"""Modifications of reservations that the PMS does not have, in the zone `$1`."""
