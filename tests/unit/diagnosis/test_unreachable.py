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


def test_a_vendor_outside_that_refuses_is_down_or_has_another_port() -> None:
    away = of(lost("payment/health", Sign.CONNECTION_REFUSED), host="9.9.9.9", port="8443")
    (one,) = groups(a_hotel(away), RULES)
    assert (one.diagnosis.fault, one.diagnosis.confidence) == ("vendor", "likely")
    assert "its service is down, or has another port" in one.diagnosis.summary


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "localhost", "LOCALHOST", "10.0.3.9", "192.168.1.7", "fd12::9", "locks.lan"]
)
@pytest.mark.parametrize(
    ("name", "fault"), [("door_locks/gateway", "us"), ("pms/site", "us"), ("payment/health", "unknown")]
)
def test_a_refusal_on_our_side_says_that_the_service_has_stopped(host: str, name: str, fault: str) -> None:
    (one,) = groups(a_hotel(of(lost(name, Sign.CONNECTION_REFUSED), host=host, port="8443")), RULES)
    told = one.diagnosis
    assert (one.cause, told.fault, told.confidence) == ("vendor-unreachable", fault, "likely")
    assert f"nothing listens on {host}:8443: the service behind it has stopped" in told.summary
    assert told.steps[0].startswith(f"On {host}: systemctl --failed, then ss -ltn | grep :8443")
    said = " ".join((told.summary, told.sentence, told.next_test, *told.steps))
    assert not [word for word in ("phone", "route", "unplugged", "block") if word in said]


@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.CONNECT])
def test_a_box_that_says_nothing_at_all_may_be_off(reason: Reason) -> None:
    box = of(lost("door_locks/gateway", reason=reason), host="10.0.3.9", port="80")
    (one,) = groups(a_hotel(box), RULES)
    assert "it is off, unplugged" in one.diagnosis.summary


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
