"""Times as people type them on the command line."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daemon.typed_times import instant_of
from daemon.words.times import short, span_of

LISBON = ZoneInfo("Europe/Lisbon")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # the test's own numbers


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-12-25 03:00", utc(2026, 12, 25, 3)),
        ("2026-07-25 03:00", utc(2026, 7, 25, 2)),
        ("2026-12-25T03:00:30", utc(2026, 12, 25, 3, 0, 30)),
        ("2026-12-25T03:00:00+01:00", utc(2026, 12, 25, 2)),
        ("2026-12-25t03:00:00.5z", utc(2026, 12, 25, 3, 0, 0, 500_000)),
    ],
)
def test_a_time_is_the_hotels_unless_it_says_otherwise(text: str, at: datetime) -> None:
    assert instant_of(text, LISBON) == (at, "")


def test_a_time_the_clocks_show_twice_is_the_first_and_that_is_said() -> None:
    at, said = instant_of("2026-10-25 01:30", LISBON)
    assert at == utc(2026, 10, 25, 0, 30)
    assert said == (
        "The clocks show 01:30 twice on that day: the first, "
        "25 Oct 2026, 01:30:00 WEST (UTC+01:00), is taken."
    )


def test_a_time_the_clocks_skip_is_right_after_the_gap_and_that_is_said() -> None:
    at, said = instant_of("2026-03-29 01:30", LISBON)
    assert at == utc(2026, 3, 29, 1)
    assert said == (
        "The clocks skip 01:30 on that day: 29 Mar 2026, 02:00:00 WEST (UTC+01:00), right after, is taken."
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-12-25",
        "20261225T0300",
        "2026-02-30 10:00",
        "2026-12-25 24:30",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31 23:59",
        "\uff12026-12-25 03:00",
        "2026-12-25 03:00 Lisbon",
        "2026-12-25T03:00:00+99:00",
    ],
)
def test_what_is_no_time_is_refused_with_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"no time|year"):
        instant_of(text, LISBON)


def test_a_duration_is_one_of_the_configuration() -> None:
    assert span_of("90m") == timedelta(minutes=90)


@pytest.mark.parametrize("text", ["", "2", "0s", "-1h", "2 hours", "999999999d"])
def test_what_is_no_duration_is_refused_with_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer"):
        span_of(text)


def test_a_column_shows_the_zone_or_its_offset() -> None:
    at = utc(2026, 12, 25, 3)
    assert short(at, LISBON) == "2026-12-25 03:00 WET"
    assert short(at, ZoneInfo("America/Sao_Paulo")) == "2026-12-25 00:00 -0300"
    assert short(None, LISBON) == "-"
