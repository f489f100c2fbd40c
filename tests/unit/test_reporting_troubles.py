"""What a report tells of an incident that opened several times: what was in its time, and before."""

from dataclasses import replace
from datetime import timedelta

from alerts.change import Event
from daemon.reporting.troubles import happenings
from daemon.store.happenings import Happened
from tests.support.clock import START
from tests.support.stored import incident

HOUR = timedelta(hours=1)
AGAIN = replace(incident("a"), opened_at=START + 30 * HOUR, epoch=2)
TIMELINE = [
    Event("a", START, "opened", "opened"),
    Event("a", START + HOUR, "resolved", "resolved"),
    Event("a", START + 30 * HOUR, "reopened", "opened again"),
]


def told(begins: int, ends: int) -> list[tuple[int, int]]:
    """Return how many spans are told of each incident, and how many hours it was open in all."""
    end = START + ends * HOUR
    found = happenings(Happened((AGAIN,), {"a": TIMELINE}), START + begins * HOUR, end)
    return [(len(one.spans), one.lasted(end) // HOUR) for one in found]


def test_a_report_that_is_made_late_tells_nothing_of_what_came_after_its_time() -> None:
    assert told(0, 24) == [(1, 1)]
    assert told(2, 24) == []


def test_what_is_open_again_is_told_with_what_was_before() -> None:
    assert told(24, 48) == [(2, 19)]
    assert told(0, 48) == [(2, 19)]
