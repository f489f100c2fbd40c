"""Loops go on whatever a tick does, and say when they do not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from structlog.testing import capture_logs

from daemon.clock import SystemClock
from daemon.ticks import Loop
from tests.support.clock import FakeClock
from tests.support.polling import until


@asynccontextmanager
async def ticking(
    tick: Callable[[], Awaitable[None]], period: float, deadline: float = 30.0
) -> AsyncIterator[Loop]:
    loop = Loop("test", tick, SystemClock(), period, deadline)
    task = asyncio.create_task(loop.run())
    yield loop
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_tick_that_fails_is_remembered_and_followed_by_others() -> None:
    outcomes = iter([RuntimeError("disk full"), RuntimeError("disk full"), None])

    async def tick() -> None:
        error = next(outcomes, None)
        if error is not None:
            raise error

    loop = Loop("test", tick, FakeClock())
    with capture_logs() as logs:
        for error in ("disk full", "disk full", None):
            await loop.once()
            assert loop.error == error
    assert [line["event"] for line in logs] == ["loop.failed", "loop.recovered"]


async def test_a_tick_that_hangs_is_ended_at_its_deadline() -> None:
    async with ticking(asyncio.Event().wait, period=0.01, deadline=0.05) as loop:  # type: ignore[arg-type]  # returns nothing of use
        await until(lambda: loop.error == "TimeoutError", 5, "the deadline")


async def test_a_loop_that_no_longer_ticks_is_stuck() -> None:
    clock = FakeClock()

    async def tick() -> None:
        return

    loop = Loop("test", tick, clock, period=1.0, deadline=30.0)
    clock.advance(36)
    assert not loop.stuck
    clock.advance(1)
    assert loop.stuck
    await loop.once()
    assert not loop.stuck


async def test_a_wake_up_does_not_wait_for_the_period() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        ticks += 1

    async with ticking(tick, period=60.0) as loop:
        await until(lambda: ticks == 1, 5, "the first tick")
        loop.wake()
        await until(lambda: ticks == 2, 5, "the second tick")
