"""Due dates hold on every calendar: short months, nights with a changed clock, clocks that are wrong."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alerts.recurrence import Due, Rhythm, last_day, period, turn

LISBON = ZoneInfo("Europe/Lisbon")
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Lisbon",
        "America/New_York",
        "America/Havana",  # the clocks go back at 01:00, so that midnight comes twice
        "America/Asuncion",  # they went on at midnight
        "Africa/Cairo",  # they go on at midnight, and back at midnight
        "Australia/Lord_Howe",  # by half an hour
        "Pacific/Apia",  # a whole day was left out
        "Pacific/Kiritimati",
        "Asia/Kathmandu",
    )
]
TICK = timedelta(milliseconds=1)
MOMENTS = st.integers(0, 65 * 366 * 86_400_000).map(lambda ms: datetime(1995, 1, 1, tzinfo=UTC) + ms * TICK)
RHYTHMS, PLACES = st.sampled_from(list(Rhythm)), st.sampled_from(ZONES)
LONGEST = {
    Rhythm.DAILY: timedelta(hours=25),
    Rhythm.WEEKLY: timedelta(days=7, hours=1),
    Rhythm.MONTHLY: timedelta(days=31, hours=1),
    Rhythm.QUARTERLY: timedelta(days=92, hours=1),
    Rhythm.YEARLY: timedelta(days=366, hours=1),
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def lisbon(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LISBON).astimezone(UTC)


@given(RHYTHMS, MOMENTS, PLACES)
def test_every_moment_lies_in_one_period_and_periods_leave_no_gap(
    rhythm: Rhythm, at: datetime, zone: ZoneInfo
) -> None:
    here = period(rhythm, at, zone)
    assert here.begins <= at < here.ends
    assert here.ends - here.begins <= LONGEST[rhythm]
    assert period(rhythm, here.begins, zone) == here
    assert period(rhythm, here.ends - timedelta(microseconds=1), zone) == here
    assert period(rhythm, here.ends, zone).begins == here.ends


@given(RHYTHMS, MOMENTS, PLACES)
def test_a_period_begins_with_its_first_day(rhythm: Rhythm, at: datetime, zone: ZoneInfo) -> None:
    begins = period(rhythm, at, zone).begins.astimezone(zone)
    day = begins.date()
    before = (begins.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).date()
    assert before < day
    assert day <= at.astimezone(zone).date()
    assert rhythm is not Rhythm.WEEKLY or day.weekday() == 0 or zone.key == "Pacific/Apia"
    assert rhythm not in {Rhythm.MONTHLY, Rhythm.QUARTERLY, Rhythm.YEARLY} or day.day == 1
    assert rhythm is not Rhythm.QUARTERLY or day.month in {1, 4, 7, 10}
    assert rhythm is not Rhythm.YEARLY or day.month == 1


@given(RHYTHMS, MOMENTS, MOMENTS, PLACES)
def test_what_is_done_now_is_done_until_its_period_is_over(
    rhythm: Rhythm, since: datetime, now: datetime, zone: ZoneInfo
) -> None:
    found = turn(rhythm, zone, since=since, done=now, now=now)
    here = period(rhythm, now, zone)
    following = period(rhythm, here.ends, zone)
    assert (found.state, found.due_by) == (Due.DONE, following.ends)
    last = here.ends - timedelta(microseconds=1)
    assert turn(rhythm, zone, since=since, done=now, now=last) == found
    assert turn(rhythm, zone, since=since, done=now, now=here.ends).state is Due.DUE
    almost = following.ends - timedelta(microseconds=1)
    assert turn(rhythm, zone, since=since, done=now, now=almost).state is Due.DUE
    assert turn(rhythm, zone, since=since, done=now, now=following.ends).state is Due.OVERDUE


@given(RHYTHMS, MOMENTS, MOMENTS, PLACES)
def test_what_was_never_done_has_a_whole_period(
    rhythm: Rhythm, since: datetime, now: datetime, zone: ZoneInfo
) -> None:
    assume(since <= now)
    found = turn(rhythm, zone, since=since, done=None, now=now)
    whole = period(rhythm, period(rhythm, since, zone).ends, zone)
    assert found.due_by == whole.ends
    assert found.state is (Due.OVERDUE if now >= whole.ends else Due.DUE)


@given(RHYTHMS, st.lists(MOMENTS, min_size=1, max_size=4), MOMENTS, PLACES)
def test_doing_it_again_never_makes_it_due_sooner(
    rhythm: Rhythm, done: list[datetime], now: datetime, zone: ZoneInfo
) -> None:
    since = min(done)
    turns = [turn(rhythm, zone, since=since, done=one, now=now) for one in sorted(done)]
    assert [one.due_by for one in turns] == sorted(one.due_by for one in turns)


@given(RHYTHMS, MOMENTS, st.none() | MOMENTS, MOMENTS, PLACES)
def test_a_clock_that_was_ahead_excuses_from_nothing(
    rhythm: Rhythm, since: datetime, done: datetime | None, now: datetime, zone: ZoneInfo
) -> None:
    found = turn(rhythm, zone, since=since, done=done, now=now)
    following = period(rhythm, period(rhythm, now, zone).ends, zone)
    assert found.due_by <= following.ends
    assert (found.state is Due.OVERDUE) == (found.due_by <= now)


@given(RHYTHMS, MOMENTS, st.none() | MOMENTS, st.tuples(MOMENTS, MOMENTS).map(sorted), PLACES)
def test_time_alone_makes_nothing_better(
    rhythm: Rhythm, since: datetime, done: datetime | None, times: list[datetime], zone: ZoneInfo
) -> None:
    now, later = times
    assume(since <= now and (done is None or done <= now))
    order = [Due.DONE, Due.DUE, Due.OVERDUE]
    first, second = (turn(rhythm, zone, since=since, done=done, now=at) for at in (now, later))
    assert order.index(first.state) <= order.index(second.state)
    assert first.due_by == second.due_by


@pytest.mark.parametrize(
    ("rhythm", "done", "due_by"),
    [
        (Rhythm.DAILY, "2026-03-28T09:00", "2026-03-30T00:00"),  # the day after has 23 hours
        (Rhythm.DAILY, "2026-10-24T23:59", "2026-10-26T00:00"),  # the day after has 25
        (Rhythm.WEEKLY, "2026-12-27T23:59", "2027-01-04T00:00"),  # a Sunday: the week after ends in January
        (Rhythm.WEEKLY, "2026-12-28T00:00", "2027-01-11T00:00"),  # the Monday after it
        (Rhythm.MONTHLY, "2027-01-31T12:00", "2027-03-01T00:00"),  # by the end of February
        (Rhythm.MONTHLY, "2028-01-01T00:00", "2028-03-01T00:00"),  # which may have 29 days
        (Rhythm.MONTHLY, "2026-11-30T23:59", "2027-01-01T00:00"),
        (Rhythm.QUARTERLY, "2026-11-15T12:00", "2027-04-01T00:00"),
        (Rhythm.YEARLY, "2028-02-29T12:00", "2030-01-01T00:00"),
    ],
)
def test_it_is_due_by_the_end_of_the_next_period(rhythm: Rhythm, done: str, due_by: str) -> None:
    at = lisbon(done)
    found = turn(rhythm, LISBON, since=at, done=at, now=at)
    assert found.due_by == lisbon(due_by)
    assert last_day(found.due_by, LISBON) == (datetime.fromisoformat(due_by) - timedelta(days=1)).date()


def test_late_is_not_done_twice() -> None:
    since, done = utc("2026-11-01T12:00"), utc("2026-11-20T12:00")
    found = turn(Rhythm.WEEKLY, LISBON, since=since, done=done, now=done)
    assert found.state is Due.DONE
    assert turn(Rhythm.WEEKLY, LISBON, since=since, done=done, now=utc("2026-11-23T00:00")).state is Due.DUE


def test_a_day_that_the_calendar_leaves_out_is_nobodys_fault() -> None:
    apia = ZoneInfo("Pacific/Apia")
    done = datetime(2011, 12, 29, 12, tzinfo=apia).astimezone(UTC)
    found = turn(Rhythm.DAILY, apia, since=done, done=done, now=done)
    assert found.due_by == datetime(2012, 1, 1, tzinfo=apia).astimezone(UTC)
