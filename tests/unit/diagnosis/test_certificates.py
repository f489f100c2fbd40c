"""Certificates: whose they are decides who must act."""

import pytest

from alerts.diagnosis.decision_table import RULES
from alerts.facts import Fact
from checks.result import Phase, Reason, Sign, State
from tests.support.facts import a_hotel, causes, failing, groups
from tests.support.shaped_facts import of, queue, shaped

INVALID = [
    Sign.CERTIFICATE_REVOKED,
    Sign.CERTIFICATE_NOT_YET_VALID,
    Sign.CERTIFICATE_WRONG_NAME,
    Sign.CERTIFICATE_UNTRUSTED,
]


def tls(name: str, *signs: Sign, type_: str = "health") -> Fact:
    found = failing(name, Reason.TLS, *signs, type_=type_, phase=Phase.TLS)
    return of(found, host="api.vendor.example", port="443")


def test_an_expired_certificate_is_its_owners() -> None:
    facts = a_hotel(tls("payment/health", Sign.CERTIFICATE_EXPIRED))
    (one,) = groups(facts, RULES)
    assert (one.cause, one.diagnosis.fault) == ("certificate-expired", "vendor")
    assert "api.vendor.example" in one.diagnosis.steps[0]


def test_the_owner_of_a_generic_system_is_not_known() -> None:
    (one,) = groups(a_hotel(tls("door_locks/gateway", Sign.CERTIFICATE_EXPIRED, type_="http")), RULES)
    assert one.diagnosis.fault == "unknown"


def test_the_hotels_own_expired_certificate_is_one_cause_with_all_webhooks() -> None:
    facts = a_hotel(
        tls("pms/certificate", Sign.CERTIFICATE_EXPIRED, type_="tls"),
        tls("payment/webhook", Sign.CERTIFICATE_EXPIRED, type_="webhook"),
        tls("booking_engine/webhook", Sign.CERTIFICATE_EXPIRED, type_="webhook"),
        failing("payment/webhook_log", Reason.STALE, type_="log"),
    )
    (one,) = groups(facts, RULES)
    assert (one.cause, one.diagnosis.fault, one.root) == ("certificate-expired", "us", True)
    assert "certbot renew" in one.diagnosis.steps[0]


def test_a_vendors_and_our_own_certificate_are_two_causes() -> None:
    facts = a_hotel(
        tls("pms/certificate", Sign.CERTIFICATE_EXPIRED, type_="tls"),
        tls("payment/health", Sign.CERTIFICATE_EXPIRED),
    )
    assert {one.diagnosis.fault for one in groups(facts, RULES)} == {"us", "vendor"}


@pytest.mark.parametrize("sign", INVALID)
@pytest.mark.parametrize(("name", "type_"), [("payment/health", "health"), ("payment/webhook", "webhook")])
def test_whatever_else_is_wrong_with_a_certificate_makes_it_invalid(
    sign: Sign, name: str, type_: str
) -> None:
    assert causes(a_hotel(tls(name, sign, type_=type_)), RULES) == {"certificate-invalid": [name]}


def test_an_expired_certificate_for_another_name_is_expired_first() -> None:
    both = tls("payment/health", Sign.CERTIFICATE_EXPIRED, Sign.CERTIFICATE_WRONG_NAME)
    (one,) = groups(a_hotel(both), RULES)
    assert (one.cause, one.diagnosis.runner_up) == ("certificate-expired", "certificate-invalid")


def test_encryption_that_fails_without_a_word_on_the_certificate_blames_none() -> None:
    assert list(causes(a_hotel(tls("payment/health")), RULES)) == ["unknown"]


def test_what_follows_from_a_certificate_belongs_to_it() -> None:
    facts = a_hotel(
        tls("channel_manager/health", Sign.CERTIFICATE_EXPIRED, type_="channels"), queue(Sign.QUEUE_LONG)
    )
    assert causes(facts, RULES) == {
        "certificate-expired": ["channel_manager/health", "channel_manager/queue"]
    }


@pytest.mark.parametrize(("name", "fault"), [("payment/certificate", "vendor"), ("pms/certificate", "us")])
def test_a_certificate_near_its_end_is_expiring(name: str, fault: str) -> None:
    near = failing(name, Reason.TLS, Sign.CERTIFICATE_EXPIRING, type_="tls", state=State.WARNING)
    (one,) = groups(a_hotel(near), RULES)
    assert (one.cause, one.diagnosis.fault) == ("certificate-expiring", fault)


def test_days_left_below_a_limit_of_the_hotels_own_are_expiring_too() -> None:
    days = shaped(failing("door_locks/cert", Reason.THRESHOLD, type_="tls"), unit="days")
    assert causes(a_hotel(days), RULES) == {"certificate-expiring": ["door_locks/cert"]}
