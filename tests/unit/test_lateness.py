"""What a run saw while the porter itself was late: what becomes of it, and what stands all the same."""

from dataclasses import replace

import pytest

from checks import heartbeat
from checks.check import Check, CheckType, Limits
from checks.result import RESPONSE_TIME, CheckId, Reason, Result, State, failed, ok
from checks.values import Options
from daemon.board import Board
from daemon.observer import Observer
from daemon.runner import allowance, unless_late
from tests.support.clock import FakeClock


async def _nothing(_options: Options, _context: object) -> Result:
    return ok()


KIND = CheckType("nothing", Options, RESPONSE_TIME, _nothing)
CHECK = Check(CheckId("h", "i", "c"), "generic", KIND, Options(), 60.0, 10.0, response_limit=2.0)
BEATING = replace(CHECK, type=heartbeat.CHECK, options=heartbeat.Options())
SLOW, SWIFT = ok("", {RESPONSE_TIME: 2500.0}), ok("", {RESPONSE_TIME: 1900.0})


@pytest.mark.parametrize(
    "reason", [Reason.DNS, Reason.CONNECT, Reason.TIMEOUT, Reason.PROTOCOL, Reason.QUERY]
)
def test_what_fails_for_want_of_time_stands_up_to_a_quarter_of_the_timeout(reason: Reason) -> None:
    assert allowance(failed(reason, "no"), CHECK) == 2.5


@pytest.mark.parametrize(
    "result",
    [
        ok(),
        SWIFT,
        failed(Reason.CREDENTIALS, "401"),
        failed(Reason.SECURITY, "a card number"),
        failed(Reason.SERVER_ERROR, "503"),
        failed(Reason.TLS, "expired"),
        failed(Reason.STALE, "an hour behind"),
        replace(failed(Reason.THRESHOLD, "1200 rows"), observed=1200.0, limit=1000.0),
    ],
    ids=lambda result: f"{result.state} {result.reason}",
)
def test_what_no_lateness_can_make_always_stands(result: Result) -> None:
    assert allowance(result, CHECK) is None


def test_a_slow_answer_stands_up_to_a_quarter_of_its_limit_and_a_second_at_most() -> None:
    assert allowance(SLOW, CHECK) == 0.5
    assert allowance(ok("", {RESPONSE_TIME: 9000.0}), replace(CHECK, response_limit=8.0)) == 1.0
    limited = Limits(critical_above=2000.0).judge(SLOW, RESPONSE_TIME)
    assert (limited.reason, allowance(limited, CHECK)) == (Reason.THRESHOLD, 0.5)


def test_a_ping_that_did_not_come_may_have_found_the_porter_away() -> None:
    late = failed(Reason.STALE, "the last ping came 2 min ago")
    assert allowance(late, BEATING) == 2.5
    assert BEATING.type.heard(BEATING.options) == 90.0


def test_a_result_stands_unless_the_porter_was_later_than_is_allowed() -> None:
    result = failed(Reason.TIMEOUT, "no answer within 10 s")
    assert unless_late(result, 2.5, 2.5) is result
    void = unless_late(result, 2.6, 2.5)
    assert (void.state, void.reason, void.late) == (State.UNKNOWN, Reason.INTERNAL, 2.6)
    assert void.message == "not known: the porter itself was late by 2.6 s: no answer within 10 s"


def test_of_a_void_run_no_time_counts_but_a_wish_to_be_left_alone_does() -> None:
    void = unless_late(replace(SLOW, retry_after=30.0), 3.0, 0.5)
    assert (dict(void.measurements), void.retry_after) == ({}, 30.0)


def test_a_void_run_is_repeated_soon_and_counted_until_one_is_not() -> None:
    board, clock = Board(), FakeClock()
    hourly = replace(CHECK, interval=3600.0)
    board.watch([hourly], {"h": "H"})
    observer = Observer(board, clock, lambda _tile, _changed: None)
    void = unless_late(failed(Reason.TIMEOUT, "no answer"), 5.0, 2.5)
    assert [observer.observe(hourly, void) for _ in range(2)] == [30.0, 30.0]
    tile = board.tiles[hourly.id]
    assert tile.standing is not None
    assert (tile.void, tile.standing.state, tile.standing.breached) == (2, State.UNKNOWN, False)
    observer.observe(hourly, ok())
    assert tile.void == 0


def test_void_runs_open_and_close_nothing() -> None:
    board, clock = Board(), FakeClock()
    board.watch([CHECK], {"h": "H"})
    observer = Observer(board, clock, lambda _tile, _changed: None)
    down = failed(Reason.TIMEOUT, "no answer")
    void = unless_late(down, 5.0, 2.5)
    for result in (down, void, down, void, void):
        observer.observe(CHECK, result)
    standing = board.tiles[CHECK.id].standing
    assert standing is not None
    assert (standing.breached, standing.bad_runs) == (False, 2)
    observer.observe(CHECK, down)
    observer.observe(CHECK, void)
    standing = board.tiles[CHECK.id].standing
    assert standing is not None
    assert (standing.breached, standing.state) == (True, State.CRITICAL)
