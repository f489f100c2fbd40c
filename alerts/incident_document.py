"""An incident as programs read it, with the names of the contract."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from alerts.aids.aid_json import aid_json
from alerts.change import Event
from alerts.incident import Breach, Diagnosis, Incident, NextStep
from alerts.notification import Delivery, Notification


def summary(one: Incident, notifications: Iterable[Notification]) -> dict[str, Any]:
    """Return an incident as it stands in lists."""
    promise = one.acknowledgement
    return {
        "id": one.id,
        "hotel": one.hotel,
        "integrations": list(one.integrations),
        "checks": list(one.checks),
        "state": one.state,
        "severity": one.severity,
        "criteria": list(one.criteria),
        "cause": one.diagnosis.cause,
        "confidence": one.diagnosis.confidence,
        "title": one.title,
        "opened_at": instant(one.opened_at),
        "acknowledged_at": instant(promise.at) if promise else None,
        "acknowledged_by": promise.by if promise else None,
        "acknowledged_until": instant(promise.until) if promise else None,
        "resolved_at": instant(one.resolved_at),
        "outcome": one.outcome or None,
        "epoch": one.epoch,
        "parent": one.parent,
        "next_step": _next_step(one.next_step),
        "standstill": one.standstill or None,
        "notifications": [_notification(row) for row in notifications],
    }


def explained(one: Incident, notifications: Iterable[Notification]) -> dict[str, Any]:
    """Return an incident with its evidence and its diagnosis."""
    return summary(one, notifications) | {
        "evidence": [_evidence(breach) for breach in one.breaches],
        "diagnosis": _diagnosis(one.diagnosis),
    }


def story(
    one: Incident,
    notifications: Iterable[Notification],
    events: Iterable[Event],
    impact: Iterable[str] = (),
) -> dict[str, Any]:
    """Return an incident with its timeline, its evidence, its diagnosis, and what helps with it.

    `impact` says what it means for guests and sales.
    """
    timeline = [{"at": instant(event.at), "kind": event.kind, "text": event.text} for event in events]
    return explained(one, notifications) | {
        "impact": list(impact),
        "aids": [aid_json(aid) for aid in one.aids],
        "timeline": timeline,
    }


def instant(moment: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC, to the millisecond."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _next_step(step: NextStep | None) -> dict[str, Any] | None:
    return {"level": step.level, "at": instant(step.at), "reason": step.reason} if step else None


def _notification(row: Notification) -> dict[str, Any]:
    shown = Delivery.PENDING if row.state is Delivery.SENDING else row.state
    waits = row.state is Delivery.PENDING and not row.held
    took = row.sent_at - row.created_at if row.sent_at else None
    return {
        "id": row.id,
        "kind": row.kind,
        "level": row.level,
        "channel": row.channel,
        "recipient": row.recipient,
        "state": shown,
        "attempts": row.attempts,
        "created_at": instant(row.created_at),
        "due_at": instant(row.due_at) if waits else None,
        "held": row.held and row.state is Delivery.PENDING,
        "sent_at": instant(row.sent_at),
        "delivery_seconds": round(max(took.total_seconds(), 0.0), 3) if took is not None else None,
        "message_id": row.message_id,
        "last_error": row.last_error or None,
    }


def _evidence(breach: Breach) -> dict[str, Any]:
    return {
        "check": str(breach.check),
        "state": breach.state,
        "reason": breach.reason,
        "message": breach.message,
        "since": instant(breach.since),
        "last_ok": instant(breach.last_ok),
        "observed": _finite(breach.observed),
        "limit": _finite(breach.limit),
        "unit": breach.unit or None,
        "flapping": breach.flapping,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _diagnosis(one: Diagnosis) -> dict[str, Any]:
    return {
        "cause": one.cause,
        "confidence": one.confidence,
        "fault": one.fault,
        "summary": one.summary,
        "steps": list(one.steps),
        "evidence": list(one.evidence),
        "missing": list(one.missing),
        "runner_up": one.runner_up,
        "next_test": one.next_test or None,
    }
