"""What is watched of a payment gateway."""

from checks.integrations import looks_logs
from checks.integrations.built_in import CERTIFICATE, MINUTE, BuiltIn, SqlTuning, endpoint

CHECKS = (
    BuiltIn("health", MINUTE, endpoint("/v1/status"), why="whether it answers, and lets us in"),
    BuiltIn(
        "transactions", MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="faults and declines, told apart"
    ),
    BuiltIn("webhook", 5 * MINUTE, None, ("webhook",), why="whether its webhook is safe and reachable"),
    BuiltIn("webhook_log", MINUTE, looks_logs.webhook_log, ("pms.log_dir",), why="whether its events arrive"),
    BuiltIn("log", MINUTE, looks_logs.payment_log, ("pms.log_dir",), why="whether payments succeed"),
    CERTIFICATE,
)
