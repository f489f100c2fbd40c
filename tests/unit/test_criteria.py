"""The owner's five criteria, and the severity that follows from them, as contract section 6 has them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.criteria import (
    DATA_LOSS_CAUSES,
    DOWN_CAUSES,
    SECURITY_CAUSES,
    WARNINGS_AT_MOST,
    Case,
    criteria,
    severity,
)
from alerts.facts import Fact
from alerts.impact import deadline
from alerts.incident import Cause, Criterion, Severity
from alerts.policy import Policy
from checks.result import Reason, Sign, State
from tests.support.clock import START
from tests.support.facts import KINDS, a_hotel, failing, fine

DOWN, LOSS, SECURITY, PERSISTENT, MULTIPLE = Criterion
POLICY = Policy()
MINUTE = timedelta(minutes=1)


def held(*facts: Fact, cause: Cause = Cause.UNKNOWN, minutes: float = 0, **more: object) -> set[Criterion]:
    """Return the criteria of an incident of these facts' breaches, open for so long."""
    hotel = a_hotel(*facts)
    case = Case(cause, hotel.breaches(), hotel, POLICY, START - minutes * MINUTE)
    return set(criteria(replace(case, **more), START))  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize("name", ["booking_engine", "expedia", "payment", "channel_manager"])
def test_a_vendor_is_down_when_its_health_is_critical(name: str) -> None:
    assert DOWN in held(failing(f"{name}/health", Reason.TIMEOUT))
    assert DOWN not in held(failing(f"{name}/health", Reason.RATE_LIMITED))
    assert DOWN not in held(failing(f"{name}/certificate", Reason.TLS), fine(f"{name}/health"))


def test_the_pms_is_down_when_its_database_is() -> None:
    assert DOWN in held(failing("pms/database", Reason.CONNECT))
    assert DOWN not in held(failing("pms/logs", Reason.MISSING), fine("pms/database"))


def test_mail_is_down_when_provider_and_server_are_both() -> None:
    smtp, provider = failing("email/smtp", Reason.CONNECT), failing("email/provider", Reason.TIMEOUT)
    assert DOWN in held(smtp, provider)
    assert DOWN not in held(smtp)
    assert DOWN not in held(provider, fine("email/smtp"))


def test_control_targets_that_fail_alone_bring_nothing_down() -> None:
    alone = failing("network/control", Reason.DNS, Sign.NAMES_LOST)
    assert held(alone) == set()
    assert DOWN in held(alone, failing("payment/health", Reason.DNS))


def test_a_generic_system_is_down_by_its_health_or_else_by_all_its_checks() -> None:
    one, two = failing("door_locks/gateway", Reason.CONNECT), failing("door_locks/keys", Reason.THRESHOLD)
    assert DOWN in held(one, two)
    assert DOWN not in held(one, fine("door_locks/keys"))
    assert DOWN in held(one, failing("door_locks/health", Reason.CONNECT), fine("door_locks/keys"))
    assert DOWN not in held(one, two, fine("door_locks/health"))


def test_a_check_that_fails_but_is_not_decided_counts_when_another_opens_an_incident_and_not_later() -> None:
    smtp = failing("email/smtp", Reason.CONNECT)
    assert DOWN in held(smtp, failing("email/provider", Reason.TIMEOUT, breached=False))
    assert DOWN not in held(smtp, failing("email/provider", Reason.TIMEOUT, breached=False), minutes=1)


def test_a_security_finding_is_made_on_what_works() -> None:
    assert DOWN not in held(failing("door_locks/gateway", Reason.SECURITY, Sign.CARD_NUMBER))


@pytest.mark.parametrize("cause", sorted(DOWN_CAUSES))
def test_some_causes_bring_a_system_down_by_themselves(cause: Cause) -> None:
    assert DOWN in held(failing("payment/transactions", Reason.CREDENTIALS), cause=cause)


def test_a_used_up_quota_brings_mail_down_and_few_left_does_not() -> None:
    used = failing("email/quota", Reason.THRESHOLD, state=State.CRITICAL)
    nearly = failing("email/quota", Reason.THRESHOLD, state=State.WARNING)
    assert held(used, cause=Cause.MAIL_QUOTA_EXHAUSTED) == {DOWN}
    assert held(nearly, cause=Cause.MAIL_QUOTA_EXHAUSTED) == set()


@pytest.mark.parametrize("cause", sorted(DATA_LOSS_CAUSES))
def test_causes_by_which_bookings_get_lost(cause: Cause) -> None:
    assert LOSS in held(failing("pms/whatever", Reason.CONTENT), cause=cause)


def test_unresolved_import_errors_are_a_risk_whatever_their_cause() -> None:
    assert LOSS in held(failing("booking_engine/import_errors", Reason.CONTENT))


def test_an_expired_certificate_risks_data_only_on_the_own_host() -> None:
    theirs = failing("payment/certificate", Reason.TLS, Sign.CERTIFICATE_EXPIRED)
    webhook = failing("payment/webhook", Reason.TLS, Sign.CERTIFICATE_EXPIRED)
    ours = failing("pms/certificate", Reason.TLS, Sign.CERTIFICATE_EXPIRED)
    expired = Cause.CERTIFICATE_EXPIRED
    assert LOSS not in held(theirs, cause=expired)
    assert LOSS in held(webhook, cause=expired)
    assert LOSS in held(ours, cause=expired)


@pytest.mark.parametrize("cause", sorted(SECURITY_CAUSES))
def test_security_causes(cause: Cause) -> None:
    assert SECURITY in held(failing("pms/audit_log", Reason.SECURITY), cause=cause)


def test_an_hour_is_persistent() -> None:
    slow = failing("payment/certificate", Reason.TLS)
    assert PERSISTENT not in held(slow, fine("payment/health"), minutes=59)
    assert PERSISTENT in held(slow, fine("payment/health"), minutes=60)


def test_coming_back_three_times_within_a_day_is_persistent() -> None:
    slow = failing("payment/certificate", Reason.TLS)
    hours = [START - timedelta(hours=one) for one in (1, 2, 23, 25)]
    assert PERSISTENT in held(slow, reopened=tuple(hours[:3]))
    assert PERSISTENT not in held(slow, reopened=(*hours[:2], hours[3]))


def test_several_integrations_are_touched_by_critical_checks_of_theirs() -> None:
    vendors = [failing(f"{name}/health", Reason.CONNECT) for name in ("payment", "expedia")]
    assert MULTIPLE in held(*vendors)
    assert MULTIPLE not in held(vendors[0], failing("expedia/health", Reason.REDIRECT))
    assert MULTIPLE not in held(vendors[0], failing("pms/database", Reason.CONNECT))
    assert MULTIPLE not in held(vendors[0], failing("network/control", Reason.CONNECT))
    assert MULTIPLE in held(vendors[0], touched=frozenset({"email"}))


@pytest.mark.parametrize("cause", sorted(WARNINGS_AT_MOST))
def test_some_causes_are_warnings_for_ever(cause: Cause) -> None:
    assert held(failing("payment/health", Reason.TIMEOUT), cause=cause, minutes=600) == set()


@pytest.mark.parametrize(
    ("criteria_held", "minutes", "expected"),
    [
        ((), 0, Severity.WARNING),
        ((DOWN,), 0, Severity.CRITICAL),
        ((LOSS,), 0, Severity.CRITICAL),
        ((PERSISTENT,), 600, Severity.CRITICAL),
        ((SECURITY,), 0, Severity.EMERGENCY),
        ((DOWN, LOSS), 0, Severity.EMERGENCY),
        ((MULTIPLE,), 29, Severity.CRITICAL),
        ((MULTIPLE,), 30, Severity.EMERGENCY),
        ((LOSS,), 59, Severity.CRITICAL),
        ((LOSS, PERSISTENT), 60, Severity.EMERGENCY),
        ((DOWN, PERSISTENT), 600, Severity.CRITICAL),
    ],
)
def test_severity(criteria_held: tuple[Criterion, ...], minutes: int, expected: Severity) -> None:
    assert severity(criteria_held, START - minutes * MINUTE, POLICY, START) is expected


def test_a_travel_site_that_mails_bookings_soon_risks_data_ten_minutes_before() -> None:
    def down(minutes: float) -> Fact:
        fact = failing("expedia/health", Reason.TIMEOUT, minutes=minutes)
        return replace(fact, values={"platform": "expedia"})

    for minutes, risk in ((19, False), (20, True)):
        fact = down(minutes)
        hotel = a_hotel(fact)
        found = deadline(hotel, Cause.VENDOR_OUTAGE, hotel.breaches())
        assert found is not None
        assert "Expedia" in found.what
        assert (LOSS in held(fact, deadline=found.graver_at)) is risk


@pytest.mark.parametrize(
    ("check", "reason", "known"),
    [
        ("auth", Reason.CREDENTIALS, True),
        ("health", Reason.RATE_LIMITED, False),
        ("rates", Reason.MISMATCH, False),
    ],
)
def test_bookings_are_not_fetched_while_the_site_or_its_login_is_down(
    check: str, reason: Reason, known: bool
) -> None:
    fact = replace(failing(f"expedia/{check}", reason), values={"platform": "Expedia"})
    hotel = a_hotel(fact)
    assert (deadline(hotel, Cause.UNKNOWN, hotel.breaches()) is not None) is known


def test_without_a_known_platform_there_is_no_deadline() -> None:
    hotel = a_hotel(failing("expedia/health", Reason.TIMEOUT))
    assert deadline(hotel, Cause.VENDOR_OUTAGE, hotel.breaches()) is None
    assert KINDS["expedia"] == "ota"


def test_a_gateway_repeats_events_for_so_long() -> None:
    fact = replace(failing("payment/webhook", Reason.CLIENT_ERROR), values={"scheme": "square"})
    hotel = a_hotel(fact)
    found = deadline(hotel, Cause.WEBHOOK_URL_WRONG, hotel.breaches())
    assert found is not None
    assert found.at == hotel.breaches()[0].since + timedelta(hours=24)
    assert deadline(hotel, Cause.UNKNOWN, hotel.breaches()) is None
