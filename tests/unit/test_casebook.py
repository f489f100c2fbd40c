"""When an open incident is thought of by the mere passing of time."""

from alerts.incident import Severity
from daemon.casebook import REVIEW, Casebook
from tests.support.story import an_incident
from tests.support.zones import HOUR, at

NOON = at("2026-06-03 12:00")


def test_an_open_incident_is_thought_of_every_half_minute() -> None:
    book = Casebook()
    book.believe(an_incident(NOON, Severity.CRITICAL), NOON)
    assert book.due(NOON) == []
    assert [one.id for one in book.due(NOON + REVIEW)] == ["7"]


def test_a_clock_that_is_set_back_makes_nothing_wait_for_its_old_time() -> None:
    book = Casebook()
    book.believe(an_incident(NOON, Severity.CRITICAL), NOON)
    assert [one.id for one in book.due(NOON - 2 * HOUR)] == ["7"]
