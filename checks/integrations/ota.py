"""What is watched of an OTA (online travel agency)."""

from checks.integrations.built_in import (
    CERTIFICATE,
    DSN,
    LOGS,
    MINUTE,
    VENDOR_STATUS,
    BuiltIn,
    SqlTuning,
    endpoint,
)
from checks.integrations.looks_logs import modification_log, rate_log
from checks.integrations.looks_tables import modification_orphans, modification_queue, rate_mapping, rates
from checks.integrations.looks_xml import messages, ota_auth

LOGIN = ("url", "username", "password")

CHECKS = (
    BuiltIn("health", MINUTE, endpoint("/health", bearer=False), why="whether it answers"),
    BuiltIn("auth", 5 * MINUTE, ota_auth, LOGIN, why="whether it takes our credentials"),
    BuiltIn("rate_log", MINUTE, rate_log, LOGS, why="whether rate updates succeed"),
    BuiltIn("rates", 15 * MINUTE, rates, DSN, SqlTuning, "missing and impossible rates"),
    BuiltIn("rate_mapping", 5 * MINUTE, rate_mapping, DSN, SqlTuning, "rate plans without a mapping"),
    BuiltIn("modification_queue", MINUTE, modification_queue, DSN, SqlTuning, "modifications that wait"),
    BuiltIn("modification_orphans", 5 * MINUTE, modification_orphans, DSN, SqlTuning, "lost originals"),
    BuiltIn("modification_log", MINUTE, modification_log, LOGS, why="whether modifications succeed"),
    BuiltIn("messages", 5 * MINUTE, messages, ("messages",), why="whether outgoing messages are valid"),
    VENDOR_STATUS,
    CERTIFICATE,
)
