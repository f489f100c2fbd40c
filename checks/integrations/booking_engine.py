"""What is watched of a booking engine."""

from checks.integrations.built_in import (
    CERTIFICATE,
    DSN,
    LOGS,
    MINUTE,
    VENDOR_STATUS,
    BuiltIn,
    SqlTuning,
    StockTuning,
    endpoint,
)
from checks.integrations.looks_http import cache, webhook
from checks.integrations.looks_logs import sync_log, webhook_log
from checks.integrations.looks_process import sync_process
from checks.integrations.looks_tables import availability, import_errors, reservations, room_mapping

CHECKS = (
    BuiltIn("health", MINUTE, endpoint("/api/health"), why="whether it answers, and lets us in"),
    BuiltIn("cache", MINUTE, cache, why="whether its availability cache is refreshed"),
    BuiltIn("sync_log", MINUTE, sync_log, LOGS, why="whether the availability sync succeeds"),
    BuiltIn("availability", 15 * MINUTE, availability, DSN, StockTuning, "gaps and overbookings"),
    BuiltIn("room_mapping", 5 * MINUTE, room_mapping, DSN, SqlTuning, "room types without a mapping"),
    BuiltIn("reservations", 5 * MINUTE, reservations, DSN, SqlTuning, "silence of new reservations"),
    BuiltIn("import_errors", MINUTE, import_errors, DSN, SqlTuning, "reservations that failed to import"),
    BuiltIn("webhook", 5 * MINUTE, webhook, ("webhook",), why="whether its webhook is safe and reachable"),
    BuiltIn("webhook_log", MINUTE, webhook_log, LOGS, why="whether its events arrive"),
    BuiltIn("sync_process", MINUTE / 2, sync_process, ("sync_process",), why="whether the sync service runs"),
    VENDOR_STATUS,
    CERTIFICATE,
)
