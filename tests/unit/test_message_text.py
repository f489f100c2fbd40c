"""Text made harmless, and times as people of the hotel read them."""

import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.message_text import _harmless, clean, full_time, lasting, moment, number, span

AT = datetime(2026, 7, 1, 12, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", "plain words"),
        ("a\r\nBcc: b", "a Bcc: b"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("abc\u202efdp.exe", "abcfdp.exe"),
        ("nul\x00 bell\x07", "nul bell"),
        ("half \ud83d emoji", "half emoji"),
        ("line\u2028end\u2029", "line end"),
        ("  much   space ", "much space"),
        ("می‌خواهم", "می‌خواهم"),
        ("👩‍💻 works", "👩‍💻 works"),
    ],
)
def test_hostile_characters_go_and_the_words_stay(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_what_python_calls_printable_needs_no_cleaning() -> None:
    printable = (char for char in map(chr, range(sys.maxunicode + 1)) if char.isprintable())
    assert [char for char in printable if _harmless(char) != char] == []


def test_a_long_text_is_clipped_with_a_sign_of_it() -> None:
    assert clean("x" * 10_000_000, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Lisbon", "1 Jul 2026, 13:05:09 WEST (UTC+01:00)"),
        ("America/Sao_Paulo", "1 Jul 2026, 09:05:09 UTC-03:00"),
        ("Asia/Kolkata", "1 Jul 2026, 17:35:09 IST (UTC+05:30)"),
        ("Pacific/Kiritimati", "2 Jul 2026, 02:05:09 UTC+14:00"),
    ],
)
def test_hotel_time_has_zone_and_offset(zone: str, expected: str) -> None:
    assert full_time(AT, ZoneInfo(zone)) == expected


def test_a_moment_has_a_date_unless_it_is_today_in_hotel_time() -> None:
    zone = ZoneInfo("Europe/Lisbon")
    assert moment(AT, AT + timedelta(hours=2), zone) == "13:05 WEST (UTC+01:00)"
    assert moment(AT, AT + timedelta(hours=12), zone).startswith("1 Jul 2026, 13:05:09")


def test_the_two_offsets_of_a_night_with_a_clock_change_are_both_shown() -> None:
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    shown = span(start, start + timedelta(hours=1), ZoneInfo("Europe/Lisbon"))
    assert shown == "25 Oct 2026, 01:30:00 WEST (UTC+01:00) to 01:30:00 WET (UTC+00:00)"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (750, "12 min 30 s"),
        (3900, "1 h 5 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float, expected: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(1430.2, "ms", "1430 ms"), (73, "", "73"), (0.1234, "s", "0.123 s"), (5, "%", "5 %")],
)
def test_numbers_lose_digits_nobody_needs(value: float, unit: str, expected: str) -> None:
    assert number(value, unit) == expected
