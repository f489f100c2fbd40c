"""What an Alertmanager knows an incident by: alerts that begin, change and end."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from alerts.alert_series import announced, former, labels
from alerts.incident import Incident, IncidentState, Severity
from alerts.notification import Kind
from alerts.notifiers.alertmanager import render
from alerts.policy import LevelPolicy, Policy
from tests.support.letters import HOSTILE, NOW, incident, problem, resolved

ANNOUNCED = "announced-critical-1-api-credentials-invalid"
WORSE = "update-emergency-2-api-credentials-invalid"
OTHER = "update-emergency-2-gateway-degraded"
OPENED = "2026-11-25T08:01:00.000Z"


def told(*steps: str, **changes: Any) -> Incident:
    """Return an incident of which that was told."""
    return incident(steps=("problem-channels", "problem-1", *steps), **changes)


def alerts(about: Incident, kind: Kind = Kind.PROBLEM, **changes: Any) -> list[dict[str, Any]]:
    """Return what is posted about an incident."""
    found: list[dict[str, Any]] = json.loads(render(replace(problem(about, **changes), kind=kind), ()))
    return found


def test_an_incident_is_an_alert_with_the_labels_of_the_contract() -> None:
    (one,) = alerts(told(ANNOUNCED))
    assert one["labels"] == {
        "alertname": "api-credentials-invalid",
        "hotel": "grand-harbour",
        "integration": "payment",
        "severity": "critical",
        "incident": "inc-7f3a9c",
    }
    assert one["annotations"]["summary"] == "Grand Harbour Hotel: payment: refuses our credentials (401)"
    assert one["annotations"]["description"].startswith("Everything up to the login works")
    assert "\n1. Find out who changed" in one["annotations"]["description"]
    assert one["generatorURL"] == "https://porter.hotel.example/incidents/inc-7f3a9c"


def test_what_fires_has_a_beginning_and_no_end() -> None:
    (one,) = alerts(told(ANNOUNCED))
    assert (one["startsAt"], "endsAt" in one) == (OPENED, False)


def test_what_is_over_ends_when_it_was_resolved() -> None:
    mail = resolved(told(ANNOUNCED))
    (one,) = json.loads(render(mail, ()))
    assert (one["startsAt"], one["endsAt"]) == (OPENED, "2026-11-25T09:05:00.000Z")


def test_an_end_before_the_beginning_by_a_clock_that_was_set_back_is_one_all_the_same() -> None:
    mail = resolved(told(ANNOUNCED))
    early = replace(mail.incident, resolved_at=mail.incident.opened_at - timedelta(hours=1))
    (one,) = json.loads(render(replace(mail, incident=early), ()))
    assert one["endsAt"] == one["startsAt"] == OPENED


def test_another_severity_ends_one_alert_and_begins_another() -> None:
    before, after = alerts(told(ANNOUNCED, WORSE), Kind.UPDATE)
    assert (before["labels"]["severity"], before["endsAt"]) == ("critical", "2026-11-25T08:12:30.000Z")
    assert (after["labels"]["severity"], "endsAt" in after) == ("emergency", False)
    assert before["labels"] | {"severity": "emergency"} == after["labels"]


def test_another_cause_ends_every_alert_there_was_before() -> None:
    *before, after = alerts(told(ANNOUNCED, WORSE, OTHER), Kind.UPDATE)
    assert [one["labels"]["severity"] for one in before] == ["critical", "emergency"]
    assert all("endsAt" in one for one in before)
    assert after["labels"]["alertname"] == "gateway-degraded"


def test_a_cause_that_comes_back_does_not_end_its_own_alert() -> None:
    back = told(ANNOUNCED, "update-critical-1-gateway-degraded", "update-critical-2-api-credentials-invalid")
    assert [one["alertname"] for one in former(back)] == ["gateway-degraded"]
    assert labels(back)["alertname"] == "api-credentials-invalid"


def test_one_more_reason_to_escalate_is_the_same_alert() -> None:
    assert list(former(told(ANNOUNCED, "update-critical-2-api-credentials-invalid"))) == []


def test_what_a_silence_holds_back_makes_no_other_alert() -> None:
    worse = replace(told(ANNOUNCED), severity=Severity.EMERGENCY)
    assert labels(worse)["severity"] == "critical"
    assert list(former(worse)) == []


def test_hostile_words_stay_within_bounds() -> None:
    (one,) = alerts(told(ANNOUNCED, title=HOSTILE), hotel_name=HOSTILE)
    assert len(one["annotations"]["summary"]) <= 600
    assert "\x1b" not in json.dumps(one, ensure_ascii=False)


def test_an_address_with_a_secret_in_it_is_left_out() -> None:
    (one,) = alerts(told(ANNOUNCED), public_url="https://[hidden].example")
    assert "generatorURL" not in one


def test_a_channel_hears_until_the_end_of_what_it_was_told_of() -> None:
    levels = (LevelPolicy("1", "Support", ("a@h.example",)), LevelPolicy("2", "Lead", (), channels=("wall",)))
    policy = Policy(levels=levels, channels=("prom",))
    untold = incident(policy=policy)
    opened = replace(untold, steps=("problem-channels", "problem-1", ANNOUNCED))
    escalated = replace(opened, steps=(*opened.steps, "escalation-2"))
    over = replace(escalated, state=IncidentState.RESOLVED, resolved_at=NOW)
    found = {
        channel: [
            announced(one, channel, listens=channel == "prom") for one in (untold, opened, escalated, over)
        ]
        for channel in ("prom", "wall")
    }
    assert found == {"prom": [False, True, True, False], "wall": [False, False, True, False]}
