"""When the porter itself has too much to do, and when that is over."""

import pytest
from prometheus_client import CollectorRegistry

from checks.result import CheckId, Reason, State
from daemon.metrics import Metrics
from daemon.overload import Strain, Stretch, overload, verdict
from tests.support.clock import FakeClock

HEALTH = CheckId("h", "payment", "health")


def stretches(*kinds: Stretch, seconds: float = 5.0) -> list[Stretch]:
    """Return stretches one after the other, each as long as it says or `seconds`."""
    found, now = [], 0.0
    for one in kinds:
        lasted = one.ended or seconds
        found.append(
            Stretch(
                now,
                now + lasted,
                one.ticks,
                one.late_ticks,
                one.runs,
                one.late_runs,
                one.left_out,
                one.latest,
            )
        )
        now += lasted
    return found


CALM = Stretch(0.0, ticks=50, runs=20)
LATE = Stretch(0.0, ticks=4, late_ticks=4, latest=1.4)
LATE_RUNS = Stretch(0.0, ticks=50, runs=20, late_runs=2, latest=3.0)
A_FEW = Stretch(0.0, ticks=50, late_ticks=2, runs=20, late_runs=1, latest=3.0)
FULL = Stretch(0.0, ticks=50, runs=20, left_out=3)
LESS_FULL = Stretch(0.0, ticks=50, runs=20, left_out=2)


@pytest.mark.parametrize("late", [LATE, LATE_RUNS])
def test_half_a_minute_of_lateness_within_one_is_an_overload(late: Stretch) -> None:
    assert overload(stretches(*[CALM] * 6, *[late] * 5), [], held=False) == ""
    said = overload(stretches(*[CALM] * 6, *[late] * 6), [], held=False)
    assert said == f"it came up to {late.latest} s late to what was due, again and again in the last 60 s"


def test_a_few_late_ones_among_many_are_none() -> None:
    assert overload(stretches(*[A_FEW] * 24), [], held=False) == ""


def test_a_porter_that_was_stopped_or_slept_once_is_not_overloaded() -> None:
    asleep = Stretch(0.0, 28_800.0, ticks=30, late_ticks=2, runs=20, late_runs=15, latest=28_795.0)
    catching_up = Stretch(0.0, ticks=50, runs=20, late_runs=15, latest=28_795.0)
    assert overload(stretches(CALM, asleep, catching_up), [], held=False) == ""


def test_an_overload_is_over_when_nothing_was_late_for_a_minute() -> None:
    past = [*[LATE] * 12, *[CALM] * 11]
    assert overload(stretches(*past), [], held=True)
    assert overload(stretches(*past, CALM), [], held=True) == ""


def test_an_overload_goes_on_over_a_restart_until_it_has_been_calm_for_a_minute() -> None:
    assert overload(stretches(*[CALM] * 11), [], held=True) == "it had so before it was started anew"
    assert overload(stretches(*[CALM] * 12), [], held=True) == ""
    assert overload(stretches(CALM), [], held=False) == ""


def test_want_of_room_for_two_minutes_is_an_overload() -> None:
    assert overload(stretches(*[CALM] * 12, *[FULL] * 12), [], held=False) == ""
    said = overload(stretches(*[FULL] * 24), [], held=False)
    assert said == "15 % of the looks that were due were left out for want of room"
    assert overload(stretches(*[LESS_FULL] * 24), [], held=False) == ""
    assert overload(stretches(*[LESS_FULL] * 24), [], held=True), "it hovers"
    assert overload(stretches(*[FULL] * 12, *[CALM] * 24), [], held=True) == ""


def test_a_check_that_cannot_be_judged_any_more_is_an_overload_at_once() -> None:
    assert overload(stretches(CALM), [HEALTH], held=False) == (
        "it was too late to judge h/payment/health, 3 times in a row and more"
    )
    assert "h/payment/health and 1 more" in overload(stretches(CALM), [HEALTH, HEALTH], held=True)


def test_it_is_shown_as_a_warning_of_our_own_fault() -> None:
    shown = verdict("it came late")
    assert (shown.state, shown.reason) == (State.WARNING, Reason.INTERNAL)
    assert verdict("").state is State.OK


def test_strain_is_counted_by_stretches_and_forgotten_after_two_minutes() -> None:
    clock = FakeClock()
    strain = Strain(Metrics(CollectorRegistry(), "1", clock.now), clock)
    for late in (0.0, 1.5, 0.2):
        strain.ticked(late)
    strain.started(2.5)
    strain.started(0.0)
    strain.left_out()
    clock.advance(5)
    (one,) = strain.stretches()
    assert (one.ticks, one.late_ticks, one.runs, one.late_runs, one.left_out, one.latest) == (
        3,
        1,
        2,
        1,
        1,
        2.5,
    )
    assert one.ended - one.began == 5
    clock.advance(119)
    assert [each.ticks for each in strain.stretches()] == [3, 0]
    clock.advance(1)
    assert [each.ticks for each in strain.stretches()] == [0, 0]
