"""The pictures of reports, point by point."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.reports.picture import ACROSS, DOWN, TELLING, THIN, around, png, scale
from alerts.reports.report import Chart
from alerts.reports.tidy import gathered, tidied
from tests.support.png import CLEAR, Seen, read
from tests.support.reports import report, section

BLUE, GREY, RED = "2f7ae5", "98a1ac", "d1483c"
VALUE = st.none() | st.floats(allow_nan=False, allow_infinity=False)


def chart(*values: float | None, **changes: Any) -> Chart:
    return Chart(**{"title": "t", "said": "s", "values": values, "first": "a", "last": "b", **changes})


def drawn(*values: float | None, **changes: Any) -> Seen:
    seen = read(png(chart(*values, **changes)))
    assert (len(seen.rows[0]), len(seen.rows)) == (ACROSS, DOWN)
    return seen


def height(seen: Seen, share: float) -> int:
    """Return how high the blue bar is that stands in a share of the width."""
    place = round(share * ACROSS)
    return max(seen.column(one).count(BLUE) for one in range(place - 1, place + 2))


def test_bars_stand_from_left_to_right_as_high_as_their_values() -> None:
    seen = drawn(100.0, 50.0, 25.0, 0.0)
    full = DOWN - 2 * THIN
    assert [height(seen, share) for share in (1 / 8, 3 / 8, 5 / 8)] == [full, full // 2, full // 4]
    assert seen.colours == {CLEAR, BLUE}
    assert seen.column(0) == [CLEAR] * DOWN


def test_nothing_is_a_low_bar_and_what_is_not_known_a_gap() -> None:
    seen = drawn(100.0, None, 0.0)
    assert height(seen, 3 / 6) == 0
    assert height(seen, 5 / 6) == THIN


def test_the_time_before_is_wide_and_stands_behind() -> None:
    seen = drawn(50.0, before=(100.0,))
    row = seen.rows[DOWN - THIN - 1]
    assert row.count(GREY) < row.count(BLUE) + row.count(GREY) == 112
    assert height(seen, 1 / 2) * 2 == DOWN - 2 * THIN
    assert seen.column(ACROSS // 2).count(GREY) == height(seen, 1 / 2)


def test_a_limit_is_a_dashed_line_over_the_bars() -> None:
    seen = drawn(100.0, limit=50.0)
    lines = [place for place, row in enumerate(seen.rows) if RED in row]
    assert len(lines) == THIN
    assert abs(lines[0] + THIN // 2 - DOWN // 2) <= 1
    assert seen.rows[lines[0]].count(RED) == pytest.approx(ACROSS / 2, abs=16)


def test_a_limit_above_the_values_makes_room_for_itself_unless_it_is_far_off() -> None:
    assert height(drawn(100.0, limit=200.0), 1 / 2) * 2 == DOWN - 2 * THIN
    far = drawn(100.0, limit=5000.0)
    assert RED not in far.colours
    assert height(far, 1 / 2) == DOWN - 2 * THIN
    assert "far off: the limit 5000 ms" in around(chart(100.0, limit=5000.0, unit="ms"))


def test_values_below_nothing_hang_from_a_line() -> None:
    seen = drawn(100.0, -100.0)
    middle = seen.column(ACROSS // 4)
    other = seen.column(3 * ACROSS // 4)
    assert middle.index(BLUE) < DOWN // 2 <= other.index(BLUE)
    assert "7b8490" in seen.colours


@pytest.mark.parametrize("values", [(), (None,), (None,) * 366])
def test_where_nothing_is_known_nothing_is_drawn(values: tuple[None, ...]) -> None:
    assert drawn(*values).colours == {CLEAR}
    assert around(chart(*values)) == "nothing is known"
    assert scale(chart(*values)) is None


def test_a_year_of_days_is_told_day_by_day_and_longer_ones_by_the_highest() -> None:
    year = tuple(float(day) for day in range(366))
    seen = drawn(*year)
    tops = [height(seen, (place + 0.5) / 366) for place in range(366)]
    assert tops[0] < tops[100] < tops[200] < tops[300] < tops[365]
    assert gathered(year, TELLING) == year
    longer = gathered((*year, *(None,) * 1000, 7.0), TELLING)
    assert len(longer) == TELLING
    assert (max(one for one in longer if one is not None), longer[-1]) == (365.0, 7.0)


def test_what_is_no_number_is_not_known() -> None:
    odd = chart(math.nan, math.inf, 1.0, limit=math.inf, before=(-math.inf,))
    block = tidied(report(section("s", odd))).sections[0].blocks[0]
    assert block == chart(None, None, 1.0, limit=None, before=(None,))


def test_the_scale_is_told_with_its_unit() -> None:
    said = around(chart(430.0, None, unit="ms", limit=1000.0, before=(10.0,)))
    assert said == "0 to 1000 ms · grey: the time before · dashed: the limit 1000 ms · gaps: not known"
    assert around(chart(1e300, unit="ms")) == "0 to 1e+300 ms"


@settings(max_examples=30)
@given(st.lists(VALUE, max_size=60), st.lists(VALUE, max_size=60), VALUE)
def test_whatever_the_values_are_a_picture_is_drawn(
    values: list[float | None], before: list[float | None], limit: float | None
) -> None:
    one = chart(*values, before=tuple(before), limit=limit, unit="ms")
    assert png(one) == png(one)
    assert len(around(one)) < 200


def test_a_year_is_a_small_file() -> None:
    values = tuple((day * 7919 % 1000) / 3 for day in range(366))
    assert len(png(chart(*values, before=values[::-1], limit=200.0))) < 12_000
