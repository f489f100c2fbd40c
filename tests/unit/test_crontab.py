"""Cron expressions: weekdays as cron counts them, times as the clocks of a hotel show them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.crontab import next_time, trigger
from tests.support.zones import LORD_HOWE, MINUTE, NEW_YORK, ROME, TURNS, at


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", [6]),
        ("7", [6]),
        ("sun", [6]),
        ("1-5", [0, 1, 2, 3, 4]),
        ("MON-FRI", [0, 1, 2, 3, 4]),
        ("5-7", [4, 5, 6]),
        ("sat-sun", [5, 6]),
        ("fri-mon", [0, 4, 5, 6]),
        ("*/2", [1, 3, 5, 6]),
        ("1-5/2", [0, 2, 4]),
        ("4/2", [3, 5]),
        ("1,sat", [0, 5]),
        ("*", [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_weekdays_are_counted_as_cron_counts_them(field: str, days: list[int]) -> None:
    moment, found = at("2026-06-01 00:00") - MINUTE, []
    for _ in days:
        following = next_time(f"0 12 * * {field}", ROME, moment)
        assert following is not None
        moment = following
        found.append(moment.astimezone(ROME).weekday())
    assert found == days
    assert moment < at("2026-06-08 00:00")


@pytest.mark.parametrize("field", ["8", "mo", "1-", "-1", "*/0", "1/x", "1/", "", "1-2-3", "²"])
def test_what_is_no_weekday_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=r"weekday|step|fields"):
        trigger(f"0 12 * * {field}", ROME)


def test_a_day_must_fit_its_day_of_month_and_its_weekday() -> None:
    assert next_time("0 3 8-14 * tue", ROME, at("2026-06-01 00:00")) == at("2026-06-09 03:00")


near_a_turn = st.builds(
    lambda turn, minutes: turn + minutes * MINUTE, st.sampled_from(TURNS), st.integers(-300, 300)
)
expressions = st.tuples(
    st.sampled_from(["0", "15", "40", "*/10", "10-50/20"]), st.sampled_from(["*", "1", "2", "1-3", "*/2"])
)


def shown(cron: str, zone: ZoneInfo, now: datetime) -> bool:
    """Say by the clock on the wall alone whether windows begin now."""
    wall = now.astimezone(zone)
    minute, hour = cron.split()[:2]

    def fits(value: int, field: str) -> bool:
        span, _, step = field.partition("/")
        first, _, last = ("0-59" if span == "*" else span).partition("-")
        return int(first) <= value <= int(last or first) and (value - int(first)) % int(step or 1) == 0

    return fits(wall.minute, minute) and fits(wall.hour, hour)


@settings(deadline=None)
@given(expressions, st.sampled_from([ROME, NEW_YORK, LORD_HOWE]), near_a_turn)
def test_times_are_those_the_clocks_show(fields: tuple[str, str], zone: ZoneInfo, now: datetime) -> None:
    cron = f"{' '.join(fields)} * * *"
    found = next_time(cron, zone, now)
    assert found is not None
    assert found > now
    if found not in TURNS:
        assert shown(cron, zone, found)
    assert not any(shown(cron, zone, now + ahead * MINUTE) for ahead in range(1, (found - now) // MINUTE))
