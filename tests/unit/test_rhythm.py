"""The rhythm of a hotel: what is expected by weekday and hour, and how rare a silence is."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.feast_days import feast_days
from checks.rhythm import DAY, FURTHEST, HOUR, USUAL, WEEKS, Rhythm, Slot, learn
from tests.rhythm import figures, live
from tests.support.booking_hotels import SIZES

LISBON = ZoneInfo("Europe/Lisbon")
MONDAY = datetime(2026, 2, 2, tzinfo=LISBON)
"""Eight weeks before the clocks go forward, on March 29."""
FIRST = MONDAY.date()


def days(
    number: int, came: int, first: date = FIRST, hours: Collection[int] = range(8, 24)
) -> dict[Slot, int]:
    return {(first + timedelta(days=day), hour): came for day in range(number) for hour in hours}


def at(day: int, hour: int, minute: int = 0) -> float:
    local = MONDAY.replace(tzinfo=None) + timedelta(days=day, hours=hour, minutes=minute)
    return local.replace(tzinfo=LISBON).timestamp()


def rhythm(came: dict[Slot, int], number: int = 7 * WEEKS - 7, **others: Collection[date]) -> Rhythm:
    return learn(came, at(0, 0), at(number, 0), LISBON, **others)


def test_nights_expect_nothing_and_days_what_they_had() -> None:
    found = rhythm(days(49, 2))
    assert found.expected(at(49, 0), at(49, 8)) == 0
    assert found.expected(at(49, 8), at(49, 12)) == pytest.approx(8)
    assert found.expected(at(49, 9, 30), at(49, 10)) == pytest.approx(1)


def test_a_weekday_has_its_own_hours() -> None:
    came = days(49, 1)
    came |= {slot: 4 for slot in came if slot[0].weekday() == 5}
    found = rhythm(came)
    saturday, sunday = (found.expected(at(day, 8), at(day, 24)) for day in (54, 55))
    assert saturday == pytest.approx(64, rel=0.05)
    assert sunday == pytest.approx(16, rel=0.05)


def test_only_the_weeks_that_are_known_count() -> None:
    came = days(21, 2, MONDAY.date() + timedelta(days=28))
    found = learn(came, at(28, 0), at(49, 0), LISBON)
    assert found.weeks == pytest.approx(3)
    assert found.expected(at(49, 8), at(49, 12)) == pytest.approx(8)


def test_the_night_in_which_clocks_change_has_the_hours_it_has() -> None:
    spring = datetime(2026, 3, 29, tzinfo=LISBON)
    found = learn(days(49, 1, hours=range(24)), at(0, 0), at(49, 0), LISBON)
    begins = spring.timestamp()
    ends = datetime(2026, 3, 30, tzinfo=LISBON).timestamp()
    assert ends - begins == 23 * HOUR
    assert found.expected(begins, ends) == pytest.approx(23)
    autumn = datetime(2026, 10, 25, tzinfo=LISBON).timestamp()
    assert found.expected(autumn, autumn + 25 * HOUR) == pytest.approx(25)
    assert found.expected(autumn + HOUR, autumn + 3 * HOUR) == pytest.approx(2)


def test_an_hour_that_came_twice_taught_two_hours() -> None:
    ends = datetime(2026, 10, 26, tzinfo=LISBON)
    begins = ends - timedelta(days=7 * WEEKS)
    came = days(7 * WEEKS, 1, begins.date(), hours=range(24))
    came[date(2026, 10, 25), 1] = 2
    found = learn(came, begins.timestamp(), ends.timestamp(), LISBON)
    sunday = datetime(2026, 11, 1, tzinfo=LISBON).timestamp()
    assert found.expected(sunday + HOUR, sunday + 2 * HOUR) == pytest.approx(1)


def test_a_holiday_expects_half_and_teaches_nothing() -> None:
    feast = MONDAY.date() + timedelta(days=49)
    taught = MONDAY.date() + timedelta(days=42)
    came = {slot: some for slot, some in days(49, 2).items() if slot[0] != taught}
    found = rhythm(came, quiet={feast, taught})
    assert found.expected(at(49, 8), at(49, 12)) == pytest.approx(4)
    assert found.expected(at(56, 8), at(56, 12)) == pytest.approx(8)


def test_a_demand_that_fell_in_the_last_two_weeks_is_expected_to_stay_low() -> None:
    came = days(35, 4) | days(14, 1, MONDAY.date() + timedelta(days=35))
    found = rhythm(came)
    assert found.expected(at(49, 8), at(49, 12)) == pytest.approx(4, rel=0.05)
    risen = rhythm(days(35, 1) | days(14, 4, MONDAY.date() + timedelta(days=35)))
    assert risen.expected(at(49, 8), at(49, 12)) < 8


def test_the_more_days_differ_the_less_a_silence_says() -> None:
    even = rhythm(days(49, 2))
    uneven = rhythm({slot: some * (1 + 2 * (slot[0].day % 2)) // 2 for slot, some in days(49, 2).items()})
    stretch = at(49, 8), at(49, 16)
    assert uneven.by_day > even.by_day
    assert uneven.one_in(*stretch) < even.one_in(*stretch)


def test_a_slow_day_leads_to_expect_a_slow_evening() -> None:
    came = days(49, 2)
    slow = {
        slot: some
        for slot, some in came.items()
        if slot[0] != MONDAY.date() + timedelta(days=48) or slot[1] == 8
    }
    assert rhythm(slow).slow < 0.6
    assert rhythm(slow).one_in(at(49, 8), at(49, 16)) < rhythm(came).one_in(at(49, 8), at(49, 16))


@given(st.floats(0, 20 * DAY), st.floats(0, 5 * DAY), st.integers(0, 4))
def test_a_longer_silence_is_never_likelier(silent: float, more: float, came: int) -> None:
    found = rhythm(days(49, came))
    begins = at(49, 0)
    assert 1 <= found.one_in(begins, begins + silent) <= found.one_in(begins, begins + silent + more)


@settings(deadline=None)
@given(st.integers(0, 6), st.integers(0, 23), st.floats(2, 1e6))
def test_it_is_rare_from_the_minute_on_that_is_told(day: int, hour: int, one_in: float) -> None:
    found, begins = rhythm(days(49, 2)), at(49 + day, hour)
    after = found.rare_after(begins, one_in)
    assert found.one_in(begins, begins + after) >= one_in
    assert found.one_in(begins, begins + after - 61) < one_in


@settings(deadline=None)
@given(st.floats(0, 7 * DAY), st.integers(1, 4))
def test_a_usual_gap_is_the_least_that_is_rare_enough_by_the_minute(after: float, came: int) -> None:
    found, ends = rhythm(days(49, came)), at(49, 0) + after
    gap = found.usual(ends)
    assert found.one_in(ends - gap, ends) >= USUAL
    assert found.one_in(ends - gap + 61, ends) < USUAL


def test_where_nothing_ever_came_no_silence_is_rare() -> None:
    found = rhythm({})
    assert found.one_in(at(49, 0), at(60, 0)) == 1
    assert found.rare_after(at(49, 0), 2) == found.usual(at(49, 0)) == FURTHEST


def test_the_holidays_of_a_zone_are_its_countrys() -> None:
    assert date(2026, 4, 25) in feast_days("Europe/Lisbon", 2026)
    assert date(2027, 1, 1) in feast_days("Europe/Lisbon", 2026)
    assert not feast_days("Etc/UTC", 2026)


def test_months_of_honest_hotels_give_no_false_alarm() -> None:
    outcomes = [live(seed, size) for seed, size in enumerate(SIZES)]
    lines = list(figures(outcomes))
    assert len(lines) == len(SIZES)
    assert all("1 months: false in 0, " in line for line in lines), lines
    assert all(0 < one.delay < 60 * 24 for one in outcomes)


def test_a_time_of_the_past_is_an_hour_of_the_hotel() -> None:
    newest = datetime(2026, 3, 22, 12, 20, tzinfo=UTC).timestamp()
    found = learn({(date(2026, 3, 22), 12): 1}, newest - 20 * 60, newest, LISBON)
    assert found.weeks == pytest.approx(20 / 60 / 168)
