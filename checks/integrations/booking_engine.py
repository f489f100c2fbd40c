"""What is watched of a booking engine."""

from checks.integrations import looks_logs, looks_process
from checks.integrations.built_in import CERTIFICATE, MINUTE, BuiltIn, SqlTuning, endpoint

CHECKS = (
    BuiltIn("health", MINUTE, endpoint("/api/health"), why="whether it answers, and lets us in"),
    BuiltIn("cache", MINUTE, why="whether its availability cache is refreshed"),
    BuiltIn(
        "sync_log",
        MINUTE,
        looks_logs.sync_log,
        ("pms.log_dir",),
        why="whether the availability sync succeeds",
    ),
    BuiltIn("availability", 15 * MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="gaps and overbookings"),
    BuiltIn(
        "room_mapping", 5 * MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="room types without a mapping"
    ),
    BuiltIn(
        "reservations", 5 * MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="silence of new reservations"
    ),
    BuiltIn(
        "import_errors",
        MINUTE,
        None,
        ("pms.dsn",),
        tuning=SqlTuning,
        why="reservations that failed to import",
    ),
    BuiltIn("webhook", 5 * MINUTE, None, ("webhook",), why="whether its webhook is safe and reachable"),
    BuiltIn("webhook_log", MINUTE, looks_logs.webhook_log, ("pms.log_dir",), why="whether its events arrive"),
    BuiltIn(
        "sync_process",
        MINUTE / 2,
        looks_process.sync_process,
        ("sync_process",),
        why="whether the sync service runs",
    ),
    CERTIFICATE,
)
