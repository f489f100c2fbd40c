"""What is decided about incidents -> the log."""

import structlog

from alerts.decision import Decision, Step

log = structlog.get_logger()

EVENTS = {
    Step.OPENED: "incident.opened",
    Step.REOPENED: "incident.reopened",
    Step.WORSENED: "incident.worsened",
    Step.EXPLAINED: "incident.explained",
    Step.CHANGED: "incident.changed",
    Step.ACKNOWLEDGED: "incident.acknowledged",
    Step.LAPSED: "incident.lapsed",
    Step.RESOLVED: "incident.resolved",
}


def report(decision: Decision) -> None:
    """Log a decision that was committed."""
    incident = decision.incident
    log.info(
        EVENTS[decision.step],
        incident=incident.id,
        hotel=incident.hotel,
        integrations=list(incident.integrations),
        severity=str(incident.severity),
        cause=str(incident.diagnosis.cause),
        title=incident.title,
    )
