"""What is watched of an OTA (online travel agency)."""

from checks.integrations import looks_logs
from checks.integrations.built_in import CERTIFICATE, MINUTE, BuiltIn, SqlTuning, endpoint

CHECKS = (
    BuiltIn("health", MINUTE, endpoint("/health", bearer=False), why="whether it answers"),
    BuiltIn(
        "auth", 5 * MINUTE, None, ("url", "username", "password"), why="whether it takes our credentials"
    ),
    BuiltIn("rate_log", MINUTE, looks_logs.rate_log, ("pms.log_dir",), why="whether rate updates succeed"),
    BuiltIn("rates", 15 * MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="missing and impossible rates"),
    BuiltIn(
        "rate_mapping", 5 * MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="rate plans without a mapping"
    ),
    BuiltIn(
        "modification_queue", MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="modifications that wait"
    ),
    BuiltIn(
        "modification_orphans", 5 * MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="orphaned modifications"
    ),
    BuiltIn(
        "modification_log",
        MINUTE,
        looks_logs.modification_log,
        ("pms.log_dir",),
        why="whether modifications succeed",
    ),
    BuiltIn("messages", 5 * MINUTE, None, ("messages",), why="whether outgoing messages are valid"),
    CERTIFICATE,
)
