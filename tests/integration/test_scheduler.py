"""Which check runs when: real time on a real loop, in short intervals."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from checks.check import Check, CheckType
from checks.result import CheckId, Result, ok
from checks.values import Options
from daemon.clock import SystemClock
from daemon.scheduler import SPREAD, Scheduler, phase
from tests.support.polling import until

START = Callable[[Callable[[Check], Awaitable[float | None]]], Scheduler]


async def _nothing(_options: Options, _context: object) -> Result:
    return ok()


TYPE = CheckType("nothing", Options, "value", _nothing)


def check(name: str, interval: float = 1.0) -> Check:
    return Check(CheckId("h", "i", name), "generic", TYPE, Options(), interval, min(interval, 10.0))


class Watch:
    """Records which checks ran, and how late."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        self.late: list[float] = []
        self.pause: dict[str, float] = {}
        self.hold: dict[str, asyncio.Event] = {}

    async def look(self, one: Check) -> float | None:
        self.runs[one.id.check] += 1
        hold = self.hold.get(one.id.check)
        if hold is not None:
            await hold.wait()
        return self.pause.get(one.id.check)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def scheduler(watch: Watch) -> AsyncIterator[Scheduler]:
    one = Scheduler(watch.look, SystemClock(), watch.late.append)
    one.start()
    yield one
    await one.stop(0.1)


async def test_every_check_gets_its_first_run_within_its_interval(scheduler: Scheduler, watch: Watch) -> None:
    scheduler.watch([check(f"c{number}") for number in range(50)])
    await until(lambda: len(watch.runs) == 50, within=3)


async def test_checks_run_again_and_again(scheduler: Scheduler, watch: Watch) -> None:
    scheduler.watch([check("a")])
    await until(lambda: watch.runs["a"] >= 3, within=6)


async def test_a_check_that_hangs_holds_nobody_up_and_never_runs_twice_at_once(
    scheduler: Scheduler, watch: Watch
) -> None:
    watch.hold["stuck"] = asyncio.Event()
    scheduler.watch([check("stuck"), check("well")])
    await until(lambda: watch.runs["well"] >= 3, within=6)
    assert watch.runs["stuck"] == 1


async def test_a_removed_check_is_not_run_again(scheduler: Scheduler, watch: Watch) -> None:
    scheduler.watch([check("a"), check("b")])
    await until(lambda: watch.runs["a"] >= 1 and watch.runs["b"] >= 1, within=3)
    scheduler.watch([check("b")])
    before = watch.runs["a"]
    await until(lambda: watch.runs["b"] >= 4, within=6)
    assert watch.runs["a"] == before
    assert len(scheduler) == 1


async def test_hastened_checks_run_now(scheduler: Scheduler, watch: Watch) -> None:
    scheduler.watch([check("slow", interval=3600.0)])
    scheduler.hasten([CheckId("h", "i", "slow"), CheckId("h", "i", "nobody")])
    await until(lambda: watch.runs["slow"] == 1, within=2)


async def test_hastening_a_running_check_runs_it_once_more_after(scheduler: Scheduler, watch: Watch) -> None:
    watch.hold["slow"] = asyncio.Event()
    scheduler.watch([check("slow", interval=3600.0)])
    scheduler.hasten([CheckId("h", "i", "slow")])
    await until(lambda: watch.runs["slow"] == 1, within=2)
    scheduler.hasten([CheckId("h", "i", "slow")])
    watch.hold["slow"].set()
    await until(lambda: watch.runs["slow"] == 2, within=2)


async def test_a_pause_brings_the_next_look_forward(scheduler: Scheduler, watch: Watch) -> None:
    watch.pause["ill"] = 0.2
    scheduler.watch([check("ill", interval=3600.0)])
    scheduler.hasten([CheckId("h", "i", "ill")])
    await until(lambda: watch.runs["ill"] >= 3, within=3)


async def test_lateness_is_measured_for_every_run(scheduler: Scheduler, watch: Watch) -> None:
    scheduler.watch([check("a"), check("b")])
    await until(lambda: sum(watch.runs.values()) >= 4, within=5)
    assert len(watch.late) >= 4
    assert min(watch.late) >= 0


async def test_stopping_cancels_what_does_not_end(watch: Watch) -> None:
    watch.hold["stuck"] = asyncio.Event()
    scheduler = Scheduler(watch.look, SystemClock(), watch.late.append)
    scheduler.start()
    scheduler.watch([check("stuck")])
    await until(lambda: watch.runs["stuck"] == 1, within=3)
    await scheduler.stop(0.05)
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


class SetBack:
    """The system's clock, whose wall time can be set back."""

    def __init__(self) -> None:
        self.by = timedelta(0)
        self._clock = SystemClock()

    def now(self) -> datetime:
        return self._clock.now() - self.by

    def monotonic(self) -> float:
        return self._clock.monotonic()


async def test_a_wall_clock_that_is_set_back_puts_nothing_to_sleep(watch: Watch) -> None:
    clock = SetBack()
    scheduler = Scheduler(watch.look, clock, watch.late.append)
    scheduler.start()
    try:
        scheduler.watch([check("a")])
        await until(lambda: watch.runs["a"], 5, "the first run")
        # As if the schedule had been told to sleep until a time that is an hour off now.
        scheduler._aps.modify_job("slots", next_run_time=clock.now() + timedelta(hours=1))
        await until(lambda: scheduler.silent_for > 2, 5, "silence")
        scheduler.nudge()
        runs = watch.runs["a"]
        await until(lambda: watch.runs["a"] > runs, 5, "another run")
    finally:
        await scheduler.stop(0.1)


def test_a_checks_place_in_its_interval_is_stable_and_spread() -> None:
    places = [phase(CheckId("h", "i", f"c{number}")) for number in range(1000)]
    assert places == [phase(CheckId("h", "i", f"c{number}")) for number in range(1000)]
    assert min(places) >= 0.0
    assert max(places) < 1.0
    tenths = Counter(int(place * 10) for place in places)
    assert all(60 <= tenths[tenth] <= 140 for tenth in range(10))
    assert SPREAD == 30.0


async def test_the_first_check_of_all_runs_at_once_and_the_others_keep_their_distance(
    scheduler: Scheduler, watch: Watch
) -> None:
    checks = sorted(
        (check(f"c{number}", interval=60.0) for number in range(3)), key=lambda one: phase(one.id)
    )
    assert phase(checks[0].id) * SPREAD > 1.0
    scheduler.watch(checks)
    await until(lambda: watch.runs[checks[0].id.check] == 1, within=1.0)
    assert not watch.runs[checks[1].id.check]
