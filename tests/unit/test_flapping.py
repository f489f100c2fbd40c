"""When a check changes too often, and when it is stable again."""

from datetime import timedelta

import pytest

from alerts import flapping
from alerts.standing import Standing
from alerts.thresholds import Rules, breach, judge
from checks.result import CheckId, Reason, Result, State, failed, ok
from tests.support.clock import START, FakeClock

CHECK = CheckId("grand-harbour", "payment", "health")
RULES = Rules(failures=3, successes=2, response_limit=1.0, window=300.0)
DOWN = failed(Reason.CONNECT, "connection refused")
OUTAGE = [*[DOWN] * 3, *[ok()] * 3]


class Watch:
    """A check that is looked at every minute; it counts how often it breached, and was cleared."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.standing: Standing | None = None
        self.opened = self.cleared = self.flapped = 0

    def see(self, *results: Result) -> Standing:
        """Look at these results, a minute apart."""
        for result in results:
            before = self.standing
            after, _ = judge(before, CHECK, result, mean=None, rules=RULES, now=self.clock.now())
            was = before is not None and before.breached
            self.opened += after.breached and not was
            self.cleared += was and not after.breached
            self.flapped += after.flapping and not (before is not None and before.flapping)
            self.standing = after
            self.clock.advance(60)
        assert self.standing is not None
        return self.standing


def history(*bad: bool) -> int:
    """Return the history of these runs."""
    found = flapping.NO_RUNS
    for one in bad:
        found = flapping.noted(found, bad=one)
    return found


def test_a_history_keeps_the_latest_runs_only() -> None:
    assert history(*[True] * 50) == history(*[True] * flapping.RUNS)
    assert history(*[True] * 50, *[False] * flapping.RUNS) == history(*[False] * 30)


def test_changes_weigh_more_the_newer_they_are() -> None:
    by_turns = [bool(at % 2) for at in range(flapping.RUNS)]
    assert flapping.weighted(history(*by_turns)) == pytest.approx(1.0)
    newest = flapping.weighted(history(*[False] * 20, True))
    oldest = flapping.weighted(history(False, *[True] * 20))
    assert newest == pytest.approx(0.06)
    assert oldest == pytest.approx(0.04)


def test_a_short_history_says_nothing() -> None:
    assert flapping.weighted(history(*[bool(at % 2) for at in range(flapping.RUNS - 1)])) == 0.0


def test_lost_probes_are_no_flapping() -> None:
    lost = {2, 7, 11, 15, 19}
    runs = [at in lost for at in range(flapping.RUNS)]
    assert flapping.weighted(history(*runs)) > flapping.HIGH
    assert not flapping.alternates(history(*runs))


def test_the_third_breach_within_an_hour_is_flapping() -> None:
    watch = Watch()
    watch.see(*OUTAGE, *OUTAGE)
    assert (watch.opened, watch.cleared, watch.flapped) == (2, 2, 0)
    assert watch.see(*[DOWN] * 3).flapping


def test_the_third_breach_is_told_as_what_it_is_until_it_is_ok_once_more() -> None:
    watch = Watch()
    for results, flaps in (
        ([*OUTAGE * 2, *[DOWN] * 3], False),
        ([DOWN], False),
        ([ok()], True),
        ([DOWN], True),
    ):
        found = breach(watch.see(*results), None)
        assert found is not None
        assert found.flapping is flaps
    assert watch.opened == 3


def test_a_third_breach_that_lasts_is_never_told_as_flapping() -> None:
    watch = Watch()
    watch.see(*OUTAGE * 2, *[DOWN] * 2)
    told = [breach(watch.see(DOWN), DOWN) for _ in range(30)]
    assert [one.flapping for one in told if one is not None] == [False] * 30


def test_breaches_further_apart_are_not() -> None:
    watch = Watch()
    for _ in range(4):
        assert not watch.see(*OUTAGE, *[ok()] * 25).flapping
    assert watch.opened == 4


def test_a_check_that_flaps_opens_once_and_clears_when_it_has_not_changed_for_a_window() -> None:
    watch = Watch()
    watch.see(*OUTAGE * 8)
    assert (watch.opened, watch.cleared, watch.flapped) == (3, 2, 1)
    assert watch.see(ok(), ok()).flapping
    calm = watch.see(ok())
    assert (calm.breached, calm.flapping, calm.state) == (False, False, State.OK)
    assert (watch.opened, watch.cleared) == (3, 3)


def test_a_check_that_stays_down_flaps_no_longer_and_stays_broken() -> None:
    watch = Watch()
    watch.see(*OUTAGE * 3)
    assert watch.see(*[DOWN] * 5).flapping
    down = watch.see(DOWN, DOWN)
    assert (down.breached, down.flapping) == (True, False)
    assert not watch.see(ok(), ok()).breached


def test_a_check_that_fails_by_turns_and_is_never_decided_about_flaps() -> None:
    watch = Watch()
    watch.see(*[ok(), DOWN] * 10)
    assert watch.opened == 0
    standing = watch.see(ok(), DOWN)
    found = breach(standing, DOWN)
    assert found is not None
    assert (found.flapping, found.state, found.reason) == (True, State.CRITICAL, Reason.CONNECT)
    watch.see(*[ok(), DOWN] * 20)
    assert (watch.opened, watch.flapped) == (1, 1)
    assert not watch.see(*[ok()] * 6).breached
    assert not watch.see(DOWN).breached


def test_a_clock_that_is_set_back_does_not_hold_a_breach_for_as_long() -> None:
    watch = Watch()
    watch.see(*OUTAGE * 3)
    watch.clock.jump(-86_400)
    assert watch.see(*[ok()] * 7).breached is False


def test_openings_are_bounded() -> None:
    watch = Watch()
    for _ in range(9):
        watch.see(*OUTAGE, *[ok()] * 25)
    assert watch.standing is not None
    assert len(watch.standing.openings) == flapping.TIMES
    assert watch.standing.openings[-1] - watch.standing.openings[0] == timedelta(minutes=62)
    assert watch.standing.openings[0] > START


def test_single_losses_after_an_outage_are_no_flapping() -> None:
    watch = Watch()
    watch.see(*[ok()] * 25, *[DOWN] * 30, *[ok()] * 3)
    watch.see(*[DOWN, ok(), ok(), ok()] * 3)
    assert (watch.opened, watch.flapped) == (1, 0)


def test_an_outage_that_comes_and_goes_by_turns_after_another_is_still_found() -> None:
    watch = Watch()
    watch.see(*[ok()] * 25, *[DOWN] * 30, *[ok()] * 3)
    watch.see(*[DOWN, DOWN, ok()] * 12)
    assert watch.flapped == 1


def test_an_outage_that_is_over_for_a_moment_again_and_again_is_flapping_though_it_never_ends() -> None:
    watch = Watch()
    watch.see(*[ok()] * 25, *[DOWN] * 3)
    standing = watch.see(*[ok(), DOWN] * 12)
    assert (watch.opened, watch.flapped, standing.flapping) == (1, 1, True)
    assert not watch.see(*[ok()] * 8).breached
