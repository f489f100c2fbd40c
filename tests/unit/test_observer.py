"""When to look again, after what was seen."""

from dataclasses import replace

import pytest

from checks.check import Check, CheckType
from checks.result import RESPONSE_TIME, CheckId, Reason, Result, Sign, failed, ok
from checks.values import Options
from daemon.board import Board
from daemon.observer import Observer
from tests.support.clock import FakeClock

DOWN = failed(Reason.CONNECT, "refused")


async def _nothing(_options: Options, _context: object) -> Result:
    return ok()


def watching(interval: float, failures: int = 3) -> tuple[Observer, Check, Board, FakeClock]:
    kind = CheckType("nothing", Options, "value", _nothing)
    check = Check(CheckId("h", "i", "c"), "generic", kind, Options(), interval, 1.0, failures=failures)
    board, clock = Board(), FakeClock()
    board.watch([check], {"h": "H"})
    return Observer(board, clock, lambda _tile, _changed: None), check, board, clock


def test_after_an_ok_run_the_check_waits_for_its_turn() -> None:
    observer, check, _, _ = watching(300)
    assert observer.observe(check, ok()) is None


@pytest.mark.parametrize(("interval", "pause"), [(300, 30.0), (60, 30.0), (10, 10.0)])
def test_an_undecided_failure_is_looked_at_again_soon(interval: float, pause: float) -> None:
    observer, check, _, _ = watching(interval)
    assert observer.observe(check, DOWN) == pause


def test_a_decided_failure_waits_for_its_turn() -> None:
    observer, check, _, _ = watching(300, failures=2)
    observer.observe(check, DOWN)
    assert observer.observe(check, DOWN) is None


def test_refused_credentials_are_not_tried_again_before_the_next_turn() -> None:
    observer, check, _, _ = watching(300)
    assert observer.observe(check, failed(Reason.CREDENTIALS, "401")) is None


@pytest.mark.parametrize(("asked", "pause"), [(600.0, 600.0), (5.0, 30.0), (99_999.0, 3600.0)])
def test_a_target_that_asks_to_be_left_alone_is(asked: float, pause: float) -> None:
    observer, check, _, _ = watching(300)
    limited = replace(failed(Reason.RATE_LIMITED, "429"), retry_after=asked)
    assert observer.observe(check, limited) == pause


def test_slow_means_warn_from_three_answers_on() -> None:
    observer, check, board, clock = watching(60)
    for number in range(3):
        observer.observe(check, ok("", {RESPONSE_TIME: 1500.0}))
        clock.advance(60)
        standing = board.tiles[check.id].standing
        assert standing is not None
        assert standing.breached is (number == 2)
    result = board.tiles[check.id].result
    assert result is not None
    assert result.reason is Reason.THRESHOLD


def slow_from(observer: Observer, check: Check, clock: FakeClock, *times: float) -> list[bool]:
    """Let answers take these times, a minute apart; return after which of them the check was breached."""
    found = []
    for milliseconds in times:
        clock.advance(60)
        observer.observe(check, ok("", {RESPONSE_TIME: milliseconds}))
        standing = observer._board.tiles[check.id].standing
        found.append(standing is not None and standing.breached)
    return found


def test_one_or_two_very_slow_answers_are_a_bad_moment_though_the_mean_is_past_its_limit() -> None:
    observer, check, _, clock = watching(60)
    quick = [100.0] * 5
    assert not any(slow_from(observer, check, clock, *quick, 9000.0, *quick, 2800.0, 2900.0, *quick))


def test_looking_again_within_one_bad_moment_does_not_make_it_a_longer_one() -> None:
    observer, check, _, clock = watching(60)
    assert not any(slow_from(observer, check, clock, *[100.0] * 4))
    for pause in (60, 30, 30):
        clock.advance(pause)
        observer.observe(check, ok("", {RESPONSE_TIME: 2500.0}))
    assert not any(slow_from(observer, check, clock, 100.0))


def test_a_bad_moment_and_a_lost_packet_beside_it_are_no_slow_target() -> None:
    observer, check, _, clock = watching(60)
    assert not any(slow_from(observer, check, clock, *[500.0] * 4, 2500.0, 2000.0, 1400.0, 500.0, 500.0))


def test_a_mean_that_stays_past_its_limit_for_a_window_is_told_however_few_answers_are_slow() -> None:
    observer, check, _, clock = watching(60)
    times = [100.0] * 5 + [9000.0, 100.0, 100.0, 100.0] * 4
    assert any(slow_from(observer, check, clock, *times))


def test_a_slow_check_recovers_by_its_mean_alone() -> None:
    observer, check, _, clock = watching(60)
    slow_from(observer, check, clock, 1500.0, 1500.0, 1500.0)
    assert slow_from(observer, check, clock, 100.0, 2900.0, 2900.0) == [True] * 3
    assert slow_from(observer, check, clock, *[100.0] * 8)[-1] is False


def test_a_failure_while_a_check_is_slow_is_looked_at_again_soon() -> None:
    observer, check, _, clock = watching(300)
    for _ in range(3):
        clock.advance(60)
        assert observer.observe(check, ok("", {RESPONSE_TIME: 1500.0})) is None
    assert observer.observe(check, DOWN) == 30.0


def test_what_is_decided_otherwise_is_news_and_what_is_only_counted_is_not() -> None:
    observer, check, _, clock = watching(60)
    news: list[bool] = []
    observer = Observer(observer._board, clock, lambda _tile, changed: news.append(changed))
    signed = replace(DOWN, signs=frozenset({Sign.NOT_RUNNING}))
    for result in (ok(), ok(), DOWN, DOWN, DOWN, DOWN, signed, ok(), ok()):
        observer.observe(check, result)
    assert news == [True, False, False, False, True, False, True, False, True]


def test_a_result_of_a_removed_check_is_dropped() -> None:
    observer, check, board, _ = watching(60)
    board.watch([], {"h": "H"})
    assert observer.observe(check, ok()) is None
    assert board.tiles == {}
