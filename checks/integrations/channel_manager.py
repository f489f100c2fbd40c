"""What is watched of a channel manager."""

from checks.integrations.built_in import CERTIFICATE, DSN, LOGS, MINUTE, VENDOR_STATUS, BuiltIn, SqlTuning
from checks.integrations.looks_http import channel_status
from checks.integrations.looks_logs import channel_log
from checks.integrations.looks_process import sync_process
from checks.integrations.looks_tables import queue

CHECKS = (
    BuiltIn("health", MINUTE, channel_status, why="whether it answers, lets us in, and serves its channels"),
    BuiltIn("queue", MINUTE, queue, DSN, SqlTuning, "updates that wait, are stuck or failed"),
    BuiltIn("sync_process", MINUTE / 2, sync_process, ("sync_process",), why="whether the sync service runs"),
    BuiltIn("log", MINUTE, channel_log, LOGS, why="whether updates succeed"),
    VENDOR_STATUS,
    CERTIFICATE,
)
