"""Charts: response times as lines that can be trusted, whatever the numbers are."""

import math
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from daemon.web.pages.chart import Chart, Point, chart, milliseconds

LISBON = ZoneInfo("Europe/Lisbon")
START = datetime(2026, 11, 24, 12, tzinfo=UTC)
END = START + timedelta(days=1)
APART = timedelta(minutes=23)


def at(quarter: int, mean: float | None, high: float | None = None) -> Point:
    return Point(START + quarter * timedelta(minutes=15), mean, high)


def drawn(*points: Point, limit: float | None = None, end: datetime = END) -> Chart:
    found = chart(points, START, end, limit=limit, apart=APART, zone=LISBON)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "points",
    [[], [at(1, None)], [at(1, math.nan, math.inf)], [at(1, -1.0)], [at(-9, 100.0)], [at(999, 100.0)]],
    ids=["none", "no-answer", "no-number", "negative", "before", "after"],
)
def test_without_answers_there_is_nothing_to_draw(points: list[Point]) -> None:
    assert chart(points, START, END, limit=1000.0, apart=APART, zone=LISBON) is None


def test_a_span_without_length_is_not_drawn() -> None:
    assert chart([at(0, 1.0)], START, START, limit=None, apart=APART, zone=LISBON) is None


def test_one_point_is_a_short_dash() -> None:
    found = drawn(at(48, 100.0))
    assert re.fullmatch(r"M497\.0 \d+\.\dh6\.0", found.mean)
    assert found.high == ""


def test_points_are_joined_and_gaps_are_not() -> None:
    found = drawn(at(0, 100.0), at(1, 110.0), at(2, None), at(3, 120.0), at(9, 90.0), at(10, 90.0))
    assert [len(line.split("L")) for line in found.mean.split("M")[1:]] == [2, 1, 2]


def test_points_may_come_in_any_order() -> None:
    assert drawn(at(2, 3.0), at(0, 1.0), at(1, 2.0)) == drawn(at(0, 1.0), at(1, 2.0), at(2, 3.0))


def test_the_axis_ends_at_a_round_number_above_all_that_is_drawn() -> None:
    found = drawn(at(0, 180.0, 420.0), limit=1000.0)
    assert [label.word for label in found.levels] == ["0 ms", "1 s", "2 s"]
    assert found.limit == 50.0
    assert found.limit_word == "limit 1 s"


def test_a_limit_that_is_far_away_is_told_and_not_drawn() -> None:
    found = drawn(at(0, 20.0), limit=3000.0)
    assert found.limit is None
    assert found.limit_word == "limit 3 s"
    assert found.levels[-1].word == "30 ms"


@pytest.mark.parametrize("limit", [math.nan, math.inf, 0.0, -5.0])
def test_a_limit_that_is_no_number_is_none(limit: float) -> None:
    assert drawn(at(0, 20.0), limit=limit).limit_word == ""


def test_hours_of_a_day_are_those_of_the_hotel() -> None:
    berlin = chart([at(0, 1.0)], START, END, limit=None, apart=APART, zone=ZoneInfo("Europe/Berlin"))
    assert berlin is not None
    assert [label.word for label in berlin.times] == ["18:00", "00:00", "06:00", "12:00"]
    assert [label.word for label in drawn(at(0, 1.0)).times] == ["18:00", "00:00", "06:00"]


def test_a_week_shows_its_days_and_a_month_its_dates() -> None:
    week = drawn(at(0, 1.0), end=START + timedelta(days=7))
    assert [label.word for label in week.times] == ["Wed", "Thu", "Fri", "Sat", "Sun", "Mon", "Tue"]
    month = drawn(at(0, 1.0), end=START + timedelta(days=30))
    assert [label.word for label in month.times][:2] == ["30 Nov", "5 Dec"]


def test_the_description_says_what_the_lines_show() -> None:
    found = drawn(at(0, 100.0, 150.0), at(1, 240.0, 1300.0), limit=1000.0)
    assert found.description == (
        "mean between 100 ms and 240 ms; 95 in 100 answers within 1.3 s at the worst; limit 1 s"
    )


def test_times_are_told_in_their_unit() -> None:
    assert [milliseconds(value) for value in (0.0, 180.4, 999.0, 1200.0)] == [
        "0 ms",
        "180 ms",
        "999 ms",
        "1.2 s",
    ]


numbers = some.none() | some.floats(allow_nan=True, allow_infinity=True)
points = some.builds(
    Point, some.integers(-200, 400).map(lambda quarter: at(quarter, None).at), numbers, numbers
)


@given(some.lists(points, max_size=30), numbers)
def test_no_numbers_break_a_chart(several: list[Point], limit: float | None) -> None:
    found = chart(several, START, END, limit=limit, apart=APART, zone=LISBON)
    if found is not None:
        for line in (found.mean, found.high):
            assert re.fullmatch(r"(M[\d.]+ [\d.]+(h6\.0|(L[\d.]+ [\d.]+)+))*", line)
            places = [float(one) for one in re.findall(r"[\d.]+", line.replace("h6.0", ""))]
            assert all(0 <= place <= 1000 for place in places)
        assert found.limit is None or 0 <= found.limit <= 100
