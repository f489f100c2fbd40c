"""Users' regular expressions: as `re` has them where it matters, and never slow."""

import time

import pytest

from checks.pattern import MOST_CHARACTERS, Pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^ok$", "ok\n", "ok"),
        ("^ok$", "ok\n\n", None),
        (r"(?i)maint\w+", "in MAINTENANCE now", "MAINTENANCE"),
        ("Größe", "die Größe", "Größe"),
        ("", "anything", ""),
        ("x", "half a \ud800 character x", "x"),
    ],
)
def test_a_search_finds_what_people_expect(pattern: str, text: str, found: str | None) -> None:
    match = Pattern(pattern).search(text)
    assert (match[0] if match else match) == found


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+$", '.*"ok".*', "(x*)*y"])
def test_no_pattern_takes_more_than_moments(pattern: str) -> None:
    search = Pattern(pattern).search
    started = time.process_time()
    assert search("a" * 200_000 + "!") is None
    assert time.process_time() - started < 1.0, "`re` would take longer than the night"


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "missing ): ("),
        ("(?=ahead)", "look-around"),
        (r"(\w)\1", "back-references"),
        ("a" * (MOST_CHARACTERS + 1), "is longer than"),
        ("((a{1,1000}){1,1000}){1,1000}", "is not a regular expression"),
    ],
)
def test_a_pattern_that_cannot_be_searched_is_refused(pattern: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"regular expression|longer") as refused:
        Pattern(pattern)
    assert said in str(refused.value)


@pytest.mark.parametrize("pattern", ["[" * 5000, "\ud800"])
def test_an_odd_pattern_is_refused_too(pattern: str) -> None:
    with pytest.raises(ValueError, match="regular expression"):
        Pattern(pattern)


def test_a_repetition_that_is_none_is_plain_text() -> None:
    assert Pattern("a{99999999999}").search("a{99999999999}")
