"""The times that reports are about leave no gap and never overlap, whatever the clocks of a hotel do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alerts.recurrence import Period
from alerts.reports.periods import as_of, days, ended, missed, next_end, scheduled
from alerts.reports.report import Kind

TICK = timedelta(microseconds=1)
MOMENTS = st.integers(0, 65 * 366 * 86_400_000).map(
    lambda ms: datetime(1995, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
ODD = (
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/Havana",
    "Africa/Cairo",
)
ZONES = st.sampled_from(ODD) | st.sampled_from(sorted(available_timezones()))
PLACES = ZONES.map(ZoneInfo)
KINDS = st.sampled_from(list(Kind))
HOURS = st.builds(time, st.integers(0, 23), st.integers(0, 59))
LISBON, LORD_HOWE = ZoneInfo("Europe/Lisbon"), ZoneInfo("Australia/Lord_Howe")
SIX = time(6)
LONGEST = {
    Kind.DAILY: timedelta(days=2, hours=1),
    Kind.WEEKLY: timedelta(days=7, hours=2),
    Kind.MONTHLY: timedelta(days=31, hours=2),
}


def lisbon(text: str, zone: ZoneInfo = LISBON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@given(KINDS, MOMENTS, PLACES, HOURS)
def test_periods_follow_one_another_and_every_moment_is_in_one(
    kind: Kind, now: datetime, zone: ZoneInfo, at: time
) -> None:
    last = ended(kind, now, zone, at)
    assert last.begins < last.ends <= now < next_end(kind, now, zone, at)
    assert last.ends - last.begins <= LONGEST[kind]
    assert ended(kind, last.ends, zone, at) == last
    assert ended(kind, next_end(kind, now, zone, at) - TICK, zone, at) == last
    following = ended(kind, next_end(kind, now, zone, at), zone, at)
    assert following == Period(last.ends, next_end(kind, now, zone, at))
    assert ended(kind, last.ends - TICK, zone, at).ends == last.begins


@given(KINDS, MOMENTS, PLACES, HOURS)
def test_a_period_begins_at_the_report_hour_or_right_after_a_gap_of_the_clocks(
    kind: Kind, now: datetime, zone: ZoneInfo, at: time
) -> None:
    begins = ended(kind, now, zone, at).begins
    wall = begins.astimezone(zone)
    shown = wall.replace(tzinfo=None)
    skipped = (begins - TICK).astimezone(zone).replace(tzinfo=None)
    wanted = datetime.combine(shown.date(), at)
    assert shown == wanted or skipped < wanted < shown or skipped < wanted - timedelta(days=1) < shown
    if zone.key != "Pacific/Apia" and shown == wanted:
        assert kind is not Kind.WEEKLY or wall.weekday() == 0
        assert kind is not Kind.MONTHLY or wall.day == 1


@given(KINDS, MOMENTS, PLACES, HOURS)
def test_what_it_is_compared_with_is_over_before_it_begins(
    kind: Kind, now: datetime, zone: ZoneInfo, at: time
) -> None:
    for spans in (scheduled(kind, now, zone, at), as_of(kind, now, zone, at)):
        assert spans.before.begins < spans.before.ends <= spans.period.begins < spans.period.ends <= now


@given(KINDS, MOMENTS, PLACES, HOURS)
def test_the_days_of_a_period_fill_it(kind: Kind, now: datetime, zone: ZoneInfo, at: time) -> None:
    found = ended(kind, now, zone, at)
    edges = days(found, zone)
    assert (edges[0], edges[-1]) == (found.begins, found.ends)
    assert sorted(set(edges)) == list(edges)


@pytest.mark.parametrize(
    ("kind", "now", "begins", "ends", "hours"),
    [
        (Kind.DAILY, "2026-11-25 06:00", "2026-11-24 06:00", "2026-11-25 06:00", 24),
        (Kind.DAILY, "2026-11-25 05:59", "2026-11-23 06:00", "2026-11-24 06:00", 24),
        (Kind.DAILY, "2026-03-29 06:00", "2026-03-28 06:00", "2026-03-29 06:00", 23),
        (Kind.DAILY, "2026-10-25 06:00", "2026-10-24 06:00", "2026-10-25 06:00", 25),
        (Kind.WEEKLY, "2026-11-25 08:00", "2026-11-16 06:00", "2026-11-23 06:00", 168),
        (Kind.WEEKLY, "2026-10-26 06:00", "2026-10-19 06:00", "2026-10-26 06:00", 169),
        (Kind.MONTHLY, "2026-11-25 08:00", "2026-10-01 06:00", "2026-11-01 06:00", 745),
    ],
)
def test_each_runs_from_report_hour_to_report_hour(
    kind: Kind, now: str, begins: str, ends: str, hours: int
) -> None:
    found = ended(kind, lisbon(now), LISBON, SIX)
    assert found == Period(lisbon(begins), lisbon(ends))
    assert (found.ends - found.begins).total_seconds() == hours * 3600


def test_a_day_is_compared_with_the_same_day_a_week_before_and_others_with_the_one_before() -> None:
    now = lisbon("2026-11-01 06:00")
    assert scheduled(Kind.DAILY, now, LISBON, SIX).before == Period(
        lisbon("2026-10-24 06:00"), lisbon("2026-10-25 06:00")
    )
    assert scheduled(Kind.WEEKLY, now, LISBON, SIX).before.ends == lisbon("2026-10-19 06:00")
    assert scheduled(Kind.MONTHLY, now, LISBON, SIX).before.begins == lisbon("2026-09-01 06:00")


def test_a_change_of_half_an_hour_makes_a_day_half_an_hour_shorter() -> None:
    found = ended(Kind.DAILY, lisbon("2026-10-04 06:00", LORD_HOWE), LORD_HOWE, SIX)
    assert found.ends - found.begins == timedelta(hours=23.5)


@pytest.mark.parametrize(
    ("kind", "begins", "before", "until"),
    [
        (Kind.DAILY, "2026-03-31 06:00", "2026-03-24 06:00", "2026-03-24 15:10"),
        (Kind.WEEKLY, "2026-03-30 06:00", "2026-03-23 06:00", "2026-03-24 15:10"),
        (Kind.MONTHLY, "2026-03-01 06:00", "2026-02-01 06:00", "2026-03-01 06:00"),
    ],
)
def test_so_far_it_is_compared_with_as_much_of_the_time_before(
    kind: Kind, begins: str, before: str, until: str
) -> None:
    now = lisbon("2026-03-31 15:10")
    found = as_of(kind, now, LISBON, SIX)
    assert found.period == Period(lisbon(begins), now)
    assert found.before == Period(lisbon(before), lisbon(until))


def test_at_the_report_hour_there_is_no_day_so_far_but_the_one_that_is_over() -> None:
    now = lisbon("2026-03-31 06:00")
    assert as_of(Kind.DAILY, now, LISBON, SIX) == scheduled(Kind.DAILY, now, LISBON, SIX)


@given(MOMENTS, PLACES, HOURS)
def test_a_day_is_never_missed_before_the_next_one_ends(now: datetime, zone: ZoneInfo, at: time) -> None:
    found = ended(Kind.DAILY, now, zone, at)
    assume(next_end(Kind.DAILY, now, zone, at) - found.ends <= timedelta(hours=25))
    assert not missed(Kind.DAILY, found, now)


def test_a_month_is_made_up_for_within_a_week_and_no_later() -> None:
    found = ended(Kind.MONTHLY, lisbon("2026-11-25 08:00"), LISBON, SIX)
    assert not missed(Kind.MONTHLY, found, lisbon("2026-11-07 06:00"))
    assert missed(Kind.MONTHLY, found, lisbon("2026-11-08 08:00"))
