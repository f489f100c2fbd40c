"""A wrong clock and an opened connection show in the certificates of all vendors at once."""

import pytest

from alerts.diagnosis.decision_table import RULES
from alerts.facts import Fact
from checks.result import Phase, Reason, Sign, State
from tests.support.facts import a_hotel, causes, failing, fine, groups
from tests.support.shaped_facts import at, of

EXPIRED, EARLY, UNTRUSTED = (
    Sign.CERTIFICATE_EXPIRED,
    Sign.CERTIFICATE_NOT_YET_VALID,
    Sign.CERTIFICATE_UNTRUSTED,
)
NAMES = (
    "booking_engine/health",
    "expedia/health",
    "payment/health",
    "email/provider",
    "channel_manager/health",
)


def tls(name: str, sign: Sign, *, minutes: float = 3.0, type_: str = "health") -> Fact:
    return failing(name, Reason.TLS, sign, type_=type_, phase=Phase.TLS, minutes=minutes)


@pytest.mark.parametrize("sign", [EXPIRED, EARLY])
def test_certificates_of_several_vendors_outside_their_dates_show_a_wrong_clock(sign: Sign) -> None:
    facts = a_hotel(
        tls("payment/health", sign), tls("expedia/health", sign), tls("pms/certificate", sign, type_="tls")
    )
    (one,) = groups(facts, RULES)
    assert (one.cause, one.diagnosis.fault, one.diagnosis.confidence) == ("host-clock-wrong", "us", "likely")
    assert one.integrations == ("expedia", "payment", "pms")


def test_one_vendor_whose_certificate_expired_shows_no_wrong_clock() -> None:
    facts = a_hotel(tls("payment/health", EXPIRED), tls("payment/certificate", EXPIRED, type_="tls"))
    assert list(causes(facts, RULES)) == ["certificate-expired"]


def test_two_certificates_that_expired_on_different_days_show_no_wrong_clock() -> None:
    facts = a_hotel(tls("payment/health", EXPIRED), tls("expedia/health", EXPIRED, minutes=1500))
    assert list(causes(facts, RULES)) == ["certificate-expired"]


def test_our_own_certificate_seen_by_several_webhooks_shows_no_wrong_clock() -> None:
    facts = a_hotel(
        tls("payment/webhook", EXPIRED, type_="webhook"),
        tls("booking_engine/webhook", EXPIRED, type_="webhook"),
        tls("pms/certificate", EXPIRED, type_="tls"),
    )
    assert list(causes(facts, RULES)) == ["certificate-expired"]


def test_a_database_whose_clock_differs_shows_that_one_of_two_is_wrong() -> None:
    facts = a_hotel(failing("pms/database", Reason.MISMATCH, type_="database", state=State.WARNING))
    (one,) = groups(facts, RULES)
    assert (one.cause, one.diagnosis.confidence) == ("host-clock-wrong", "possible")


def test_certificates_of_all_vendors_that_nobody_vouches_for_show_a_proxy() -> None:
    (one,) = groups(a_hotel(*(tls(name, UNTRUSTED) for name in NAMES)), RULES)
    assert (one.cause, one.diagnosis.fault, len(one.integrations)) == ("tls-intercepted", "network", 5)


def test_a_vendor_that_is_trusted_meanwhile_shows_that_there_is_no_proxy() -> None:
    trusted = of(fine("channel_manager/health", "health"), url="https://cm.example/api")
    facts = a_hotel(*(tls(name, UNTRUSTED) for name in NAMES[:4]), trusted)
    assert "tls-intercepted" not in causes(facts, RULES)


def test_a_vendor_that_was_trusted_before_says_nothing() -> None:
    trusted = of(fine("channel_manager/health", "health"), url="https://cm.example/api")
    facts = a_hotel(*(tls(name, UNTRUSTED) for name in NAMES[:4]), at(trusted, 50))
    assert "tls-intercepted" in causes(facts, RULES)


def test_a_vendor_without_encryption_says_nothing_of_a_proxy() -> None:
    plain = of(fine("channel_manager/health", "health"), url="http://cm.example/api")
    assert "tls-intercepted" in causes(a_hotel(*(tls(name, UNTRUSTED) for name in NAMES[:4]), plain), RULES)


def test_one_vendor_that_is_not_trusted_is_its_own_fault() -> None:
    assert list(causes(a_hotel(tls("payment/health", UNTRUSTED)), RULES)) == ["certificate-invalid"]
