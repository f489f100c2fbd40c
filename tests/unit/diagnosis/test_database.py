"""A database that does not serve is one cause, and what is not known because of it is no breach."""

import pytest

from alerts.diagnosis.decision_table import RULES
from checks.result import Reason, Sign, State
from tests.support.facts import a_hotel, causes, failing, groups
from tests.support.shaped_facts import blind, slow


@pytest.mark.parametrize("reason", [Reason.SERVER_ERROR, Reason.CONNECT, Reason.TIMEOUT, Reason.CREDENTIALS])
def test_a_database_that_does_not_serve_is_down(reason: Reason) -> None:
    facts = a_hotel(failing("pms/database", reason, Sign.DATABASE_DOWN, type_="database"))
    (one,) = groups(facts, RULES)
    assert (one.cause, one.root, one.diagnosis.fault) == ("database-down", True, "us")
    assert ("let us in" in one.diagnosis.title) == (reason is Reason.CREDENTIALS)


def test_it_explains_whatever_says_that_it_is_down() -> None:
    facts = a_hotel(
        failing("pms/database", Reason.CONNECT, Sign.DATABASE_DOWN, type_="database"),
        failing("door_locks/keys", Reason.CONNECT, Sign.DATABASE_DOWN, type_="sql"),
        failing("payment/health", Reason.SERVER_ERROR, type_="health"),
    )
    found = causes(facts, RULES)
    assert found == {
        "database-down": ["door_locks/keys", "pms/database"],
        "vendor-outage": ["payment/health"],
    }


def test_checks_that_do_not_know_because_of_it_do_not_make_it_down() -> None:
    facts = a_hotel(blind("channel_manager/queue", Reason.QUERY, Sign.DATABASE_DOWN))
    assert "database-down" not in causes(facts, RULES)


def test_a_database_that_is_slow_or_whose_clock_differs_is_not_down() -> None:
    assert causes(a_hotel(slow("pms/database", "database")), RULES) == {"slow-responses": ["pms/database"]}
    differs = failing("pms/database", Reason.MISMATCH, type_="database", state=State.WARNING)
    assert "database-down" not in causes(a_hotel(differs), RULES)
