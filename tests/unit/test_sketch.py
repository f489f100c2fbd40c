"""A sketch of durations keeps its word about percentiles, however it was come by."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.window import percentile as exact
from daemon.sketch import ERROR, LEAST, MOST, add_bins, bin_of, get, percentile, put, put_bins, seconds_of

durations = st.floats(LEAST, MOST)
several = st.lists(durations, min_size=1, max_size=200)


def sketch_of(seconds: list[float]) -> Counter[int]:
    return Counter(map(bin_of, seconds))


@given(several, st.floats(0, 1))
def test_a_percentile_is_as_near_as_is_said(seconds: list[float], share: float) -> None:
    found, true = percentile(sketch_of(seconds), share), exact(seconds, share)
    assert found is not None
    assert true is not None
    assert abs(found - true) <= true * ERROR * (1 + 1e-9)


@given(several, several)
def test_what_is_merged_is_what_would_have_been_counted_together(one: list[float], two: list[float]) -> None:
    packed = bytearray(b"before")
    put_bins(packed, sketch_of(one))
    merged = dict(sketch_of(two))
    assert add_bins(merged, bytes(packed), len(b"before")) == len(packed)
    assert merged == sketch_of([*one, *two])


@given(st.integers(0, 2**70))
def test_whole_numbers_of_any_size_are_packed(number: int) -> None:
    out = bytearray()
    put(out, number)
    assert get(bytes(out), 0) == (number, len(out))


@pytest.mark.parametrize("seconds", [0.0, -1.0, 1e-9, LEAST])
def test_what_is_too_short_to_tell_counts_as_the_shortest(seconds: float) -> None:
    assert bin_of(seconds) == 0
    assert percentile({0: 1}, 0.95) == LEAST


def test_what_is_too_long_to_tell_counts_as_a_day() -> None:
    assert bin_of(1e9) == bin_of(MOST) == 504
    assert seconds_of(504) == pytest.approx(MOST, rel=ERROR)


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None


def test_a_minute_of_one_run_is_a_handful_of_bytes() -> None:
    out = bytearray()
    put_bins(out, sketch_of([0.120]))
    assert len(out) <= 4
