"""The questions of the `queue` check: of the channel manager's queue, and of the OTA's modifications."""

from checks.tables.complaints import INVALID, NO_INVENTORY, NO_ORIGINAL

_STATEMENT = """
SELECT waiting.*, recent.processing, recent.stuck, recent.failed, recent.failed_hour, recent.done_hour,
       recent.arrived, recent.drained, {unsettled} AS unsettled, {error} AS error,
       extract(epoch FROM now() - coalesce(
           recent.processed, (SELECT max(processed_at) FROM {table} WHERE status = '{done}')
       )) AS newest_processed,
       CASE WHEN NOT EXISTS (
           SELECT FROM {table} WHERE status IN ('pending', 'processing', '{done}', 'failed')
       ) THEN (
           SELECT left(string_agg(DISTINCT left(status, 20), ', '), 100)
           FROM (SELECT status FROM {table} LIMIT 1000) AS few
       ) END AS statuses
FROM (
    SELECT (SELECT count(*) FROM (SELECT FROM {table} WHERE status = 'pending' LIMIT $1) AS few) AS pending,
           (SELECT extract(epoch FROM now() - min(created_at)) FROM {table} WHERE status = 'pending')
               AS oldest_pending
) AS waiting, (
    SELECT count(*) FILTER (WHERE status = 'processing') AS processing,
           {stuck} AS stuck,
           count(*) FILTER (WHERE status = 'failed'
               AND coalesce(processed_at, created_at) > now() - interval '24 hours') AS failed,
           count(*) FILTER (WHERE status = 'failed'
               AND coalesce(processed_at, created_at) > now() - interval '1 hour') AS failed_hour,
           count(*) FILTER (WHERE status = '{done}'
               AND processed_at > now() - interval '1 hour') AS done_hour,
           count(*) FILTER (WHERE created_at > now() - interval '5 minutes') AS arrived,
           count(*) FILTER (WHERE processed_at > now() - interval '5 minutes') AS drained,
           max(processed_at) FILTER (WHERE status = '{done}') AS processed
    FROM {table}
    WHERE status = 'processing'
       OR created_at > now() - interval '5 minutes'
       OR processed_at > now() - interval '24 hours'
       OR (status <> 'pending' AND created_at > now() - interval '24 hours')
) AS recent
"""
"""Of `$1` rows that are counted at the most."""

_STUCK = """count(*) FILTER (WHERE status = 'processing'
               AND coalesce(started_at, created_at) < now() - make_interval(secs => $2))"""
"""Of updates; nothing tells when a modification was taken up."""

_UNSETTLED = """(
    SELECT count(*) FROM (
        SELECT FROM ota_modification_queue
        WHERE status = 'failed'
          AND created_at BETWEEN now() - interval '7 days' AND now() - interval '24 hours'
          AND coalesce(processed_at, created_at) <= now() - interval '24 hours'
          AND (new_check_in IS NULL OR new_check_in >= (now() AT TIME ZONE $2)::date)
        LIMIT 1001
    ) AS few
)"""
"""Failures of yesterday and before, of stays that may be to come in the zone `$2`."""

_NEWEST_FAILURE = """(
    SELECT CASE WHEN error IS NULL THEN 'no reason given'
                WHEN {original} THEN 'original not found'
                WHEN {inventory} THEN 'inventory conflict'
                WHEN {invalid} THEN 'validation'
                ELSE 'processing error' END
    FROM ota_modification_queue
    WHERE status = 'failed' AND coalesce(processed_at, created_at) > now() - interval '24 hours'
    ORDER BY coalesce(processed_at, created_at) DESC
    LIMIT 1
)"""
"""Its class only: what a failure says may name a guest."""

CHANNEL_MANAGER = _STATEMENT.format(
    table="channel_manager_queue", done="done", stuck=_STUCK, unsettled="0", error="NULL::text"
)
MODIFICATIONS = _STATEMENT.format(
    table="ota_modification_queue",
    done="processed",
    stuck="0",
    unsettled=_UNSETTLED,
    error=_NEWEST_FAILURE.format(original=NO_ORIGINAL, inventory=NO_INVENTORY, invalid=INVALID),
)
