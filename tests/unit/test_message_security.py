"""What is said of security findings, and who is told how urgently."""

from dataclasses import replace

import pytest

from alerts.incident import Breach, Cause, Criterion, Incident, Severity
from alerts.incidents import Judgement, Situation, Step, decide
from alerts.wording import consequence, diagnose, headline, kind_words, title
from checks.result import CheckId, Reason
from tests.support.clock import START
from tests.support.letters import breach, incident

FORGED = "accepts forged events, each of them twice: an event with a wrong signature"


JUDGEMENT = Judgement(diagnose, title, new_id=lambda: "id1")


def situation(*breaches: Breach, current: Incident | None = None) -> Situation:
    plain = Situation("h/payment", "h", "payment", "payment", breaches, ("health", "webhook"))
    return replace(plain, current=current)


def opened(found: Breach) -> Incident:
    decision = decide(situation(found), JUDGEMENT, START)
    assert decision is not None
    return decision.incident


@pytest.mark.parametrize(
    ("message", "cause", "said"),
    [
        (FORGED, Cause.WEBHOOK_SIGNATURE_NOT_VERIFIED, "the webhook takes events from anybody"),
        ("2 card numbers stand in /var/log/pms/app.log", Cause.CARD_NUMBER_IN_LOG, "a card number stands in"),
        ("a card number stands in failed login.log", Cause.CARD_NUMBER_IN_LOG, "a card number stands in"),
        ("40 failed logins within 5 minutes", Cause.LOGIN_ATTACK, "somebody tries passwords"),
        (
            "30 cards refused within 10 minutes, over 1.20 on average: stolen cards are tried",
            Cause.CARD_TESTING,
            "stolen cards are tried",
        ),
        (
            "the audit trail has a gap: failed login.log is gone",
            Cause.AUDIT_TRAIL_GAP,
            "the audit trail has a gap",
        ),
        ("something else", Cause.UNKNOWN, "security finding"),
    ],
)
def test_a_finding_is_told_by_what_the_check_says(message: str, cause: Cause, said: str) -> None:
    found = (breach(Reason.SECURITY, message),)
    assert diagnose(found, "payment").cause is cause
    assert title("payment", found).startswith(f"payment: {said}")
    assert headline(incident(*found), "payment").endswith(".")


def test_it_is_a_security_incident_and_an_emergency() -> None:
    found = opened(breach(Reason.SECURITY, FORGED))
    assert found.criteria == (Criterion.SECURITY_INCIDENT,)
    assert found.severity is Severity.EMERGENCY


def test_what_breaks_down_besides_is_told_all_the_same() -> None:
    forged = breach(Reason.SECURITY, FORGED, check=CheckId("h", "payment", "webhook"))
    silent = breach(Reason.CONNECT, "connection refused", check=CheckId("h", "payment", "health"))
    both = situation(forged, silent, current=opened(forged))
    decision = decide(both, JUDGEMENT, START)
    assert decision is not None
    assert decision.step is Step.WORSENED
    assert decision.incident.severity is Severity.EMERGENCY
    assert decision.incident.criteria == (Criterion.SECURITY_INCIDENT, Criterion.CRITICAL_SYSTEM_DOWN)
    assert decide(replace(both, current=decision.incident), JUDGEMENT, START) is None


def test_nobody_is_told_that_guests_cannot_pay() -> None:
    found = opened(breach(Reason.SECURITY, FORGED))
    for kind in ("payment", "generic"):
        told = consequence(found, kind_words(kind, "payment"), kind)
        assert told.startswith("Nothing fails for guests")
