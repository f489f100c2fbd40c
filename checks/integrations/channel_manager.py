"""What is watched of a channel manager."""

from checks.integrations import looks_logs, looks_process
from checks.integrations.built_in import CERTIFICATE, MINUTE, BuiltIn, SqlTuning, endpoint

CHECKS = (
    BuiltIn("health", MINUTE, endpoint("/api/sync/status"), why="whether it answers, and lets us in"),
    BuiltIn(
        "queue", MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="updates that wait, are stuck or failed"
    ),
    BuiltIn(
        "sync_process",
        MINUTE / 2,
        looks_process.sync_process,
        ("sync_process",),
        why="whether the sync service runs",
    ),
    BuiltIn("log", MINUTE, looks_logs.channel_log, ("pms.log_dir",), why="whether updates succeed"),
    CERTIFICATE,
)
