"""When an incident was open: each time it opened, how often, and how long in all."""

from datetime import timedelta

from alerts.openings import Openings, openings
from tests.support.clock import START


def at(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_what_came_back_is_told_from_its_first_opening_on() -> None:
    lines = [(START, "opened"), (START + at(15), "resolved"), (START + at(480), "reopened")]
    found = openings(reversed(lines), START + at(480), START + at(494), 2)
    assert found.spans == ((START, START + at(15)), (START + at(480), START + at(494)))
    assert (found.first, found.last) == (START, START + at(480))
    assert found.lasted(START + at(9999)) == "29 s in all, opened 2 times"


def test_what_opened_once_says_only_how_long() -> None:
    found = openings([(START, "opened"), (START + at(5), "told")], START, None)
    assert found == Openings(((START, None),), 1)
    assert found.lasted(START + at(60)) == "1 min"


def test_a_timeline_that_is_not_known_is_not_guessed_at() -> None:
    found = openings([], START, START + at(14), 3)
    assert found.lasted(START) == "14 s the last time, opened 3 times"
