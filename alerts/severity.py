"""How bad an incident is, and the reasons to escalate."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad an incident is."""

    WARNING = "warning"
    CRITICAL = "critical"
    EMERGENCY = "emergency"


class Criterion(StrEnum):
    """The owner's five reasons to escalate."""

    CRITICAL_SYSTEM_DOWN = "critical-system-down"
    DATA_LOSS_RISK = "data-loss-risk"
    SECURITY_INCIDENT = "security-incident"
    PERSISTENT_FAILURES = "persistent-failures"
    MULTIPLE_INTEGRATIONS = "multiple-integrations"
