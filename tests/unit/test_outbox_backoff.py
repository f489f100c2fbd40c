"""When a failed delivery is tried again."""

from datetime import timedelta

import pytest

from alerts.backoff import next_attempt
from tests.support.clock import START


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 15), (3, 30), (4, 60), (5, 120), (6, 120), (700, 120)]
)
def test_pauses_grow_to_two_minutes_and_stay_there(attempts: int, seconds: float) -> None:
    assert next_attempt(attempts, START, START, 0.5) == START + timedelta(seconds=seconds)


def test_chance_moves_a_pause_by_a_fifth_either_way() -> None:
    assert next_attempt(5, START, START, 0.0) == START + timedelta(seconds=96)
    assert next_attempt(5, START, START, 1.0) == START + timedelta(seconds=144)


def test_a_message_is_given_up_when_its_next_attempt_would_come_after_a_day() -> None:
    last = START + timedelta(hours=24, seconds=-121)
    assert next_attempt(99, START, last, 0.5) == START + timedelta(hours=24, seconds=-1)
    assert next_attempt(99, START, last + timedelta(seconds=1), 0.5) is None


def test_a_clock_set_forward_does_not_end_a_message_at_its_first_failures() -> None:
    later = START + timedelta(days=3650)
    assert next_attempt(4, START, later, 0.5) == later + timedelta(seconds=60)
    assert next_attempt(5, START, later, 0.5) is None
