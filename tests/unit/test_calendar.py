"""Business hours: over midnight, over clock changes in three zones, and on public holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.calendar import ALWAYS, EMERGENCY, OfficeHours, When, office_hours, public_holidays
from alerts.options import Hours, Level
from alerts.wall_clock import moment
from tests.support.zones import LORD_HOWE, MINUTE, NEW_YORK, ROME, TURNS, at

WORK, WEEK = frozenset(range(5)), frozenset(range(7))


def clock(text: str) -> time:
    return time.fromisoformat(text)


def hours(
    opens: str, closes: str, zone: ZoneInfo = ROME, days: frozenset[int] = WEEK, holidays: str | None = None
) -> OfficeHours:
    return OfficeHours(days, clock(opens), clock(closes), holidays, zone)


OFFICE = hours("09:00", "18:00", days=WORK, holidays="IT")


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-06-03 08:59:59", False),
        ("2026-06-03 09:00", True),
        ("2026-06-03 17:59:59", True),
        ("2026-06-03 18:00", False),
        ("2026-06-06 12:00", False),
    ],
)
def test_the_opening_is_within_and_the_closing_is_not(now: str, is_open: bool) -> None:
    assert OFFICE.is_open(at(now)) is is_open


def test_friday_evening_waits_for_monday() -> None:
    assert OFFICE.next_opening(at("2026-06-05 18:00")) == at("2026-06-08 09:00")


def test_an_open_office_opens_now_and_tells_when_it_closes() -> None:
    now = at("2026-06-03 10:00")
    assert OFFICE.next_opening(now) == now
    assert OFFICE.closes_at(now) == at("2026-06-03 18:00")
    assert OFFICE.closes_at(at("2026-06-03 20:00")) is None


def test_answers_are_in_utc() -> None:
    closing, opening = OFFICE.closes_at(at("2026-06-03 10:00")), OFFICE.next_opening(at("2026-06-03 20:00"))
    assert closing is not None
    assert opening is not None
    assert (closing.tzinfo, opening.tzinfo) == (UTC, UTC)


def test_always_is_open_and_emergency_never() -> None:
    now = at("2026-12-25 03:00")
    assert (ALWAYS.is_open(now), ALWAYS.next_opening(now), ALWAYS.closes_at(now)) == (True, now, None)
    assert (EMERGENCY.is_open(now), EMERGENCY.next_opening(now), EMERGENCY.closes_at(now)) == (
        False,
        None,
        None,
    )


def test_hours_without_days_never_open() -> None:
    assert hours("09:00", "18:00", days=frozenset()).next_opening(at("2026-06-03 10:00")) is None


def test_a_night_belongs_to_the_day_it_begins() -> None:
    friday_night = hours("22:00", "06:00", days=frozenset({4}))
    assert friday_night.is_open(at("2026-06-06 05:59"))
    assert friday_night.closes_at(at("2026-06-05 23:00")) == at("2026-06-06 06:00")
    assert not friday_night.is_open(at("2026-06-05 05:59"))
    assert friday_night.next_opening(at("2026-06-06 06:00")) == at("2026-06-12 22:00")


def test_hours_until_midnight_end_with_the_day() -> None:
    late = hours("14:00", "00:00", days=frozenset({2}))
    assert late.closes_at(at("2026-06-03 23:59")) == at("2026-06-04 00:00")
    assert not late.is_open(at("2026-06-04 00:00"))


@pytest.mark.parametrize(
    ("zone", "opens", "before", "gap_ends"),
    [
        (ROME, "02:30", "2026-03-29 01:00", "2026-03-29 03:00"),
        (NEW_YORK, "02:15", "2026-03-08 01:00", "2026-03-08 03:00"),
        (LORD_HOWE, "02:10", "2026-10-04 01:00", "2026-10-04 02:30"),
    ],
)
def test_an_opening_that_the_clocks_skip_is_the_moment_after(
    zone: ZoneInfo, opens: str, before: str, gap_ends: str
) -> None:
    office, opening = hours(opens, "12:00", zone), at(gap_ends, zone)
    assert office.next_opening(at(before, zone)) == opening
    assert not office.is_open(opening - timedelta.resolution)
    assert office.is_open(opening)


def test_a_closing_that_the_clocks_skip_is_the_moment_after() -> None:
    assert hours("00:00", "02:30").closes_at(at("2026-03-29 01:00")) == at("2026-03-29 03:00")


def test_hours_that_the_clocks_skip_as_a_whole_do_not_open_that_day() -> None:
    assert hours("02:15", "02:45").next_opening(at("2026-03-29 01:00")) == at("2026-03-30 02:15")


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "day", "length"),
    [
        (ROME, "02:15", "02:45", "2026-10-25", 90),
        (NEW_YORK, "01:15", "01:45", "2026-11-01", 90),
        (LORD_HOWE, "01:40", "01:50", "2026-04-05", 40),
    ],
)
def test_an_hour_that_comes_twice_is_within_both_times(
    zone: ZoneInfo, opens: str, closes: str, day: str, length: int
) -> None:
    office, begins = hours(opens, closes, zone), at(f"{day} {opens}", zone)
    assert office.next_opening(begins - MINUTE) == begins
    assert office.closes_at(begins) == at(f"{day} {closes}", zone, fold=1) == begins + length * MINUTE


def test_a_night_over_a_clock_change_keeps_to_the_clocks() -> None:
    night = hours("22:00", "06:00")
    spring, autumn = at("2026-03-28 22:00"), at("2026-10-24 22:00")
    assert night.closes_at(spring) == spring + timedelta(hours=7)
    assert night.closes_at(autumn) == autumn + timedelta(hours=9)


def test_hours_that_meet_when_the_clocks_go_back_are_one() -> None:
    around = hours("02:30", "02:15")
    assert around.closes_at(at("2026-10-24 12:00")) == at("2026-10-26 02:15")


def test_a_public_holiday_is_closed_the_whole_day() -> None:
    assert OFFICE.next_opening(at("2026-06-02 10:00")) == at("2026-06-03 09:00")


def test_a_night_ends_where_a_holiday_begins_and_none_begins_on_it() -> None:
    night = hours("22:00", "06:00", holidays="IT")
    assert night.closes_at(at("2026-06-01 23:00")) == at("2026-06-02 00:00")
    assert night.next_opening(at("2026-06-02 00:00")) == at("2026-06-03 22:00")


def test_a_week_of_holidays_is_waited_for() -> None:
    beijing = ZoneInfo("Asia/Shanghai")
    office = hours("09:00", "18:00", beijing, WORK, holidays="CN")
    assert office.next_opening(at("2025-09-30 18:00", beijing)) == at("2025-10-09 09:00", beijing)


def test_holidays_are_those_of_the_hotels_day_and_of_the_year_it_is_in() -> None:
    office = hours("00:00", "23:59", NEW_YORK, holidays="US")
    assert office.is_open(at("2026-12-31 23:00", NEW_YORK))
    assert office.next_opening(at("2026-12-31 23:59", NEW_YORK)) == at("2027-01-02 00:00", NEW_YORK)


def test_regional_holidays_do_not_close() -> None:
    assert date(2026, 1, 6) not in public_holidays("DE", 2026)
    assert date(2026, 1, 6) in public_holidays("IT", 2026)


def test_configured_hours_become_the_value() -> None:
    options = Hours.model_validate({"days": "mon-wed", "from": "09:00", "to": "18:00", "holidays": "NO"})
    assert office_hours(options, ROME) == OfficeHours(
        frozenset({0, 1, 2}), clock("09:00"), clock("18:00"), "NO", ROME, When.WINDOW
    )
    for name, value in {"always": ALWAYS, "emergency": EMERGENCY}.items():
        level = Level.model_validate({"level": 1, "role": "S", "hours": name})
        assert office_hours(level.hours, ROME) == value


def test_a_day_that_a_zone_left_out_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")
    office = hours("09:00", "18:00", apia)
    assert office.next_opening(at("2011-12-29 18:00", apia)) == at("2011-12-31 09:00", apia)
    assert moment(datetime(2011, 12, 30, 12), apia) == at("2011-12-31 00:00", apia)  # noqa: DTZ001 - what a wall shows


near_a_turn = st.builds(
    lambda turn, minutes: turn + minutes * MINUTE, st.sampled_from(TURNS), st.integers(-3000, 3000)
)
any_moment = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - what a wall shows
moments = st.one_of(near_a_turn, any_moment)
of_a_day = st.builds(time, st.integers(0, 23), st.sampled_from([0, 10, 15, 30, 45]))
offices = st.builds(
    OfficeHours,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.one_of(of_a_day, st.sampled_from([clock("01:45"), clock("02:15")])),
    of_a_day,
    st.sampled_from([None, "IT", "US", "CN"]),
    st.sampled_from([ROME, NEW_YORK, LORD_HOWE]),
).filter(lambda office: office.opens != office.closes)


def reads_open(office: OfficeHours, now: datetime) -> bool:
    """Say by the clock on the wall alone whether it is open."""
    wall = now.astimezone(office.zone)
    day, shown = wall.date(), wall.time()
    over = office.closes < office.opens
    if over and shown < office.closes:
        begun = day - timedelta(days=1)
    elif office.opens <= shown and (over or shown < office.closes):
        begun = day
    else:
        return False
    closed = [
        office.holidays is not None and one in public_holidays(office.holidays, one.year)
        for one in (day, begun)
    ]
    return begun.weekday() in office.days and not any(closed)


@settings(deadline=None)
@given(offices, moments)
def test_whoever_reads_the_clock_within_the_hours_finds_it_open(office: OfficeHours, now: datetime) -> None:
    if reads_open(office, now):
        assert office.is_open(now)
    elif office.is_open(now):
        day = now.astimezone(office.zone).date()
        assert any(abs(turn.astimezone(office.zone).date() - day) <= timedelta(days=1) for turn in TURNS) or (
            now.year != 2026
        )


@settings(deadline=None)
@given(offices, moments, st.integers(0, 99))
def test_the_next_opening_is_the_first_open_moment(office: OfficeHours, now: datetime, percent: int) -> None:
    opening = office.next_opening(now)
    assert opening is not None
    assert opening >= now
    assert office.is_open(opening)
    assert (opening == now) is office.is_open(now)
    if opening > now:
        assert not office.is_open(now + (opening - now) * percent / 100)
        assert not office.is_open(opening - timedelta.resolution)


@settings(deadline=None)
@given(offices, moments, st.integers(0, 99))
def test_it_is_open_until_it_closes(office: OfficeHours, now: datetime, percent: int) -> None:
    closing = office.closes_at(now)
    assert (closing is not None) is office.is_open(now)
    if closing is not None:
        assert office.is_open(now + (closing - now) * percent / 100)
        assert not office.is_open(closing)
