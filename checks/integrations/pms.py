"""What is watched of the hotel's own side."""

from checks.integrations.built_in import CERTIFICATE, DSN, HOUR, LOGS, MINUTE, BuiltIn
from checks.integrations.looks_logs import audit_log, backup, pms_logs
from checks.integrations.looks_tables import database

CHECKS = (
    BuiltIn("database", MINUTE, database, DSN, why="whether the database answers"),
    BuiltIn("logs", MINUTE, pms_logs, LOGS, why="whether logs are written, and what errors they show"),
    BuiltIn("audit_log", MINUTE, audit_log, LOGS, why="failed logins and gaps in the audit trail"),
    BuiltIn("backup", HOUR, backup, ("pms.backup",), why="how old the newest backup is"),
    CERTIFICATE,
)
