"""How runs over time make a standing, and a standing a breach."""

from datetime import timedelta

import pytest

from alerts.standing import Standing
from alerts.thresholds import Rules, breach, judge
from checks.result import CheckId, Reason, Result, State, failed, ok
from tests.support.clock import START, FakeClock

CHECK = CheckId("grand-harbour", "payment", "health")
RULES = Rules(failures=3, successes=2, response_limit=1.0)
DOWN = failed(Reason.CONNECT, "connection refused")


def after(*results: Result, rules: Rules = RULES, means: dict[int, float] | None = None) -> Standing:
    """Return the standing after these runs, a minute apart."""
    clock, standing = FakeClock(), None
    for number, result in enumerate(results):
        mean = (means or {}).get(number)
        standing, _ = judge(standing, CHECK, result, mean=mean, rules=rules, now=clock.now())
        clock.advance(60)
    assert standing is not None
    return standing


def test_first_ok_run_makes_the_check_ok() -> None:
    standing = after(ok())
    assert (standing.state, standing.breached, standing.last_ok) == (State.OK, False, START)


def test_failures_below_the_number_decide_nothing() -> None:
    standing = after(ok(), DOWN, DOWN)
    assert (standing.state, standing.breached, standing.bad_runs) == (State.OK, False, 2)


def test_failures_before_any_verdict_leave_the_state_unknown() -> None:
    assert after(DOWN, DOWN).state is State.UNKNOWN


def test_enough_consecutive_failures_breach_since_the_first_of_them() -> None:
    standing = after(ok(), DOWN, DOWN, DOWN)
    assert (standing.state, standing.reason, standing.breached) == (State.CRITICAL, Reason.CONNECT, True)
    assert standing.bad_since == START + timedelta(minutes=1)
    assert standing.breached_at == START + timedelta(minutes=3)
    assert standing.last_ok == START


def test_an_ok_run_in_between_starts_the_count_again() -> None:
    assert not after(DOWN, DOWN, ok(), DOWN, DOWN).breached


def test_unknown_runs_neither_raise_nor_clear() -> None:
    unseen = failed(Reason.INTERNAL, "could not look")
    assert not after(DOWN, DOWN, unseen, unseen).breached
    assert after(DOWN, DOWN, unseen, DOWN).breached
    held = after(DOWN, DOWN, DOWN, unseen)
    assert held.breached
    assert held.state is State.CRITICAL


def test_unknown_shows_while_nothing_is_decided() -> None:
    standing = after(ok(), failed(Reason.INTERNAL, "could not look"))
    assert (standing.state, standing.reason) == (State.UNKNOWN, Reason.INTERNAL)


@pytest.mark.parametrize("reason", [Reason.CREDENTIALS, Reason.TLS, Reason.SECURITY])
def test_what_is_no_matter_of_chance_breaches_at_once(reason: Reason) -> None:
    assert after(ok(), failed(reason, "refused")).breached


def test_decisive_results_breach_at_once() -> None:
    past = Result(State.WARNING, Reason.THRESHOLD, "51 keys wait", decisive=True, observed=51, limit=50)
    assert after(past).breached


def test_breach_clears_after_enough_successes_and_not_before() -> None:
    assert after(DOWN, DOWN, DOWN, ok()).breached
    cleared = after(DOWN, DOWN, DOWN, ok(), ok())
    assert (cleared.breached, cleared.state, cleared.bad_since) == (False, State.OK, None)


def test_a_breach_keeps_its_beginning_through_a_lone_success() -> None:
    standing = after(DOWN, DOWN, DOWN, ok(), DOWN)
    assert standing.breached
    assert standing.bad_since == START


def test_a_breach_takes_on_the_latest_reason() -> None:
    standing = after(DOWN, DOWN, DOWN, failed(Reason.SERVER_ERROR, "500"))
    assert standing.reason is Reason.SERVER_ERROR
    assert standing.since == START + timedelta(minutes=3)


def test_mean_over_the_limit_warns_at_once() -> None:
    standing = after(ok(), ok(), ok(), means={2: 1.2})
    assert (standing.state, standing.reason) == (State.WARNING, Reason.THRESHOLD)
    assert standing.breached
    assert standing.slow


def test_mean_at_the_limit_is_no_breach() -> None:
    assert not after(ok(), means={0: 1.0}).breached


def test_a_mean_just_below_the_limit_does_not_end_a_slow_spell() -> None:
    assert after(ok(), ok(), means={0: 1.2, 1: 0.99}).slow
    calm = after(ok(), ok(), ok(), means={0: 1.2, 1: 0.9, 2: 0.9})
    assert (calm.slow, calm.breached) == (False, False)


def test_a_failed_run_is_not_called_slow() -> None:
    standing = after(DOWN, DOWN, DOWN, means={2: 5.0})
    assert standing.reason is Reason.CONNECT
    assert not standing.slow


def test_a_breach_carries_the_numbers_of_the_run_that_shows_it() -> None:
    standing, verdict = judge(None, CHECK, ok(), mean=1.5, rules=RULES, now=START)
    found = breach(standing, verdict)
    assert found is not None
    assert (found.observed, found.limit, found.unit) == (1500.0, 1000.0, "ms")
    later = breach(standing, ok())
    assert later is not None
    assert later.observed is None


def test_no_breach_without_a_decision() -> None:
    assert breach(after(DOWN), DOWN) is None


def test_a_slow_check_stays_slow_while_there_are_too_few_answers_to_say_otherwise() -> None:
    slow = after(ok(), means={0: 2.0})
    assert (slow.slow, slow.breached) == (True, True)
    clock = FakeClock()
    for _ in range(3):
        slow, verdict = judge(slow, CHECK, ok(), mean=None, rules=RULES, now=clock.now())
        assert (slow.state, slow.breached, verdict.state) == (State.WARNING, True, State.OK)
    still, _ = judge(slow, CHECK, ok(), mean=2.0, rules=RULES, now=clock.now())
    assert (still.state, still.breached, still.slow) == (State.WARNING, True, True)
    fast, _ = judge(slow, CHECK, ok(), mean=0.1, rules=RULES, now=clock.now())
    assert (fast.state, fast.breached) == (State.OK, False)


def test_a_mean_that_never_comes_again_does_not_hold_a_check_slow_for_ever() -> None:
    slow, clock = after(ok(), means={0: 2.0}), FakeClock()
    for _ in range(5):
        slow, _ = judge(slow, CHECK, ok(), mean=None, rules=RULES, now=clock.now())
    assert slow.state is State.OK
