"""`/api/v1`: the status, and incidents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web

from alerts.incident import Breach, Incident, IncidentState
from alerts.notification import Delivery, Notification
from daemon.web import status as status_document
from daemon.web.answer import document, instant, refusal, stream
from daemon.web.deps import DEPS, Record

LIMIT = 100
MOST = 500


class BadQueryError(Exception):
    """A parameter of a request is not what it can be."""


@dataclass(frozen=True, slots=True)
class Query:
    """What incidents are asked for."""

    state: IncidentState | None
    hotel: str | None
    limit: int
    before: str | None


async def status(request: web.Request) -> web.StreamResponse:
    """Answer how everything is."""
    deps = request.app[DEPS]
    pieces = status_document.document(deps.board, deps.clock.monotonic())
    return await stream(
        request, {hdrs.CONTENT_TYPE: "application/json"}, (one.encode("ascii") async for one in pieces)
    )


async def incidents(request: web.Request) -> web.Response:
    """Answer the incidents asked for, newest first, and where to go on."""
    try:
        query = parse(request.query)
    except BadQueryError as error:
        return refusal(request, 400, str(error))
    found = await request.app[DEPS].store.list_incidents(
        state=query.state, hotel=query.hotel, limit=query.limit + 1, before=query.before
    )
    page = found[: query.limit]
    more = len(found) > query.limit
    return document(
        {
            "incidents": [incident_document(record.incident, record) for record in page],
            "next": page[-1].incident.id if more else None,
        }
    )


async def incident(request: web.Request) -> web.Response:
    """Answer one incident with its timeline, evidence and diagnosis."""
    record = await request.app[DEPS].store.incident(request.match_info["id"])
    if record is None:
        return refusal(request, 404, "There is no incident with this id.")
    one = record.incident
    return document(
        incident_document(one, record)
        | {
            "timeline": [
                {"at": instant(event.at), "kind": event.kind, "text": event.text} for event in record.events
            ],
            "evidence": [_evidence(breach) for breach in one.breaches],
            "diagnosis": {
                "cause": one.diagnosis.cause,
                "confidence": one.diagnosis.confidence,
                "fault": one.diagnosis.fault,
                "summary": one.diagnosis.summary,
                "steps": list(one.diagnosis.steps),
            },
        }
    )


def parse(parameters: Mapping[str, str]) -> Query:
    """Return the query, or raise `BadQueryError` with a sentence."""
    unknown = sorted(set(parameters) - {"state", "hotel", "limit", "before"})
    if unknown:
        raise BadQueryError(
            f"Unknown parameter {unknown[0][:40]!r}: there are state, hotel, limit and before."
        )
    state = parameters.get("state")
    if state is not None and state not in set(IncidentState):
        raise BadQueryError("state must be open, acknowledged or resolved.")
    limit = parameters.get("limit", str(LIMIT))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 1 <= int(limit) <= MOST):
        raise BadQueryError(f"limit must be a whole number from 1 to {MOST}.")
    for name in ("hotel", "before"):
        value = parameters.get(name)
        if value is not None and not (0 < len(value) <= 64 and value.isprintable()):
            raise BadQueryError(f"{name} must be an id of 1 to 64 characters.")
    return Query(
        IncidentState(state) if state is not None else None,
        parameters.get("hotel"),
        int(limit),
        parameters.get("before"),
    )


def incident_document(one: Incident, record: Record) -> dict[str, Any]:
    """Return an incident as the contract names its fields; what does not exist yet is None."""
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
        "acknowledged_at": None,
        "acknowledged_by": None,
        "acknowledged_until": None,
        "resolved_at": instant(one.resolved_at),
        "epoch": one.epoch,
        "next_step": None,
        "notifications": [_notification(row) for row in record.notifications],
    }


def _notification(row: Notification) -> dict[str, Any]:
    shown = Delivery.PENDING if row.state is Delivery.SENDING else row.state
    return {
        "id": row.id,
        "kind": row.kind,
        "level": row.level,
        "channel": row.channel,
        "recipient": row.recipient,
        "state": shown,
        "attempts": row.attempts,
        "created_at": instant(row.created_at),
        "sent_at": instant(row.sent_at),
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
        "observed": breach.observed,
        "limit": breach.limit,
        "unit": breach.unit or None,
    }
