"""A vendor that fails, as against one that cannot be reached, and what follows from it."""

from dataclasses import replace

import pytest

from alerts.diagnosis.decision_table import RULES
from alerts.facts import Fact
from checks.result import Phase, Reason, Sign, State
from tests.support.facts import a_hotel, causes, clearing, failing, fine, groups
from tests.support.shaped_facts import DEAF, LOST, queue, shaped, slow

DOWN = failing("payment/health", Reason.SERVER_ERROR, type_="health", message="answered 503")


def timeout(name: str, phase: Phase | None) -> Fact:
    return failing(name, Reason.TIMEOUT, type_="health", phase=phase)


def test_an_error_of_the_server_is_an_outage_of_the_vendors() -> None:
    (one,) = groups(a_hotel(DOWN), RULES)
    assert (one.cause, one.diagnosis.fault, one.diagnosis.confidence) == ("vendor-outage", "vendor", "likely")
    assert one.diagnosis.title == "payment: reports an error of its own (503)"
    assert one.diagnosis.missing == ("the vendor's status page",)


def test_nobody_is_blamed_for_a_system_of_the_hotels_own() -> None:
    (one,) = groups(a_hotel(failing("door_locks/gateway", Reason.SERVER_ERROR)), RULES)
    assert (one.cause, one.diagnosis.fault) == ("vendor-outage", "unknown")
    assert one.diagnosis.steps[0].startswith("Call whoever looks after door_locks")


def test_nothing_known_of_the_way_out_makes_it_only_possible() -> None:
    (one,) = groups(a_hotel(DOWN, healthy=False), RULES)
    assert (one.cause, one.diagnosis.confidence) == ("vendor-outage", "possible")
    assert "control targets" in one.diagnosis.missing


def test_a_status_page_that_admits_it_is_evidence() -> None:
    page = fine("payment/vendor_status", "status_page", vendor_incidents=1.0, vendor_indicator=2.0)
    (one,) = groups(a_hotel(DOWN, page), RULES)
    assert "its status page admits trouble" in one.diagnosis.evidence


@pytest.mark.parametrize(
    ("phase", "cause"),
    [
        (Phase.CONNECT, "vendor-unreachable"),
        (Phase.TLS, "vendor-unreachable"),
        (Phase.PROCESSING, "vendor-outage"),
        (Phase.TRANSFER, "vendor-outage"),
        (None, "vendor-outage"),
    ],
)
def test_the_phase_of_a_timeout_tells_where_it_is_lost(phase: Phase | None, cause: str) -> None:
    assert causes(a_hotel(timeout("payment/health", phase)), RULES) == {cause: ["payment/health"]}


@pytest.mark.parametrize("control", [LOST, DEAF])
def test_no_vendor_is_blamed_while_the_way_out_is_lost(control: Fact) -> None:
    assert "vendor-outage" not in causes(a_hotel(control, timeout("payment/health", Phase.PROCESSING)), RULES)


def test_an_outage_explains_what_follows_from_it() -> None:
    facts = a_hotel(
        failing("channel_manager/health", Reason.SERVER_ERROR, type_="channels"),
        failing("channel_manager/certificate", Reason.CONNECT, type_="tls"),
        failing("channel_manager/log", Reason.THRESHOLD, Sign.LOG_FAILURES, type_="log"),
        queue(Sign.QUEUE_OLD),
    )
    assert list(causes(facts, RULES)) == ["vendor-outage"]


def test_payments_that_fail_while_the_gateway_is_down_are_its_outage() -> None:
    failed = failing("payment/transactions", Reason.THRESHOLD, Sign.PAYMENTS_FAILED, type_="transactions")
    assert list(causes(a_hotel(DOWN, failed), RULES)) == ["vendor-outage"]


@pytest.mark.parametrize(
    ("other", "cause"),
    [
        (failing("payment/webhook", Reason.SECURITY, Sign.FORGERY_ACCEPTED, type_="webhook"), "webhook-"),
        (failing("payment/certificate", Reason.TLS, Sign.CERTIFICATE_EXPIRING, type_="tls"), "certificate-"),
        (failing("payment/transactions", Reason.SECURITY, Sign.STOLEN_CARDS, type_="transactions"), "card-"),
    ],
)
def test_an_outage_leaves_independent_findings_alone(other: Fact, cause: str) -> None:
    found = causes(a_hotel(DOWN, other), RULES)
    assert found["vendor-outage"] == ["payment/health"]
    assert any(one.startswith(cause) for one in found)


def test_modifications_that_are_rejected_are_no_outage() -> None:
    site = failing("expedia/health", Reason.SERVER_ERROR, type_="health")
    rejected = failing(
        "expedia/modification_queue", Reason.CONTENT, Sign.QUEUE_FAILED, Sign.CHANGES_REJECTED, type_="queue"
    )
    log = failing("expedia/modification_log", Reason.THRESHOLD, Sign.LOG_FAILURES, type_="log")
    found = causes(a_hotel(site, rejected, log), RULES)
    assert found["vendor-outage"] == ["expedia/health"]


def test_two_vendors_that_fail_while_the_control_targets_answer_are_two_incidents() -> None:
    other = failing("expedia/health", Reason.SERVER_ERROR, type_="health")
    assert len(groups(a_hotel(DOWN, other), RULES)) == 2


def test_a_vendor_that_says_itself_that_it_is_not_well_is_out() -> None:
    sick = failing("payment/health", Reason.CONTENT, type_="health")
    assert list(causes(a_hotel(sick), RULES)) == ["vendor-outage"]


def test_content_that_another_check_misses_is_no_outage() -> None:
    assert "vendor-outage" not in causes(a_hotel(failing("payment/page", Reason.CONTENT)), RULES)


def test_one_channel_of_several_is_named_as_such() -> None:
    sick = failing(
        "channel_manager/health",
        Reason.CONTENT,
        type_="channels",
        channels=3.0,
        channels_unhealthy=1.0,
    )
    (one,) = groups(a_hotel(sick), RULES)
    assert (one.cause, one.diagnosis.title) == (
        "vendor-outage",
        "channel_manager: a sales channel is not served",
    )


def test_requests_that_fail_too_often_are_possibly_a_partial_outage() -> None:
    often = shaped(failing("payment/health", Reason.THRESHOLD, type_="health"), unit="%")
    (one,) = groups(a_hotel(often), RULES)
    assert (one.cause, one.diagnosis.confidence) == ("vendor-outage", "possible")
    assert "too often" in one.diagnosis.title


def test_a_log_with_too_large_a_share_of_failures_is_no_partial_outage() -> None:
    log = shaped(failing("payment/log", Reason.THRESHOLD, Sign.LOG_FAILURES, type_="log"), unit="%")
    assert "vendor-outage" not in causes(a_hotel(log), RULES)


def test_a_vendor_that_was_well_just_now_is_not_blamed_for_what_is_left() -> None:
    found = causes(a_hotel(clearing(DOWN), slow("expedia/health")), RULES)
    assert found == {"slow-responses": ["expedia/health"]}


def test_one_error_that_is_no_breach_yet_explains_nothing() -> None:
    once = replace(failing("channel_manager/health", Reason.SERVER_ERROR, type_="channels"), breach=None)
    assert "vendor-outage" not in causes(a_hotel(once, queue(Sign.QUEUE_OLD)), RULES)


def test_an_error_of_our_own_webhook_is_not_the_vendors() -> None:
    crash = failing(
        "payment/webhook", Reason.SERVER_ERROR, Sign.VERIFIER_CRASHES, type_="webhook", state=State.CRITICAL
    )
    assert list(causes(a_hotel(crash), RULES)) == ["webhook-verifier-crashes"]
