"""When an incident opens, changes, comes back and ends, and how bad it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from alerts.incident import Breach, Cause, Criterion, Diagnosis, Incident, IncidentState, Severity
from alerts.incidents import Decision, Judgement, Situation, Step, decide, severity
from checks.result import CheckId, Reason, State
from tests.support.clock import START

LATER = START + timedelta(minutes=5)


def broken(check: str = "health", state: State = State.CRITICAL, reason: Reason = Reason.CONNECT) -> Breach:
    return Breach(CheckId("h", "payment", check), state, reason, "connection refused", since=START)


@pytest.fixture
def judgement() -> Judgement:
    numbers: Iterator[int] = count(1)
    return Judgement(
        diagnose=lambda breaches, _kind: Diagnosis(
            Cause.API_CREDENTIALS_INVALID if breaches[0].reason is Reason.CREDENTIALS else Cause.UNKNOWN,
            "unknown",
            "unknown",
            "connecting fails",
        ),
        title=lambda name, breaches: f"{name}: {breaches[0].reason}",
        new_id=lambda: f"id{next(numbers)}",
    )


def situation(*breaches: Breach, **changes: object) -> Situation:
    plain = Situation("h/payment", "h", "payment", "payment", breaches, ("health", "certificate"))
    return replace(plain, **changes)  # type: ignore[arg-type]  # the tests name real fields


def opened(judgement: Judgement, *breaches: Breach) -> Incident:
    decision = decide(situation(*breaches), judgement, START)
    assert decision is not None
    return decision.incident


def resolved(judgement: Judgement, incident: Incident) -> Decision:
    decision = decide(situation(current=incident), judgement, LATER)
    assert decision is not None
    return decision


def test_a_breach_opens_an_incident(judgement: Judgement) -> None:
    decision = decide(situation(broken()), judgement, START)
    assert decision is not None
    assert decision.step is Step.OPENED
    incident = decision.incident
    assert (incident.id, incident.key, incident.epoch) == ("id1", "h/payment", 1)
    assert (incident.state, incident.opened_at) == (IncidentState.OPEN, START)
    assert incident.checks == ("h/payment/health",)
    assert decision.event.incident == "id1"


def test_no_breach_and_no_incident_is_nothing(judgement: Judgement) -> None:
    assert decide(situation(), judgement, START) is None


def test_the_same_breaches_change_nothing(judgement: Judgement) -> None:
    current = opened(judgement, broken())
    same = replace(broken(), message="refused once more")
    assert decide(situation(same, current=current), judgement, LATER) is None


def test_another_breach_joins_the_open_incident(judgement: Judgement) -> None:
    current = opened(judgement, broken())
    both = situation(broken(), broken("certificate", State.WARNING, Reason.TLS), current=current)
    decision = decide(both, judgement, LATER)
    assert decision is not None
    assert (decision.step, decision.incident.id) == (Step.CHANGED, current.id)
    assert decision.incident.checks == ("h/payment/health", "h/payment/certificate")
    assert decision.incident.opened_at == START


def test_severity_only_rises_while_open(judgement: Judgement) -> None:
    mild = opened(judgement, broken("certificate", State.WARNING, Reason.TLS))
    assert mild.severity is Severity.WARNING
    worse = decide(situation(broken(), current=mild), judgement, LATER)
    assert worse is not None
    assert (worse.step, worse.incident.severity) == (Step.WORSENED, Severity.CRITICAL)
    milder = decide(
        situation(broken("certificate", State.WARNING, Reason.TLS), current=worse.incident), judgement, LATER
    )
    assert milder is not None
    assert (milder.step, milder.incident.severity) == (Step.CHANGED, Severity.CRITICAL)
    assert milder.incident.criteria == (Criterion.CRITICAL_SYSTEM_DOWN,)


def test_the_last_breach_clearing_resolves_it(judgement: Judgement) -> None:
    decision = resolved(judgement, opened(judgement, broken()))
    assert (decision.step, decision.incident.state) == (Step.RESOLVED, IncidentState.RESOLVED)
    assert decision.incident.resolved_at == LATER
    assert decision.incident.breaches == (broken(),)
    assert decision.incident.outcome == "works again"


def test_an_incident_whose_checks_are_gone_says_so(judgement: Judgement) -> None:
    current = opened(judgement, broken())
    decision = decide(situation(current=current, checks=()), judgement, LATER)
    assert decision is not None
    assert "no longer watched" in decision.incident.outcome


def test_coming_back_within_a_day_is_the_same_incident_one_epoch_on(judgement: Judgement) -> None:
    before = replace(resolved(judgement, opened(judgement, broken())).incident, thread_root="<root@h>")
    again = LATER + timedelta(hours=23)
    decision = decide(situation(broken(), recent=before), judgement, again)
    assert decision is not None
    assert decision.step is Step.REOPENED
    after = decision.incident
    assert (after.id, after.epoch, after.thread_root) == (before.id, 2, "<root@h>")
    assert (after.opened_at, after.resolved_at, after.state) == (again, None, IncidentState.OPEN)


def test_coming_back_after_a_day_is_a_new_incident(judgement: Judgement) -> None:
    before = resolved(judgement, opened(judgement, broken())).incident
    decision = decide(situation(broken(), recent=before), judgement, LATER + timedelta(hours=25))
    assert decision is not None
    assert (decision.step, decision.incident.epoch) == (Step.OPENED, 1)
    assert decision.incident.id != before.id


@pytest.mark.parametrize(
    ("kind", "checks", "critical", "down"),
    [
        ("payment", ("health", "certificate"), ("health",), True),
        ("payment", ("health", "certificate"), ("certificate",), False),
        ("email", ("provider", "smtp"), ("provider",), False),
        ("email", ("provider", "smtp"), ("provider", "smtp"), True),
        ("generic", ("health", "keys"), ("health",), True),
        ("generic", ("health", "keys"), ("keys",), False),
        ("generic", ("gateway", "keys"), ("gateway",), False),
        ("generic", ("gateway", "keys"), ("gateway", "keys"), True),
        ("generic", ("gateway",), ("gateway",), True),
    ],
)
def test_critical_system_down_when_what_it_stands_on_is_critical(
    judgement: Judgement, kind: str, checks: tuple[str, ...], critical: tuple[str, ...], *, down: bool
) -> None:
    breaches = tuple(broken(check) for check in critical)
    decision = decide(situation(*breaches, kind=kind, checks=checks), judgement, START)
    assert decision is not None
    assert (Criterion.CRITICAL_SYSTEM_DOWN in decision.incident.criteria) is down
    assert decision.incident.severity is (Severity.CRITICAL if down else Severity.WARNING)


def test_a_fresh_failing_look_at_the_siblings_counts_once_a_breach_is_decided(judgement: Judgement) -> None:
    seen = situation(
        broken("gateway"), kind="generic", checks=("gateway", "keys"), failing=frozenset({"gateway", "keys"})
    )
    decision = decide(seen, judgement, START)
    assert decision is not None
    assert decision.incident.severity is Severity.CRITICAL


def test_a_warning_alone_brings_nothing_down(judgement: Judgement) -> None:
    decision = decide(situation(broken(state=State.WARNING)), judgement, START)
    assert decision is not None
    assert decision.incident.severity is Severity.WARNING


def test_refused_credentials_are_a_system_down_whichever_check_shows_them(judgement: Judgement) -> None:
    incident = opened(judgement, broken("certificate", reason=Reason.CREDENTIALS))
    assert incident.criteria == (Criterion.CRITICAL_SYSTEM_DOWN,)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ((), Severity.WARNING),
        ((Criterion.PERSISTENT_FAILURES,), Severity.CRITICAL),
        ((Criterion.SECURITY_INCIDENT,), Severity.EMERGENCY),
        ((Criterion.CRITICAL_SYSTEM_DOWN, Criterion.DATA_LOSS_RISK), Severity.EMERGENCY),
    ],
)
def test_severity_follows_the_criteria(held: tuple[Criterion, ...], expected: Severity) -> None:
    assert severity(held) is expected
