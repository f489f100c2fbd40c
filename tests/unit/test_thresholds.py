"""How runs over time make a standing, and a standing a breach."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.standing import Standing
from alerts.thresholds import Rules, breach, judge
from checks.result import RESPONSE_TIME, CheckId, Reason, Result, Sign, State, failed, ok
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
    assert (later.observed, later.limit, later.unit) == (1500.0, 1000.0, "ms")


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


def test_one_failure_while_a_check_is_slow_decides_nothing() -> None:
    slow = after(ok(), ok(), DOWN, means={0: 2.0, 1: 2.0})
    assert (slow.state, slow.reason, slow.slow, slow.bad_runs) == (State.WARNING, Reason.THRESHOLD, True, 1)
    down = after(ok(), DOWN, DOWN, DOWN, means={0: 2.0})
    assert (down.state, down.reason, down.slow) == (State.CRITICAL, Reason.CONNECT, False)


def test_one_slow_answer_does_not_make_an_outage_a_slow_spell() -> None:
    assert after(DOWN, DOWN, DOWN, ok(), means={3: 2.0}).state is State.CRITICAL
    slow = after(DOWN, DOWN, DOWN, ok(), ok(), means={3: 2.0, 4: 2.0})
    assert (slow.state, slow.slow, slow.breached) == (State.WARNING, True, True)


QUERY = failed(Reason.QUERY, "there is no such table")


@pytest.mark.parametrize("reason", [Reason.QUERY, Reason.PERMISSION])
def test_a_check_that_cannot_look_at_all_is_a_warning_in_the_end(reason: Reason) -> None:
    unseen = failed(reason, "cannot look")
    assert breach(after(ok(), unseen, unseen), unseen) is None
    standing = after(ok(), unseen, unseen, unseen)
    found = breach(standing, unseen)
    assert found is not None
    assert (found.state, found.reason, standing.state) == (State.WARNING, reason, State.UNKNOWN)
    assert found.since == START + timedelta(minutes=1)


def test_a_database_that_is_down_makes_no_breach_of_who_asks_it() -> None:
    down = replace(QUERY, signs=frozenset({Sign.DATABASE_DOWN}))
    assert not after(ok(), down, down, down, down).breached
    assert not after(ok(), QUERY, down, QUERY).breached
    assert after(ok(), QUERY, down, QUERY, QUERY).breached


def test_a_fault_of_our_own_is_no_breach() -> None:
    assert not after(*[failed(Reason.INTERNAL, "crashed")] * 5).breached


def test_a_check_that_can_look_again_is_no_longer_a_breach() -> None:
    assert after(*[QUERY] * 3, ok()).breached
    cleared = after(*[QUERY] * 3, ok(), ok())
    assert (cleared.breached, cleared.state) == (False, State.OK)
    assert not after(QUERY, QUERY, ok(), QUERY).breached


def test_what_is_seen_when_looking_works_again_replaces_that_it_did_not() -> None:
    held = after(*[QUERY] * 3, DOWN)
    assert (held.breached, held.state) == (True, State.UNKNOWN)
    assert after(*[QUERY] * 3, DOWN, DOWN, DOWN).state is State.CRITICAL


def test_not_being_able_to_look_does_not_soften_an_outage() -> None:
    assert after(*[DOWN] * 3, *[QUERY] * 4).state is State.CRITICAL


def queue(length: float) -> Result:
    """Return what a queue of this length is, where 1,000 may wait."""
    if length > 1000:
        return Result(
            State.CRITICAL, Reason.THRESHOLD, "long", decisive=True, observed=length, limit=1000, unit="rows"
        )
    return replace(ok(), observed=length, limit=1000, unit="rows")


def test_a_number_that_hovers_around_its_limit_opens_once_and_stays_open() -> None:
    assert not after(queue(1000)).breached
    standings = [after(*[queue(1005 if at % 3 == 0 else 995) for at in range(runs)]) for runs in range(1, 40)]
    assert all(standing.breached for standing in standings)
    assert {standing.breached_at for standing in standings} == {START}
    assert not any(standing.flapping for standing in standings)


def test_a_number_well_within_its_limit_clears() -> None:
    assert after(queue(1005), queue(949), queue(980)).breached
    assert not after(queue(1005), queue(949), queue(940)).breached


def test_a_number_that_stays_close_to_its_limit_clears_when_it_is_stable() -> None:
    assert after(queue(1005), *[queue(1000)] * 5).breached
    assert not after(queue(1005), *[queue(1000)] * 7).breached


def test_a_breach_keeps_the_signs_of_the_run_that_decided() -> None:
    signs = frozenset({Sign.QUEUE_LONG})
    long = replace(queue(1005), signs=signs)
    standing = after(long, ok())
    found = breach(standing, ok())
    assert found is not None
    assert found.signs == signs
    assert standing.differs(replace(standing, signs=frozenset()))
    assert after(long, ok(), ok()).signs == frozenset()


def test_one_lost_probe_makes_no_outage_of_a_warning_and_several_in_a_row_do() -> None:
    slowly = failed(Reason.RATE_LIMITED, "429", {RESPONSE_TIME: 80.0})
    lost = failed(Reason.TIMEOUT, "no answer within 10 s")
    warned = [slowly] * 3
    assert after(*warned, lost).state is State.WARNING
    assert after(*warned, lost, lost, slowly, lost, lost).state is State.WARNING
    assert after(*warned, lost, lost, lost).state is State.CRITICAL
    assert after(*warned, failed(Reason.SERVER_ERROR, "500", {RESPONSE_TIME: 80.0})).state is State.CRITICAL
    assert after(*warned, failed(Reason.TLS, "expired")).state is State.CRITICAL
