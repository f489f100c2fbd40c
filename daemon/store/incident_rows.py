"""Incidents <-> rows of their table, without loss."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import RowMapping

from alerts.aids.aid_json import aid_json, aids_of
from alerts.incident import (
    Acknowledgement,
    Breach,
    Cause,
    Criterion,
    Diagnosis,
    Incident,
    IncidentState,
    NextStep,
    Severity,
)
from checks.result import CheckId, Reason, Sign, State
from daemon.store.policy_rows import policy_json, policy_of
from daemon.store.rows import Row
from daemon.store.schema import from_micros, to_micros

BODY = 2
"""The version of the JSON in `incidents.body`; what the first one did not have yet has its default."""

T = TypeVar("T")
V = TypeVar("V")


def incident_row(incident: Incident) -> Row:
    """Return the row of an incident."""
    return {
        "id": incident.id,
        "key": incident.key,
        "hotel": incident.hotel,
        "state": str(incident.state),
        "severity": str(incident.severity),
        "epoch": incident.epoch,
        "opened_at": incident.opened_at,
        "resolved_at": incident.resolved_at,
        "title": incident.title,
        "outcome": incident.outcome,
        "thread_root": incident.thread_root,
        "body": json.dumps(_body(incident)),
    }


def incident_of(row: RowMapping) -> Incident:
    """Return the incident of a row."""
    body = _read(row["body"])
    return Incident(
        id=row["id"],
        key=row["key"],
        hotel=row["hotel"],
        integrations=tuple(body["integrations"]),
        breaches=tuple(_breach_of(breach) for breach in body["breaches"]),
        diagnosis=_diagnosis_of(body["diagnosis"]),
        severity=Severity(row["severity"]),
        criteria=tuple(Criterion(criterion) for criterion in body["criteria"]),
        title=row["title"],
        state=IncidentState(row["state"]),
        opened_at=row["opened_at"],
        epoch=row["epoch"],
        resolved_at=row["resolved_at"],
        thread_root=row["thread_root"],
        outcome=row["outcome"],
        reopened=tuple(from_micros(moment) for moment in body.get("reopened", ())),
        acknowledgement=_maybe(_acknowledgement_of, body.get("acknowledgement")),
        parent=body.get("parent"),
        policy=_maybe(policy_of, body.get("policy")),
        steps=tuple(body.get("steps", ())),
        next_step=_maybe(_next_step_of, body.get("next_step")),
        standstill=body.get("standstill", ""),
        dismissed=body.get("dismissed", False),
        aids=aids_of(body.get("aids", ())),
    )


def _read(text: str) -> Mapping[str, Any]:
    body: Mapping[str, Any] = json.loads(text)
    if body["version"] > BODY:
        raise ValueError(f"version {body['version']} of an incident")
    return body


def _maybe(convert: Callable[[V], T], value: V | None) -> T | None:
    return None if value is None else convert(value)


def _body(incident: Incident) -> Row:
    return {
        "version": BODY,
        "integrations": incident.integrations,
        "criteria": incident.criteria,
        "breaches": [_breach_json(breach) for breach in incident.breaches],
        "diagnosis": _diagnosis_json(incident.diagnosis),
        "reopened": [to_micros(moment) for moment in incident.reopened],
        "acknowledgement": _maybe(_acknowledgement_json, incident.acknowledgement),
        "parent": incident.parent,
        "policy": _maybe(policy_json, incident.policy),
        "steps": incident.steps,
        "next_step": _maybe(_next_step_json, incident.next_step),
        "standstill": incident.standstill,
        "dismissed": incident.dismissed,
        "aids": [aid_json(aid) for aid in incident.aids],
    }


def _breach_json(breach: Breach) -> Row:
    return {
        "check": breach.check,
        "state": breach.state,
        "reason": breach.reason,
        "message": breach.message,
        "since": to_micros(breach.since),
        "last_ok": _maybe(to_micros, breach.last_ok),
        "observed": breach.observed,
        "limit": breach.limit,
        "unit": breach.unit,
        "signs": sorted(breach.signs),
        "flapping": breach.flapping,
    }


def _breach_of(value: Mapping[str, Any]) -> Breach:
    return Breach(
        check=CheckId(*value["check"]),
        state=State(value["state"]),
        reason=Reason(value["reason"]),
        message=value["message"],
        since=from_micros(value["since"]),
        last_ok=_moment(value["last_ok"]),
        observed=value["observed"],
        limit=value["limit"],
        unit=value["unit"],
        signs=frozenset(Sign(sign) for sign in value.get("signs", ())),
        flapping=value.get("flapping", False),
    )


def _moment(micros: int | None) -> datetime | None:
    return _maybe(from_micros, micros)


def _diagnosis_json(diagnosis: Diagnosis) -> Row:
    return {
        "cause": diagnosis.cause,
        "confidence": diagnosis.confidence,
        "fault": diagnosis.fault,
        "summary": diagnosis.summary,
        "steps": diagnosis.steps,
        "title": diagnosis.title,
        "sentence": diagnosis.sentence,
        "whole": diagnosis.whole,
        "evidence": diagnosis.evidence,
        "missing": diagnosis.missing,
        "runner_up": diagnosis.runner_up,
        "next_test": diagnosis.next_test,
    }


def _diagnosis_of(value: Mapping[str, Any]) -> Diagnosis:
    return Diagnosis(
        cause=Cause(value["cause"]),
        confidence=value["confidence"],
        fault=value["fault"],
        summary=value["summary"],
        steps=tuple(value["steps"]),
        title=value.get("title", ""),
        sentence=value.get("sentence", ""),
        whole=value.get("whole", False),
        evidence=tuple(value.get("evidence", ())),
        missing=tuple(value.get("missing", ())),
        runner_up=_maybe(Cause, value.get("runner_up")),
        next_test=value.get("next_test", ""),
    )


def _acknowledgement_json(acknowledgement: Acknowledgement) -> Row:
    return {
        "by": acknowledgement.by,
        "at": to_micros(acknowledgement.at),
        "until": to_micros(acknowledgement.until),
        "note": acknowledgement.note,
    }


def _acknowledgement_of(value: Mapping[str, Any]) -> Acknowledgement:
    return Acknowledgement(
        by=value["by"], at=from_micros(value["at"]), until=from_micros(value["until"]), note=value["note"]
    )


def _next_step_json(step: NextStep) -> Row:
    return {"level": step.level, "at": to_micros(step.at), "reason": step.reason}


def _next_step_of(value: Mapping[str, Any]) -> NextStep:
    return NextStep(level=value["level"], at=from_micros(value["at"]), reason=value["reason"])
