"""Credentials stand by the days of their hotel: fine, soon, due, overdue."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.credentials import SOON, Credential, Need, coming_due, keeping, register

TODAY = date(2026, 11, 29)
AUCKLAND, HONOLULU = ZoneInfo("Pacific/Auckland"), ZoneInfo("Pacific/Honolulu")
DAYS = st.dates(date(1975, 1, 1), date(2190, 1, 1))


def ending(day: date) -> Credential:
    return Credential("k", "Key", "Ada", expires=day)


@pytest.mark.parametrize(
    ("left", "need"),
    [
        (15, Need.FINE),
        (14, Need.SOON),
        (1, Need.SOON),
        (0, Need.DUE),
        (-1, Need.OVERDUE),
        (-400, Need.OVERDUE),
    ],
)
def test_a_credential_is_told_of_two_weeks_before_its_day(left: int, need: Need) -> None:
    assert keeping(ending(TODAY + timedelta(days=left)), TODAY).need is need


def test_what_is_to_be_rotated_is_due_so_many_days_after_it_was_made() -> None:
    made = Credential("k", "Key", "Ada", created=date(2026, 6, 2), rotate_every=180)
    found = keeping(made, TODAY)
    assert (found.due, found.age, found.need) == (date(2026, 11, 29), 180, Need.DUE)
    both = Credential("k", "Key", "Ada", created=TODAY, rotate_every=180, expires=date(2026, 12, 1))
    assert keeping(both, TODAY).due == date(2026, 12, 1)


def test_the_age_of_what_is_made_tomorrow_is_not_known() -> None:
    assert keeping(Credential("k", "K", "A", created=date(2026, 12, 1), rotate_every=30), TODAY).age is None
    assert keeping(ending(TODAY), TODAY).age is None


def test_days_are_those_of_the_hotel() -> None:
    now = datetime(2026, 11, 29, 11, 30, tzinfo=UTC)
    key = ending(TODAY)
    assert register([key], AUCKLAND, now)[0].need is Need.OVERDUE
    assert register([key], HONOLULU, now)[0].need is Need.DUE
    assert register([key], AUCKLAND, now)[0].ends(AUCKLAND) == datetime(2026, 11, 29, 11, tzinfo=UTC)


def test_the_next_that_is_due_comes_first_and_the_fine_ones_need_nobody() -> None:
    keys = [Credential(str(day), "K", "A", expires=TODAY + timedelta(days=day)) for day in (90, -3, 14)]
    found = register(keys, ZoneInfo("UTC"), datetime(2026, 11, 29, 12, tzinfo=UTC))
    assert [one.credential.id for one in found] == ["-3", "14", "90"]
    assert [one.credential.id for one in coming_due(found)] == ["-3", "14"]


@given(DAYS, DAYS)
def test_a_credential_only_gets_nearer_to_its_day(due: date, today: date) -> None:
    order = list(Need)
    now, later = keeping(ending(due), today), keeping(ending(due), today + timedelta(days=1))
    assert order.index(later.need) >= order.index(now.need)
    assert (now.need is Need.OVERDUE) == (today > due)
    assert (now.need is Need.FINE) == (due - today > SOON)


@given(DAYS, st.integers(1, 3660))
def test_what_is_overdue_is_so_from_the_moment_its_day_ends(made: date, days: int) -> None:
    key = Credential("k", "K", "A", created=made, rotate_every=days)
    for zone in (AUCKLAND, HONOLULU):
        ends = keeping(key, made).ends(zone)
        before, after = (register([key], zone, at)[0] for at in (ends - timedelta(seconds=1), ends))
        assert (before.need, after.need) == (Need.DUE, Need.OVERDUE)
