"""Numbers held against limits: what a run says of them, past the limit or not."""

import pytest

from checks.check import Limits
from checks.result import RESPONSE_TIME, Reason, State, ok
from checks.tables.question import within


@pytest.mark.parametrize(
    ("value", "state", "limit"),
    [
        (10.0, State.OK, 50.0),
        (50.0, State.OK, 50.0),
        (51.0, State.WARNING, 50.0),
        (101.0, State.CRITICAL, 100.0),
    ],
)
def test_a_number_is_told_with_the_limit_that_matters(value: float, state: State, limit: float) -> None:
    limits = Limits(warning_above=50.0, critical_above=100.0)
    result = limits.judge(ok("", {"keys": value}), "keys")
    assert (result.state, result.observed, result.limit, result.unit) == (state, value, limit, "")
    assert result.reason is (None if state is State.OK else Reason.THRESHOLD)


def test_a_number_without_a_limit_is_told_without_one() -> None:
    result = Limits().judge(ok("", {RESPONSE_TIME: 3.0}), RESPONSE_TIME)
    assert (result.observed, result.limit) == (None, None)


def test_of_several_numbers_the_one_nearest_to_its_limit_is_told() -> None:
    result = within(ok(), (900.0, 1000.0, "updates"), (1700.0, 1800.0, "s"))
    assert (result.observed, result.limit, result.unit) == (1700.0, 1800.0, "s")
    assert within(ok()) == ok()
