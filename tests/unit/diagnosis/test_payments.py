"""The rules about payments that fail, and cards that are declined."""

import pytest

from alerts.diagnosis.payments import RULES
from alerts.facts import Fact
from checks.result import Reason, Sign, State
from tests.support.facts import a_hotel, causes, failing, fine, groups

TRANSACTIONS = "payment/transactions"
FAULTS = failing(TRANSACTIONS, Reason.THRESHOLD, Sign.PAYMENTS_FAILED, Sign.PAYMENTS_UNCERTAIN)
DECLINES = failing(TRANSACTIONS, Reason.THRESHOLD, Sign.DECLINES, state=State.WARNING)
DOUBT = failing(TRANSACTIONS, Reason.THRESHOLD, Sign.PAYMENTS_UNCERTAIN, state=State.WARNING)
LOG = failing("payment/log", Reason.THRESHOLD, Sign.LOG_FAILURES)
SLOW = failing("payment/health", Reason.THRESHOLD, state=State.WARNING)


def test_payments_that_fail_while_the_gateway_answers_show_that_it_is_degraded() -> None:
    assert causes(a_hotel(FAULTS, LOG), RULES) == {"gateway-degraded": ["payment/log", TRANSACTIONS]}
    [found] = groups(a_hotel(FAULTS, LOG), RULES)
    assert (found.diagnosis.confidence, found.diagnosis.fault) == ("likely", "vendor")


def test_a_slow_gateway_is_part_of_it() -> None:
    assert causes(a_hotel(FAULTS, SLOW), RULES) == {"gateway-degraded": ["payment/health", TRANSACTIONS]}
    assert causes(a_hotel(SLOW), RULES) == {"unknown": ["payment/health"]}


@pytest.mark.parametrize("reason", [Reason.SERVER_ERROR, Reason.TIMEOUT, Reason.CREDENTIALS, Reason.TLS])
def test_a_gateway_that_is_down_is_not_merely_degraded(reason: Reason) -> None:
    found = causes(a_hotel(FAULTS, failing("payment/health", reason, breached=False)), RULES)
    assert found == {"unknown": [TRANSACTIONS]}


def test_without_a_look_at_the_gateway_it_is_told_what_is_not_known() -> None:
    [found] = groups(a_hotel(FAULTS, failing("payment/health", Reason.INTERNAL)), RULES)
    assert found.cause == "gateway-degraded"
    assert found.diagnosis.missing == ("health",)


def test_faults_of_our_own_requests_are_not_the_gateways() -> None:
    assert causes(a_hotel(failing(TRANSACTIONS, Reason.THRESHOLD)), RULES) == {"unknown": [TRANSACTIONS]}
    assert causes(a_hotel(failing(TRANSACTIONS, Reason.CREDENTIALS)), RULES) == {"unknown": [TRANSACTIONS]}


def test_a_log_of_failures_alone_does_not_show_a_fault_of_the_gateway() -> None:
    assert causes(a_hotel(LOG, fine(TRANSACTIONS)), RULES) == {"unknown": ["payment/log"]}


def test_payments_in_doubt_are_possibly_the_gateways_fault() -> None:
    [found] = groups(a_hotel(DOUBT), RULES)
    assert (found.cause, found.diagnosis.confidence) == ("gateway-degraded", "possible")


@pytest.mark.parametrize("more", [(), (LOG,)])
def test_declined_cards_are_the_guests_and_perhaps_a_trial_of_stolen_ones(more: tuple[Fact, ...]) -> None:
    [found] = groups(a_hotel(DECLINES, *more), RULES)
    assert (found.cause, found.diagnosis.fault) == ("customer-declines", "guest")
    assert found.diagnosis.runner_up == "card-testing"
    assert len(found.breaches) == 1 + len(more)


def test_declined_cards_do_not_hide_that_the_gateway_is_down() -> None:
    down = failing("payment/health", Reason.SERVER_ERROR)
    found = causes(a_hotel(DECLINES, LOG, down), RULES)
    assert found == {"customer-declines": [TRANSACTIONS], "unknown": ["payment/health", "payment/log"]}


@pytest.mark.parametrize("fact", [FAULTS, DOUBT, DECLINES])
def test_payments_that_fail_do_not_account_for_the_webhook(fact: Fact) -> None:
    webhook = failing("payment/webhook", Reason.TLS)
    assert causes(a_hotel(fact, webhook), RULES)["unknown"] == ["payment/webhook"]
