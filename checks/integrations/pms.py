"""What is watched of the hotel's own side."""

from checks.integrations import looks_logs
from checks.integrations.built_in import CERTIFICATE, HOUR, MINUTE, BuiltIn

CHECKS = (
    BuiltIn("database", MINUTE, None, ("pms.dsn",), why="whether the database answers"),
    BuiltIn(
        "logs",
        MINUTE,
        looks_logs.pms_logs,
        ("pms.log_dir",),
        why="whether logs are written, and what errors they show",
    ),
    BuiltIn(
        "audit_log",
        MINUTE,
        looks_logs.audit_log,
        ("pms.log_dir",),
        why="failed logins and gaps in the audit trail",
    ),
    BuiltIn("backup", HOUR, looks_logs.backup, ("pms.backup",), why="how old the newest backup is"),
    CERTIFICATE,
)
