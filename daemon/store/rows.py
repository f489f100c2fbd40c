"""Values of alerting <-> rows of the tables, without loss."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from alerts.change import Event
from alerts.notification import Delivery, Kind, Notification
from alerts.standing import Standing
from checks.result import CheckId, Reason, Sign, State
from daemon.store.schema import from_micros, to_micros

Row = dict[str, Any]


def notification_row(notification: Notification) -> Row:
    """Return the row of a notification."""
    return {
        "id": notification.id,
        "key": notification.key,
        "incident": notification.incident or None,
        "epoch": notification.epoch,
        "kind": str(notification.kind),
        "level": notification.level,
        "channel": notification.channel,
        "recipient": notification.recipient,
        "message": notification.message,
        "message_id": notification.message_id,
        "created_at": notification.created_at,
        "due_at": notification.due_at,
        "state": str(notification.state),
        "attempts": notification.attempts,
        "sent_at": notification.sent_at,
        "last_error": notification.last_error,
        "hotel": notification.hotel or None,
        # What is about no single incident could not be named in a digest.
        "urgent": notification.urgent or not notification.incident,
    }


def notification_of(row: RowMapping) -> Notification:
    """Return the notification of a row; a row read without its message gives an empty one."""
    return Notification(
        id=row["id"],
        key=row["key"],
        incident=row["incident"] or "",
        epoch=row["epoch"],
        kind=Kind(row["kind"]),
        level=row["level"],
        channel=row["channel"],
        recipient=row["recipient"],
        message=row.get("message", b""),
        message_id=row["message_id"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        state=Delivery(row["state"]),
        attempts=row["attempts"],
        sent_at=row["sent_at"],
        last_error=row["last_error"],
        hotel=row["hotel"] or "",
        urgent=row["urgent"],
        held=row["held_at"] is not None,
    )


def standing_row(standing: Standing) -> Row:
    """Return the row of a standing."""
    return {
        "hotel": standing.check.hotel,
        "integration": standing.check.integration,
        "check": standing.check.check,
        "state": str(standing.state),
        "reason": str(standing.reason) if standing.reason else None,
        "message": standing.message,
        "since": standing.since,
        "last_run": standing.last_run,
        "last_ok": standing.last_ok,
        "bad_runs": standing.bad_runs,
        "ok_runs": standing.ok_runs,
        "bad_since": standing.bad_since,
        "breached": standing.breached,
        "breached_at": standing.breached_at,
        "slow": standing.slow,
        "erring": standing.erring,
        "blind_runs": standing.blind_runs,
        "flapping": standing.flapping,
        "history": standing.history,
        "changed_at": standing.changed_at,
        "openings": ",".join(str(to_micros(opening)) for opening in standing.openings),
        "signs": ",".join(sorted(standing.signs)),
        "observed": standing.observed,
        "limit": standing.limit,
        "unit": standing.unit,
    }


def standing_of(row: RowMapping) -> Standing:
    """Return the standing of a row."""
    return Standing(
        check=CheckId(row["hotel"], row["integration"], row["check"]),
        state=State(row["state"]),
        reason=Reason(row["reason"]) if row["reason"] else None,
        message=row["message"],
        since=row["since"],
        last_run=row["last_run"],
        last_ok=row["last_ok"],
        bad_runs=row["bad_runs"],
        ok_runs=row["ok_runs"],
        bad_since=row["bad_since"],
        breached=row["breached"],
        breached_at=row["breached_at"],
        slow=row["slow"],
        erring=row["erring"],
        blind_runs=row["blind_runs"],
        flapping=row["flapping"],
        history=row["history"],
        changed_at=row["changed_at"],
        openings=tuple(from_micros(int(opening)) for opening in _listed(row["openings"])),
        signs=frozenset(Sign(sign) for sign in _listed(row["signs"])),
        observed=row["observed"],
        limit=row["limit"],
        unit=row["unit"],
    )


def _listed(text: str) -> list[str]:
    return text.split(",") if text else []


def event_row(event: Event) -> Row:
    """Return the row of a line of a timeline."""
    return {"incident": event.incident, "at": event.at, "kind": event.kind, "text": event.text}


def event_of(row: RowMapping) -> Event:
    """Return the line of a timeline of a row."""
    return Event(row["incident"], row["at"], row["kind"], row["text"])


def memory_row(check: CheckId, value: Mapping[str, Any]) -> Row:
    """Return the row of what a check remembers."""
    return {**check._asdict(), "value": json.dumps(value, separators=(",", ":"))}


def memory_of(row: RowMapping) -> tuple[CheckId, dict[str, Any] | None]:
    """Return a check and what it remembers, None when that cannot be read."""
    try:
        value = json.loads(row["value"])
    except ValueError:
        value = None
    check = CheckId(row["hotel"], row["integration"], row["check"])
    return check, value if isinstance(value, dict) else None
