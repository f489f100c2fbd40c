"""The owner's five reasons to escalate, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from alerts.incident import Criterion

CRITERIA: Mapping[Criterion, str] = MappingProxyType(
    {
        Criterion.CRITICAL_SYSTEM_DOWN: "what the hotel works with is down",
        Criterion.DATA_LOSS_RISK: "bookings or payments can get lost",
        Criterion.SECURITY_INCIDENT: "it is about security",
        Criterion.PERSISTENT_FAILURES: "it lasts too long, or comes back too often",
        Criterion.MULTIPLE_INTEGRATIONS: "several integrations fail from one cause",
    }
)
