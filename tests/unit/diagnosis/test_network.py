"""The hotel's way out: one dead network is one cause, and a dead vendor is none of it."""

from dataclasses import replace

import pytest

from alerts.diagnosis.decision_table import RULES
from alerts.facts import Fact
from checks.result import Phase, Reason, Sign
from tests.support.facts import a_hotel, causes, failing, fine, groups
from tests.support.shaped_facts import DEAF, LOST, at, of, queue, shaped

DEAD = failing("payment/health", Reason.CONNECT, type_="health", phase=Phase.CONNECT)
SILENT = failing("expedia/health", Reason.TIMEOUT, type_="health", phase=Phase.CONNECT)


def nameless(name: str) -> Fact:
    found = failing(name, Reason.DNS, Sign.NAME_UNKNOWN, type_="health", phase=Phase.RESOLVE)
    return of(found, host="vendor.example")


def test_two_integrations_on_the_way_and_the_control_targets_are_a_dead_connection() -> None:
    (one,) = groups(a_hotel(LOST, DEAD, SILENT), RULES)
    assert (one.cause, one.root, one.diagnosis.fault) == ("local-network-down", True, "network")
    assert set(one.integrations) == {"payment", "expedia", "network"}
    assert one.diagnosis.title == "the hotel's internet connection is down"


def test_a_run_that_is_not_a_breach_yet_counts_too() -> None:
    facts = a_hotel(LOST, DEAD, replace(SILENT, breach=None))
    (one,) = groups(facts, RULES)
    assert one.cause == "local-network-down"
    assert one.touched == {"payment", "expedia", "network"}


def test_one_integration_is_enough_while_no_other_has_answered_since() -> None:
    others = [
        at(fine(f"{one}/health", "health"), 20) for one in ("expedia", "booking_engine", "channel_manager")
    ]
    facts = a_hotel(LOST, DEAD, *others, at(fine("email/provider", "health"), 20))
    assert causes(facts, RULES) == {"local-network-down": ["network/control", "payment/health"]}


def test_one_integration_is_not_enough_while_another_answers() -> None:
    assert "local-network-down" not in causes(a_hotel(LOST, DEAD), RULES)


def test_what_answers_within_the_hotel_says_nothing_of_the_way_out() -> None:
    others = [
        at(fine(f"{one}/health", "health"), 20) for one in ("expedia", "booking_engine", "channel_manager")
    ]
    door = of(fine("door_locks/gateway"), host="10.0.3.9")
    facts = a_hotel(LOST, DEAD, *others, at(fine("email/provider", "health"), 20), door)
    assert "local-network-down" in causes(facts, RULES)


def test_integrations_that_fail_while_the_control_targets_answer_are_no_dead_connection() -> None:
    found = causes(a_hotel(DEAD, SILENT), RULES)
    assert found == {"vendor-unreachable": ["expedia/health", "payment/health"]}


def test_integrations_that_fail_while_nothing_is_known_of_the_control_targets_are_none_either() -> None:
    found = groups(a_hotel(DEAD, SILENT, healthy=False), RULES)
    assert {one.cause for one in found} == {"vendor-unreachable"}
    assert {one.diagnosis.confidence for one in found} == {"possible"}
    assert all("control targets" in one.diagnosis.missing for one in found)


def test_a_dead_connection_explains_what_follows_but_no_security_finding() -> None:
    forged = failing("payment/webhook", Reason.SECURITY, Sign.FORGERY_ACCEPTED, type_="webhook")
    dead = failing("channel_manager/health", Reason.CONNECT, type_="channels", phase=Phase.CONNECT)
    found = causes(a_hotel(LOST, DEAD, dead, queue(Sign.QUEUE_OLD), forged), RULES)
    assert "channel_manager/queue" in found["local-network-down"]
    assert found["webhook-signature-not-verified"] == ["payment/webhook"]


def test_names_that_fail_while_addresses_answer_are_the_name_servers() -> None:
    (one,) = groups(a_hotel(DEAF, nameless("payment/health"), nameless("expedia/health")), RULES)
    assert (one.cause, len(one.integrations)) == ("local-dns-broken", 3)


def test_names_that_fail_everywhere_are_the_name_servers_even_without_a_control_target_by_name() -> None:
    facts = a_hotel(
        nameless("payment/health"),
        nameless("expedia/health"),
        of(fine("door_locks/gateway"), host="10.0.3.9"),
        healthy=False,
    )
    assert causes(facts, RULES) == {"local-dns-broken": ["expedia/health", "payment/health"]}


@pytest.mark.parametrize("name", ["payment/health", "pms/certificate"])
def test_one_name_that_does_not_exist_is_not_the_name_servers(name: str) -> None:
    assert causes(a_hotel(nameless(name)), RULES) == {"wrong-host-name": [name]}


def test_name_servers_that_say_nothing_are_told_by_the_phase() -> None:
    slow = failing("payment/health", Reason.TIMEOUT, type_="health", phase=Phase.RESOLVE)
    assert causes(a_hotel(DEAF, slow, nameless("expedia/health")), RULES)["local-dns-broken"]


def test_control_targets_by_name_that_fail_alone_while_names_are_found_prove_nothing() -> None:
    assert "local-dns-broken" not in causes(a_hotel(DEAF), RULES)


@pytest.mark.parametrize("lost", [LOST, DEAF])
def test_what_answers_in_the_very_moment_in_which_control_targets_are_lost_counts(lost: Fact) -> None:
    at_once = shaped(lost, since=lost.at)
    assert causes(a_hotel(at_once), RULES) == {"unknown": ["network/control"]}
