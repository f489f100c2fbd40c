"""What is watched of a payment gateway."""

from checks.integrations.built_in import CERTIFICATE, MINUTE, BuiltIn, SqlTuning

CHECKS = (
    BuiltIn("health", MINUTE, path="/v1/status", why="whether it answers, and lets us in"),
    BuiltIn("transactions", MINUTE, ("pms.dsn",), tuning=SqlTuning, why="faults and declines, told apart"),
    BuiltIn("webhook", 5 * MINUTE, ("webhook",), why="whether its webhook is safe and reachable"),
    BuiltIn("webhook_log", MINUTE, ("pms.log_dir",), why="whether its events arrive"),
    BuiltIn("log", MINUTE, ("pms.log_dir",), why="whether payments succeed"),
    CERTIFICATE,
)
