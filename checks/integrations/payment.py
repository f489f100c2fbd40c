"""What is watched of a payment gateway."""

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
from checks.integrations.looks_http import webhook
from checks.integrations.looks_logs import payment_log, webhook_log
from checks.integrations.looks_tables import transactions

CHECKS = (
    BuiltIn("health", MINUTE, endpoint("/v1/status"), why="whether it answers, and lets us in"),
    BuiltIn("transactions", MINUTE, transactions, DSN, SqlTuning, "faults and declines, told apart"),
    BuiltIn("webhook", 5 * MINUTE, webhook, ("webhook",), why="whether its webhook is safe and reachable"),
    BuiltIn("webhook_log", MINUTE, webhook_log, LOGS, why="whether its events arrive"),
    BuiltIn("log", MINUTE, payment_log, LOGS, why="whether payments succeed"),
    VENDOR_STATUS,
    CERTIFICATE,
)
