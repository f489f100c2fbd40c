"""Being let in: keys, permissions and limits are told apart, and from the mail server's."""

from dataclasses import replace

import pytest

from alerts.diagnosis.decision_table import RULES
from checks.result import Reason, Sign, State
from tests.support.facts import a_hotel, causes, failing, groups
from tests.support.shaped_facts import queue


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("payment/health", "health"),
        ("expedia/auth", "ota_auth"),
        ("email/provider", "health"),
        ("payment/transactions", "transactions"),
        ("door_locks/gateway", "http"),
    ],
)
def test_a_key_that_is_refused_is_ours_to_mend(name: str, type_: str) -> None:
    facts = a_hotel(failing(name, Reason.CREDENTIALS, type_=type_, message="refused (401)"))
    (one,) = groups(facts, RULES)
    assert (one.cause, one.diagnosis.fault, one.diagnosis.confidence) == (
        "api-credentials-invalid",
        "us",
        "likely",
    )


def test_the_title_quotes_the_code() -> None:
    refused = failing("payment/health", Reason.CREDENTIALS, message="our credentials are refused (401)")
    (one,) = groups(a_hotel(refused), RULES)
    assert one.diagnosis.title == "payment: refuses our credentials (401)"


def test_payments_refused_by_themselves_point_to_the_pms() -> None:
    (one,) = groups(a_hotel(failing("payment/transactions", Reason.CREDENTIALS, type_="transactions")), RULES)
    assert "PMS" in one.diagnosis.title


def test_without_anything_known_of_others_it_is_no_more_than_possible() -> None:
    facts = a_hotel(failing("payment/health", Reason.CREDENTIALS), healthy=False)
    (one,) = groups(facts, RULES)
    assert (one.cause, one.diagnosis.confidence) == ("api-credentials-invalid", "possible")
    assert one.diagnosis.missing == ("control targets",)


@pytest.mark.parametrize("reason", [Reason.CREDENTIALS, Reason.FORBIDDEN, Reason.RATE_LIMITED])
@pytest.mark.parametrize(("name", "type_"), [("email/smtp_login", "smtp"), ("payment/webhook", "webhook")])
def test_the_mail_server_and_our_own_webhook_are_no_interface_of_the_vendor(
    reason: Reason, name: str, type_: str
) -> None:
    found = causes(a_hotel(failing(name, reason, type_=type_)), RULES)
    assert not {"api-credentials-invalid", "property-not-authorised", "rate-limited"} & set(found)


def test_being_known_and_not_let_in_is_a_matter_of_permission() -> None:
    (one,) = groups(a_hotel(failing("expedia/auth", Reason.FORBIDDEN, type_="ota_auth")), RULES)
    assert (one.cause, one.diagnosis.fault) == ("property-not-authorised", "us")


def test_a_queue_that_grows_under_a_limit_is_the_limit() -> None:
    limited = failing("channel_manager/health", Reason.RATE_LIMITED, type_="channels")
    assert causes(a_hotel(limited, queue(Sign.QUEUE_LONG)), RULES) == {
        "rate-limited": ["channel_manager/health", "channel_manager/queue"]
    }


def test_one_answer_that_asks_to_slow_down_is_enough_to_explain_a_queue() -> None:
    limited = replace(failing("channel_manager/health", Reason.RATE_LIMITED, type_="channels"), breach=None)
    assert causes(a_hotel(limited, queue(Sign.QUEUE_LONG)), RULES) == {
        "rate-limited": ["channel_manager/queue"]
    }


def test_a_queue_that_grows_without_a_limit_is_not_the_limit() -> None:
    assert "rate-limited" not in causes(a_hotel(queue(Sign.QUEUE_LONG)), RULES)


def test_a_refused_key_leaves_a_mapping_that_is_missing_alone() -> None:
    facts = a_hotel(
        failing("expedia/auth", Reason.CREDENTIALS, type_="ota_auth"),
        failing("expedia/rate_mapping", Reason.MISSING, Sign.RATE_NOT_MAPPED, type_="rate_mapping"),
        failing("expedia/rate_log", Reason.STALE, type_="log"),
    )
    assert causes(facts, RULES) == {
        "api-credentials-invalid": ["expedia/auth", "expedia/rate_log"],
        "rate-plan-not-mapped": ["expedia/rate_mapping"],
    }


def test_a_proxy_that_wants_a_password_is_not_the_vendor() -> None:
    asked = failing("payment/health", Reason.CREDENTIALS, message="a proxy asks for credentials (407)")
    (one,) = groups(a_hotel(asked), RULES)
    assert "proxy" in one.diagnosis.title


def test_a_warning_of_another_kind_is_no_refusal() -> None:
    moved = failing("payment/health", Reason.REDIRECT, type_="health", state=State.WARNING)
    assert list(causes(a_hotel(moved), RULES)) == ["unknown"]
