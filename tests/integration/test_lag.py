"""How late the event loop is, on a real one that is really held up."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from checks.check import Check, CheckType
from checks.context import Context, Tools
from checks.memory import Memories
from checks.result import CheckId, Reason, Result, State, ok
from checks.values import Options
from daemon.clock import SystemClock, asleep
from daemon.gate import Gate
from daemon.lag import LagMeter, Pause
from daemon.runner import Runner
from tests.support.clock import FakeClock
from tests.support.polling import until

CLOCK = SystemClock()


def hold_up(seconds: float) -> None:
    """Keep the event loop from doing anything else."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pass


@contextmanager
def measuring() -> Iterator[tuple[LagMeter, list[float]]]:
    lags: list[float] = []
    meter = LagMeter(CLOCK, lags.append, asleep)
    meter.start()
    try:
        yield meter, lags
    finally:
        meter.stop()


async def test_a_loop_that_is_held_up_is_late_by_as_much() -> None:
    with measuring() as (meter, lags):
        before = CLOCK.monotonic()
        hold_up(0.5)
        assert meter.late_since(before) > 0.39, "whoever asks may come before the ticker"
        await until(lambda: lags, 5, "a tick")
        assert max(lags) > 0.39
        assert meter.late_since(before) > 0.39


async def test_a_meter_that_was_stopped_measures_nothing() -> None:
    with measuring() as (meter, lags):
        pass
    hold_up(0.2)
    assert meter.late_since(0.0) == 0.0
    assert lags == []


def test_only_what_falls_into_a_run_counts() -> None:
    pause = Pause(began=10.0, ended=14.0, lost=4.0)
    assert [pause.since(moment) for moment in (5.0, 10.0, 13.0, 14.0, 15.0)] == [4.0, 4.0, 1.0, 0.0, 0.0]


def test_a_host_that_slept_was_away_though_its_monotonic_clock_stood_still() -> None:
    pause = Pause(began=10.0, ended=10.1, lost=3600.1)
    assert pause.since(5.0) == 3600.1
    assert pause.since(10.05) > 3600


async def test_the_time_that_the_host_slept_is_noticed() -> None:
    slept = [0.0]
    clock, lags = FakeClock(), list[float]()
    meter = LagMeter(clock, lags.append, lambda: slept[0])
    meter.start()
    slept[0] = 300.0
    clock.advance(0.1)
    assert meter.late_since(clock.monotonic() - 1) >= 300
    await until(lambda: lags, 5, "a tick")
    meter.stop()
    assert lags[0] >= 300


async def test_pauses_too_short_to_matter_do_not_add_up() -> None:
    clock, lags = FakeClock(), list[float]()
    meter = LagMeter(clock, lags.append, lambda: 0.0)
    meter.start()
    for _ in range(3):
        clock.advance(0.3)
        before = len(lags)
        await until(lambda: len(lags) > before, 5, "a tick")  # noqa: B023 - called before it changes
    meter.stop()
    since = clock.monotonic() - 10
    assert round(meter.late_since(since), 3) == 0.6
    assert meter.late_since(since, at_least=0.25) == 0.0


async def held_up(_options: Options, _context: Context) -> Result:
    """Wait for an answer that is there in time, and is not heard for want of an event loop."""
    answered = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()
    loop.call_later(0.05, hold_up, 1.5)
    loop.call_later(0.6, answered.set_result, None)
    await answered
    return ok()


async def test_a_run_that_fails_over_a_blocked_loop_is_void() -> None:
    kind = CheckType("held up", Options, "", held_up)
    check = Check(CheckId("h", "i", "c"), "generic", kind, Options(), interval=60.0, timeout=0.5)
    with measuring() as (meter, _):
        tools = Tools.new(CLOCK.now)
        runner = Runner(tools, Memories(), CLOCK, Gate(), lambda text: text, late=meter.late_since)
        result = await runner.run(check)
    assert result is not None
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.INTERNAL)
    assert result.late > 1.3
    assert f"the porter itself was late by {result.late:.1f} s: no answer within 0.5 s" in result.message
