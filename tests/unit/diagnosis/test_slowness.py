"""Answers that come too slowly: the vendor, the way there, or the hotel's own connection."""

from dataclasses import replace

from alerts.diagnosis.decision_table import RULES
from checks.result import Phase, Reason, Sign
from tests.support.facts import a_hotel, causes, failing, groups
from tests.support.shaped_facts import queue, slow


def test_slow_answers_and_nothing_else_are_slow_responses() -> None:
    (one,) = groups(a_hotel(slow("payment/health")), RULES)
    assert (one.cause, one.diagnosis.fault) == ("slow-responses", "unknown")


def test_slow_answers_of_a_vendor_that_also_fails_are_its_outage() -> None:
    failed = failing("booking_engine/cache", Reason.SERVER_ERROR, type_="cache")
    assert list(causes(a_hotel(slow("booking_engine/health"), failed), RULES)) == ["vendor-outage"]


def test_slow_answers_that_let_updates_pile_up_are_latency() -> None:
    facts = a_hotel(slow("channel_manager/health", "channels"), queue(Sign.QUEUE_LONG))
    assert causes(facts, RULES) == {"network-latency": ["channel_manager/health", "channel_manager/queue"]}


def test_time_spent_before_the_request_is_sent_is_the_way() -> None:
    late = replace(slow("payment/health"), phases={Phase.CONNECT: 0.6, Phase.TLS: 0.5, Phase.PROCESSING: 0.2})
    assert causes(a_hotel(late), RULES) == {"network-latency": ["payment/health"]}


def test_time_spent_on_the_answer_is_not_the_way() -> None:
    late = replace(slow("payment/health"), phases={Phase.CONNECT: 0.1, Phase.TLS: 0.1, Phase.PROCESSING: 1.2})
    assert causes(a_hotel(late), RULES) == {"slow-responses": ["payment/health"]}


def test_control_targets_that_are_slow_too_make_it_the_hotels_connection() -> None:
    facts = a_hotel(slow("network/control", "control"), slow("payment/health"), slow("expedia/health"))
    (one,) = groups(facts, RULES)
    assert (one.cause, one.root, one.diagnosis.fault) == ("network-latency", True, "network")
    assert one.integrations == ("expedia", "payment", "network")


def test_two_slow_vendors_with_fast_control_targets_are_two_incidents() -> None:
    assert len(groups(a_hotel(slow("payment/health"), slow("expedia/health")), RULES)) == 2


def test_slow_answers_while_payments_fail_are_the_gateways() -> None:
    failed = failing("payment/transactions", Reason.THRESHOLD, Sign.PAYMENTS_FAILED, type_="transactions")
    assert list(causes(a_hotel(slow("payment/health"), failed), RULES)) == ["gateway-degraded"]
