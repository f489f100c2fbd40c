"""What the porter cannot see is its own fault, or that of the logs it reads."""

from dataclasses import replace

import pytest

from alerts.diagnosis.decision_table import RULES
from checks.result import Reason, Sign, State
from tests.support.facts import a_hotel, causes, failing, groups
from tests.support.shaped_facts import blind


@pytest.mark.parametrize(
    ("type_", "reason", "step"),
    [
        ("queue", Reason.PERMISSION, "grants.sql"),
        ("log", Reason.PERMISSION, "namei"),
        ("process", Reason.PERMISSION, "pm2 list"),
        ("http", Reason.PERMISSION, "Grant what"),
        ("queue", Reason.QUERY, "nightporter validate"),
    ],
)
def test_a_check_that_could_not_look_for_long_is_misconfigured(type_: str, reason: Reason, step: str) -> None:
    (one,) = groups(a_hotel(blind("channel_manager/queue", reason, type_=type_)), RULES)
    assert (one.cause, one.diagnosis.fault) == ("monitor-misconfigured", "us")
    assert step in " ".join(one.diagnosis.steps)


def test_all_that_cannot_be_looked_at_in_one_integration_is_one_group() -> None:
    facts = a_hotel(
        blind("booking_engine/availability", Reason.PERMISSION, type_="availability"),
        blind("booking_engine/sync_log", Reason.PERMISSION, type_="log"),
    )
    assert causes(facts, RULES) == {
        "monitor-misconfigured": ["booking_engine/availability", "booking_engine/sync_log"]
    }


@pytest.mark.parametrize("sign", [Sign.LIST_UNRELIABLE, Sign.DATABASE_DOWN])
def test_a_list_or_a_database_that_cannot_answer_is_no_mistake_of_ours(sign: Sign) -> None:
    facts = a_hotel(blind("email/blocklist", Reason.QUERY, sign, type_="blocklist"))
    assert "monitor-misconfigured" not in causes(facts, RULES)


def test_a_porter_that_is_late_is_overloaded_and_blames_nobody() -> None:
    late = failing("network/porter", Reason.INTERNAL, type_="porter", state=State.WARNING)
    (one,) = groups(a_hotel(late), RULES)
    assert (one.cause, one.integrations, one.diagnosis.fault) == ("monitor-overloaded", ("network",), "us")
    assert one.diagnosis.title == "Night Porter has too much to do, and looks too late"


def test_an_overloaded_porter_explains_no_fault_of_others() -> None:
    late = failing("network/porter", Reason.INTERNAL, type_="porter", state=State.WARNING)
    facts = a_hotel(late, failing("payment/health", Reason.CREDENTIALS, type_="health"))
    assert causes(facts, RULES) == {
        "monitor-overloaded": ["network/porter"],
        "api-credentials-invalid": ["payment/health"],
    }


def test_whoever_messages_do_not_reach_is_named_with_the_answer() -> None:
    dead = failing("network/mail", Reason.MISMATCH, type_="mail")
    named = replace(dead, values={"address": "a@hotel.example", "answer": "550 no such user"})
    (one,) = groups(a_hotel(named), RULES)
    assert (one.cause, one.diagnosis.fault) == ("monitor-misconfigured", "us")
    assert one.diagnosis.title == "Night Porter's messages do not reach a@hotel.example"
    assert "550 no such user" in one.diagnosis.summary
    assert "a@hotel.example" in one.diagnosis.steps[0]


def test_a_mail_check_of_an_integration_tells_nothing_of_our_own_letters() -> None:
    facts = a_hotel(failing("email/mail", Reason.MISMATCH, type_="sql"))
    assert "monitor-misconfigured" not in causes(facts, RULES)


def test_a_check_that_fails_is_not_misconfigured() -> None:
    facts = a_hotel(failing("payment/health", Reason.SERVER_ERROR, type_="health"))
    assert "monitor-misconfigured" not in causes(facts, RULES)


def test_folders_that_are_gone_explain_all_logs_that_are() -> None:
    facts = a_hotel(
        failing("pms/logs", Reason.MISSING, Sign.LOG_GONE, type_="logs"),
        failing("payment/log", Reason.MISSING, Sign.LOG_GONE, type_="log"),
    )
    (one,) = groups(facts, RULES)
    assert (one.cause, one.root) == ("logging-broken", True)
    assert set(one.integrations) == {"pms", "payment"}


def test_one_log_that_is_gone_concerns_its_integration_alone() -> None:
    facts = a_hotel(failing("payment/log", Reason.MISSING, Sign.LOG_GONE, type_="log"))
    (one,) = groups(facts, RULES)
    assert (one.cause, one.integrations, one.root) == ("logging-broken", ("payment",), False)


def test_a_disk_that_fills_up_breaks_logging_next() -> None:
    facts = a_hotel(failing("pms/logs", Reason.THRESHOLD, type_="logs", state=State.WARNING))
    assert causes(facts, RULES) == {"logging-broken": ["pms/logs"]}


def test_a_log_full_of_failures_is_written_all_the_same() -> None:
    facts = a_hotel(failing("channel_manager/log", Reason.THRESHOLD, Sign.LOG_FAILURES, type_="log"))
    assert "logging-broken" not in causes(facts, RULES)
