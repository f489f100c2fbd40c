"""The rules about findings of security: each accounts for itself alone."""

import pytest

from alerts.diagnosis import payments, security, webhook
from alerts.diagnosis.rule import Rule
from checks.result import Reason, Sign
from tests.support.facts import a_hotel, causes, failing, fine, groups

FINDINGS = [
    ("payment/webhook", Sign.FORGERY_ACCEPTED, "webhook-signature-not-verified"),
    ("payment/transactions", Sign.STOLEN_CARDS, "card-testing"),
    ("expedia/modification_log", Sign.CARD_NUMBER, "card-number-in-log"),
    ("pms/audit_log", Sign.AUDIT_GAP, "audit-trail-gap"),
    ("pms/audit_log", Sign.FAILED_LOGINS, "login-attack"),
]
AROUND: tuple[Rule, ...] = (*security.RULES, *webhook.RULES, *payments.RULES)


@pytest.mark.parametrize(("check", "sign", "cause"), FINDINGS)
def test_a_finding_is_told_by_its_sign(check: str, sign: Sign, cause: str) -> None:
    found = groups(a_hotel(failing(check, Reason.SECURITY, sign), fine("pms/logs")), security.RULES)
    assert [(one.cause, one.diagnosis.confidence) for one in found] == [(cause, "likely")]
    assert 1 <= len(found[0].diagnosis.steps) <= 3
    assert found[0].diagnosis.next_test


@pytest.mark.parametrize(("check", "sign", "cause"), FINDINGS)
def test_a_finding_without_its_sign_is_no_attack_of_a_kind(check: str, sign: Sign, cause: str) -> None:
    assert causes(a_hotel(failing(check, Reason.SECURITY)), security.RULES) == {"unknown": [check]}
    seen = failing(check, Reason.SECURITY, sign, breached=False)
    assert not causes(a_hotel(seen), security.RULES), cause


@pytest.mark.parametrize(("check", "sign", "cause"), FINDINGS)
def test_a_finding_accounts_for_nothing_else(check: str, sign: Sign, cause: str) -> None:
    other = failing(f"{check.split('/', maxsplit=1)[0]}/other", Reason.SECURITY)
    found = causes(a_hotel(failing(check, Reason.SECURITY, sign), other), security.RULES)
    assert found[cause] == [check]


def test_a_finding_does_not_hide_an_outage() -> None:
    hotel = a_hotel(
        failing("payment/webhook", Reason.SECURITY, Sign.FORGERY_ACCEPTED),
        failing("payment/health", Reason.SERVER_ERROR),
        failing("payment/log", Reason.THRESHOLD, Sign.LOG_FAILURES),
    )
    found = causes(hotel, AROUND)
    assert found["webhook-signature-not-verified"] == ["payment/webhook"]
    assert found["unknown"] == ["payment/health", "payment/log"]


def test_an_outage_does_not_hide_a_finding() -> None:
    hotel = a_hotel(
        failing("payment/health", Reason.TIMEOUT, minutes=60),
        failing("payment/transactions", Reason.SECURITY, Sign.STOLEN_CARDS),
    )
    assert causes(hotel, AROUND)["card-testing"] == ["payment/transactions"]


def test_a_gap_in_the_audit_trail_is_less_sure_when_all_logs_are_gone() -> None:
    gap = failing("pms/audit_log", Reason.SECURITY, Sign.AUDIT_GAP)
    gone = failing("pms/logs", Reason.MISSING, Sign.LOG_GONE)
    sure, unsure, unknown = (
        groups(a_hotel(gap, *others), security.RULES)[0].diagnosis
        for others in ([fine("pms/logs")], [gone], [])
    )
    assert (sure.confidence, unsure.confidence, unknown.confidence) == ("likely", "possible", "possible")
    assert unknown.missing == ("logs",)
    assert not unsure.missing


def test_a_gap_and_a_burst_of_logins_are_both_told_of() -> None:
    both = failing("pms/audit_log", Reason.SECURITY, Sign.AUDIT_GAP, Sign.FAILED_LOGINS)
    found = groups(a_hotel(both, fine("pms/logs")), security.RULES)
    assert [(one.cause, one.diagnosis.runner_up) for one in found] == [("audit-trail-gap", "login-attack")]
