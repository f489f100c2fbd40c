"""Lines are dated by what stands in them, in whatever form the program writes it."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.log_times import in_zone, time_of, zone_of

NOW = datetime(2024, 1, 15, 15, 0, tzinfo=UTC)
THEN = datetime(2024, 1, 15, 14, 30, tzinfo=UTC)
NAIVE = THEN.replace(tzinfo=None)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-15T14:30:00Z INFO [ota] rate update ok",
        "2024-01-15T15:30:00+01:00 INFO ok",
        "2024-01-15 09:30:00.000 -0500 ok",
        "[2024-01-15T14:30:00.000Z] info: ok",
        "INFO 2024-01-15T14:30:00Z ok",
        "<134>1 2024-01-15T14:30:00Z host app - - ok",
        '{"level":"info","time":1705329000000,"msg":"ok"}',
        '{"level":"info","timestamp":"2024-01-15T14:30:00Z","msg":"ok"}',
        '{"@timestamp": "2024-01-15T14:30:00.000Z", "message": "ok"}',
        '{"date":"2024-02-20T00:00:00Z","msg":"rate update","timestamp":"2024-01-15T14:30:00Z"}',
        '{"date":"2024-01-15T14:30:00Z","msg":"ok"}',
        "level=info ts=2024-01-15T14:30:00Z msg=ok",
        "1705329000 ok",
        "1705329000.000 ok",
        '10.0.0.1 - - [15/Jan/2024:14:30:00 +0000] "POST /hook HTTP/1.1" 200',
    ],
)
def test_a_time_with_a_zone_is_that_moment(text: str) -> None:
    assert time_of(text, NOW) == THEN


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-15 14:30:00,000 INFO ok",
        "2024/01/15 14:30:00 [error] ok",
        "2024-01-15T14:30:00: ok",
        "Jan 15 14:30:00 host app[1]: ok",
    ],
)
def test_a_time_without_a_zone_stays_without(text: str) -> None:
    assert time_of(text, NOW) == NAIVE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "availability sync for the stay from 2024-02-01 00:00:00",
        "2024-13-45T99:99:99Z nonsense",
        "2024-01-15 without a clock",
        "Foo 15 14:30:00 no month",
        "9999999999999999999999 ok",
        "1023456789 rate update ok",
        "4023456789 rate update ok",
        "sync done",
    ],
)
def test_a_line_without_a_time_of_its_own_has_none(text: str) -> None:
    assert time_of(text, NOW) is None


def test_a_time_without_a_year_is_the_latest_that_is_past() -> None:
    assert time_of("Dec 31 23:59:59 host ok", NOW) == datetime(2023, 12, 31, 23, 59, 59)  # noqa: DTZ001 - naive


@pytest.mark.parametrize("offset", [-5, 0, 1, 9])
def test_the_zone_is_the_one_that_puts_the_newest_line_at_the_end_of_its_file(offset: int) -> None:
    hotel = timezone(timedelta(hours=offset))
    newest = THEN.astimezone(hotel).replace(tzinfo=None)
    zone = zone_of(newest, THEN.timestamp() + 1, (hotel, UTC))
    assert in_zone(newest, zone, THEN.timestamp()) == THEN.timestamp()


def test_an_hour_that_comes_twice_is_the_later_one_once_that_has_come() -> None:
    twice = datetime(2024, 10, 27, 1, 30)  # noqa: DTZ001 - naive is the point
    lisbon = ZoneInfo("Europe/Lisbon")
    first = datetime(2024, 10, 27, 0, 30, tzinfo=UTC).timestamp()
    assert in_zone(twice, lisbon, first + 60) == first
    assert in_zone(twice, lisbon, first + 3660) == first + 3600


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    time_of(text, NOW)


@given(st.lists(st.integers(0, 99), min_size=5, max_size=5), st.integers(0, 9999), st.sampled_from("+-"))
def test_no_time_is_too_odd(pairs: list[int], year: int, sign: str) -> None:
    month, day, hour, minute, second = pairs
    clock = f"{hour:02}:{minute:02}:{second:02}"
    time_of(f"{year:04}-{month:02}-{day:02}T{clock}{sign}{second:02}:{hour:02} x", NOW)
    time_of(f"Feb {day:2} {clock} x", NOW)
