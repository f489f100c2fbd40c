"""The forecast of an allowance: it never promises more than there is, and what it says comes true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.findings import Budget

DAYS = st.lists(st.integers(0, 5000), min_size=24, max_size=24).map(tuple)


@st.composite
def budgets(draw: st.DrawFn) -> Budget:
    """Return one of which all that was used comes back within the day."""
    frees = draw(DAYS)
    pace = draw(st.integers(0, frees[-1]))
    return Budget("messages", sum(frees), draw(st.integers(1, 60_000)), pace, frees)


@given(budgets())
def test_room_never_exceeds_the_limit_and_only_grows_while_nothing_is_sent(budget: Budget) -> None:
    room = budget.room()
    assert len(room) == 24
    assert all(0 <= some <= budget.limit for some in room)
    assert list(room) == sorted(room)
    assert room[-1] == budget.limit


@given(budgets())
def test_what_is_promised_can_be_sent(budget: Budget) -> None:
    for hour, room in enumerate(budget.room()):
        used = budget.used - sum(budget.frees[: hour + 1])
        assert room == 0 or used + room <= budget.limit


@given(budgets())
def test_what_returns_is_told_once_and_grows(budget: Budget) -> None:
    steps = budget.returns()
    assert all(budget.room()[hour - 1] == room > budget.left for hour, room in steps)
    assert sorted({room for _, room in steps}) == [room for _, room in steps]
    assert (steps[-1][1] if steps else budget.left) == budget.limit


@given(budgets())
def test_the_end_that_is_foretold_is_the_first_moment_with_nothing_left(budget: Budget) -> None:
    ends = budget.ends_in()
    left = float(budget.limit - budget.used)
    for hour, back in enumerate(budget.frees):
        here = left - (budget.pace - back)
        if ends is not None and hour <= ends <= hour + 1:
            assert left - (ends - hour) * (budget.pace - back) <= 1e-6
            return
        assert left > 0
        assert here > 0
        left = here
    assert ends is None


@pytest.mark.parametrize(
    ("budget", "ends"),
    [
        (Budget("messages", 1900, 2000, 50, (0,) * 24), 2.0),
        (Budget("messages", 2000, 2000, 0, (0,) * 24), 0.0),
        (Budget("messages", 2400, 2000, 10, (10,) * 24), 0.0),
        (Budget("messages", 1900, 2000, 50, (50,) * 24), None),
        (Budget("messages", 1900, 2000, 50, (50, 50, 0, *[50] * 21)), None),
        (Budget("messages", 1900, 2000, 50, (50, 0, 0, *[50] * 21)), 3.0),
        (Budget("messages", 1900, 2000, 50), None),
    ],
)
def test_the_end_is_foretold_hour_by_hour(budget: Budget, ends: float | None) -> None:
    assert budget.ends_in() == ends
