"""What runs came to: counted rightly, packed into few bytes, and merged without loss."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.check import Check
from checks.result import (
    DELIVERED_RATIO,
    EVENTS,
    QUEUE_OLDEST,
    QUEUE_PENDING,
    REFUSED,
    RESPONSE_TIME,
    Phase,
    Quota,
    Reason,
    Result,
    State,
    failed,
    ok,
)
from daemon.tally import FORMAT, Peak, Tally, body_of, places
from tests.support.boards import answered, check, timed_out

HTTP = check("payment", "health")
COUNT = replace(HTTP, type=replace(HTTP.type, name="sql", measurement="value"))
QUEUE = replace(HTTP, type=replace(HTTP.type, name="queue", measurement=QUEUE_PENDING))
NOW = 1_800_000_000.0
UNKNOWN = failed(Reason.QUERY, "no such table")
SLOW = Result(State.WARNING, Reason.THRESHOLD, "the mean is too high")


def tally_of(one: Check, *results: Result) -> Tally:
    tally = Tally()
    for result in results:
        tally.add(one, result, result, NOW)
    return tally


def unpacked(body: bytes) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for name, at in places(body):
        found[name] = Tally()
        found[name].absorb(body, at)
    return found


def seen(tally: Tally) -> tuple[object, ...]:
    return tuple(getattr(tally, name) for name in Tally.__slots__)


results = st.sampled_from(
    [
        *(answered(milliseconds) for milliseconds in (0.001, 1.0, 80.0, 120.0, 9000.0)),
        timed_out(),
        UNKNOWN,
        failed(Reason.RATE_LIMITED, "429", {RESPONSE_TIME: 5.0}),
        replace(ok("", {QUEUE_PENDING: 900.0, DELIVERED_RATIO: 0.5}), duration=0.25),
        replace(ok(), quotas={"api": Quota(3, 4)}),
    ]
)


def test_runs_are_counted_by_their_state() -> None:
    tally = tally_of(HTTP, answered(), answered(), failed(Reason.RATE_LIMITED, "429"), timed_out(), UNKNOWN)
    assert (tally.runs, tally.warnings, tally.failures, tally.unknowns) == (5, 1, 1, 1)


def test_a_good_run_in_a_bad_time_is_a_warning_and_no_failure() -> None:
    tally = Tally()
    tally.add(HTTP, answered(), SLOW, NOW)
    tally.add(HTTP, answered(), failed(Reason.THRESHOLD, "5 % of the runs fail"), NOW)
    assert (tally.runs, tally.warnings, tally.failures) == (2, 2, 0)


def test_durations_are_response_times_where_they_are_measured() -> None:
    tally = tally_of(HTTP, replace(answered(100), duration=7.0), replace(answered(300), duration=7.0))
    assert tally.mean == pytest.approx(0.2)
    assert tally.percentile(0.95) == pytest.approx(0.3, rel=0.025)
    assert tally.answers


@pytest.mark.parametrize(
    "result",
    [
        timed_out(),
        replace(UNKNOWN, duration=10.0),
        replace(failed(Reason.CONNECT, "refused"), failed_phase=Phase.CONNECT, duration=1.0),
    ],
    ids=["timeout", "unknown", "refused"],
)
@pytest.mark.parametrize("one", [HTTP, COUNT], ids=["http", "count"])
def test_a_run_that_got_no_answer_has_no_duration(one: Check, result: Result) -> None:
    tally = tally_of(one, result)
    assert tally.mean is tally.percentile(0.95) is None


def test_a_look_without_response_times_lasts_as_long_as_it_takes() -> None:
    tally = tally_of(COUNT, Result(State.OK, duration=0.5))
    assert tally.mean == 0.5
    assert not tally.answers


def test_extremes_are_kept_on_the_side_that_matters() -> None:
    first = {QUEUE_PENDING: 7.0, QUEUE_OLDEST: NOW - 90, DELIVERED_RATIO: 0.99}
    second = {QUEUE_PENDING: 3.0, QUEUE_OLDEST: NOW - 10, DELIVERED_RATIO: 0.91}
    tally = tally_of(QUEUE, ok("", first), ok("", second))
    assert tally.peaks == {Peak.QUEUE_PENDING: 7.0, Peak.QUEUE_AGE: 90.0, Peak.DELIVERED: 0.91}


def test_what_counts_up_is_added_however_it_is_stored() -> None:
    tally = tally_of(
        HTTP, replace(answered(), measurements={EVENTS: 3.0}), ok("", {EVENTS: 2.0, REFUSED: 1.0})
    )
    for one in (tally, unpacked(body_of({"c": tally}))["c"]):
        assert one.peaks == {Peak.EVENTS: 5.0, Peak.REFUSED: 1.0}
    tally.merge(tally_of(HTTP, ok("", {EVENTS: 4.0})))
    assert tally.peaks == {Peak.EVENTS: 9.0, Peak.REFUSED: 1.0}


def test_the_main_value_of_a_check_is_kept_with_both_extremes() -> None:
    tally = tally_of(COUNT, ok("", {"value": 5.0}), ok("", {"value": -2.0}), ok("", {"value": float("nan")}))
    assert tally.peaks == {Peak.VALUE: 5.0, Peak.VALUE_LOWEST: -2.0}


def test_of_several_allowances_the_one_nearest_to_its_end_is_kept() -> None:
    quotas = {"messages": Quota(1500, 2000), "recipients": Quota(10, 1000), "none": Quota(0, 0)}
    assert tally_of(HTTP, replace(ok(), quotas=quotas)).peaks == {Peak.QUOTA_USED: 0.75}


def test_a_value_beyond_single_precision_is_kept_as_far_as_it_goes() -> None:
    body = body_of({"c": tally_of(COUNT, ok("", {"value": 1e300}))})
    assert unpacked(body)["c"].peaks[Peak.VALUE] == pytest.approx(3.4e38)


@given(st.lists(results), st.lists(results))
def test_a_body_that_is_absorbed_is_a_tally_that_is_merged(one: list[Result], two: list[Result]) -> None:
    merged, absorbed, at_once = tally_of(COUNT, *one), tally_of(COUNT, *one), tally_of(COUNT, *one, *two)
    later = tally_of(COUNT, *two)
    merged.merge(later)
    body = body_of({"other": tally_of(COUNT, answered()), "c": later})
    absorbed.absorb(body, dict(places(body))["c"])
    assert seen(merged) == seen(absorbed) == seen(at_once)


@given(st.dictionaries(st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True), st.lists(results), max_size=5))
def test_a_body_holds_every_check_by_its_name(said: dict[str, list[Result]]) -> None:
    tallies = {name: tally_of(COUNT, *several) for name, several in said.items()}
    found = unpacked(body_of(tallies))
    assert {name: seen(one) for name, one in found.items()} == {
        name: seen(one) for name, one in tallies.items()
    }


@given(st.lists(results, min_size=1), st.data())
def test_a_damaged_body_is_noticed_or_read_but_nothing_else(said: list[Result], data: st.DataObject) -> None:
    body = bytearray(body_of({"c": tally_of(COUNT, *said)}))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    cut = bytes(body[: data.draw(st.integers(0, len(body)))])
    found: dict[str, Tally] = {}
    with suppress(ValueError, IndexError):
        found = unpacked(cut)
    assert len(found) <= len(cut)


def test_a_body_of_a_later_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 2"):
        list(places(bytes((FORMAT + 1,))))


def test_a_peak_of_a_later_version_is_passed_over() -> None:
    body = bytearray(body_of({"c": tally_of(COUNT, ok("", {"value": 5.0}))}))
    body[body.index(list(Peak).index(Peak.VALUE_LOWEST), 6)] = 200
    assert unpacked(bytes(body))["c"].peaks == {Peak.VALUE: 5.0}


def test_a_minute_of_a_healthy_check_takes_a_dozen_bytes() -> None:
    out = bytearray()
    tally_of(HTTP, answered(), answered(130)).pack(out)
    assert len(out) <= 12
