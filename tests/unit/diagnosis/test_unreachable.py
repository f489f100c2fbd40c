"""A vendor that no connection comes about with: the route, the name, or a box in the hotel."""

import pytest

from alerts.diagnosis.decision_table import RULES
from alerts.facts import Fact
from checks.result import Phase, Reason, Sign
from tests.support.facts import a_hotel, causes, failing, groups
from tests.support.shaped_facts import LOST, of, queue


def lost(name: str, *signs: Sign, type_: str = "health", reason: Reason = Reason.CONNECT) -> Fact:
    return failing(name, reason, *signs, type_=type_, phase=Phase.CONNECT)


def test_a_vendor_that_no_connection_comes_about_with_is_unreachable() -> None:
    (one,) = groups(a_hotel(of(lost("payment/health"), host="api.example", port="8443")), RULES)
    assert (one.cause, one.diagnosis.fault) == ("vendor-unreachable", "network")
    assert "nc -vz -w 5 api.example 8443" in one.diagnosis.steps[0]


def test_a_refused_connection_says_that_nothing_listens() -> None:
    (one,) = groups(a_hotel(lost("payment/health", Sign.CONNECTION_REFUSED)), RULES)
    assert (one.cause, one.diagnosis.title) == ("vendor-unreachable", "payment: refuses the connection")


def test_a_vendor_is_not_unreachable_while_the_way_out_is_lost() -> None:
    assert "vendor-unreachable" not in causes(a_hotel(LOST, lost("payment/health")), RULES)


def test_a_box_in_the_hotel_is_looked_for_in_the_hotel() -> None:
    box = of(lost("door_locks/gateway", type_="http"), host="10.0.3.9", port="80")
    (one,) = groups(a_hotel(box), RULES)
    assert (one.cause, one.diagnosis.fault) == ("vendor-unreachable", "unknown")
    assert "another computer in the hotel" in one.diagnosis.steps[1]


@pytest.mark.parametrize("name", ["email/smtp", "email/smtp_login"])
def test_a_mail_server_behind_a_closed_port_is_no_unreachable_vendor(name: str) -> None:
    assert "vendor-unreachable" not in causes(a_hotel(lost(name, type_="smtp")), RULES)


def test_what_waits_for_an_unreachable_vendor_belongs_to_it() -> None:
    facts = a_hotel(lost("channel_manager/health", type_="channels"), queue(Sign.QUEUE_LONG))
    assert list(causes(facts, RULES)) == ["vendor-unreachable"]


def test_a_name_that_does_not_exist_is_wrong() -> None:
    nameless = failing("payment/health", Reason.DNS, Sign.NAME_UNKNOWN, type_="health", phase=Phase.RESOLVE)
    (one,) = groups(a_hotel(nameless), RULES)
    assert (one.cause, one.diagnosis.fault) == ("wrong-host-name", "us")


def test_a_name_that_nobody_answers_about_is_not_wrong() -> None:
    silent = failing("payment/health", Reason.DNS, type_="health", phase=Phase.RESOLVE)
    assert list(causes(a_hotel(silent), RULES)) == ["vendor-unreachable"]
