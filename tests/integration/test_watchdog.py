"""What the service manager is told, over a real datagram socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from daemon.readiness import Readiness
from daemon.scheduler import Scheduler
from daemon.store import Store
from daemon.ticks import Loop
from daemon.watchdog import ServiceManager, Watchdog
from tests.support.clock import FakeClock
from tests.support.polling import until
from tests.support.service_manager import Told, listening
from tests.support.stored import opened


@pytest.mark.parametrize("abstract", [False, True])
def test_words_arrive_at_a_path_and_at_an_abstract_name(tmp_path: Path, *, abstract: bool) -> None:
    with listening(tmp_path, abstract=abstract) as told:
        ServiceManager(told.address).tell("READY=1", "STATUS=watching")
        assert told.words() == ["READY=1", "STATUS=watching"]


@pytest.mark.parametrize("address", ["", "/nowhere/notify", "/" + 200 * "x", "a\0b", "@", "notes.txt"])
def test_that_nobody_listens_is_no_failure(tmp_path: Path, address: str) -> None:
    ServiceManager(address).tell("READY=1")
    assert list(tmp_path.iterdir()) == []


def test_a_listener_that_takes_nothing_holds_nobody_up(tmp_path: Path) -> None:
    with listening(tmp_path) as told:
        manager = ServiceManager(told.address)
        for number in range(2000):
            manager.tell(f"STATUS={number}")
        assert told.words()[0] == "STATUS=0"


@pytest.mark.parametrize(
    ("environment", "address", "patience"),
    [
        ({}, "", None),
        ({"NOTIFY_SOCKET": "@a"}, "@a", None),
        ({"NOTIFY_SOCKET": "/a", "WATCHDOG_USEC": "30000000"}, "/a", 30.0),
        ({"NOTIFY_SOCKET": "/a", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "7"}, "/a", 1e-6),
        ({"NOTIFY_SOCKET": "/a", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, "/a", None),
        ({"NOTIFY_SOCKET": "/a", "WATCHDOG_USEC": "0"}, "/a", None),
        ({"NOTIFY_SOCKET": "/a", "WATCHDOG_USEC": "soon"}, "/a", None),
        ({"NOTIFY_SOCKET": "/a", "WATCHDOG_USEC": "-5"}, "/a", None),
    ],
)
def test_who_listens_is_in_the_environment(
    environment: dict[str, str], address: str, patience: float | None
) -> None:
    found = ServiceManager.of(environment, 7)
    assert (found.address, found.patience) == (address, patience)


async def test_whoever_waits_for_a_long_start_is_asked_for_patience(tmp_path: Path) -> None:
    with listening(tmp_path) as told:
        async with ServiceManager(told.address).patient("opening the state"):
            await told.hear("STATUS=opening the state")
        assert told.words() == ["EXTEND_TIMEOUT_USEC=10000000", "STATUS=opening the state"]


class Asked(Readiness):
    """Counts how often it is asked whether the loops tick."""

    asked = 0

    @property
    def ticking(self) -> bool:
        self.asked += 1
        return super().ticking


class House:
    """A porter of one loop, what it tells, and its clock."""

    def __init__(self, store: Store, told: Told, patience: float) -> None:
        self.clock = FakeClock()
        self.trouble: Exception | None = None
        self.told = told
        self.loop = Loop("engine", self._tick, self.clock)
        self.scheduler = Scheduler(self._look, self.clock, lambda _: None)
        self.ready = Asked([self.loop], self.scheduler, store, self.clock, lambda text: text)
        manager = ServiceManager(told.address, patience)
        self.watchdog = Watchdog(manager, self.ready, lambda: "1 check\nREADY=1")

    async def _tick(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    async def _look(self, _check: object) -> None:
        return


@asynccontextmanager
async def house(directory: Path, patience: float = 0.02) -> AsyncIterator[House]:
    async with opened(directory) as store:
        with listening(directory) as told:
            found = House(store, told, patience)
            duty = asyncio.create_task(found.watchdog.run())
            yield found
            duty.cancel()
            await asyncio.gather(duty, return_exceptions=True)


async def test_a_porter_that_can_work_is_ready_and_says_what_it_does_on_one_line(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.told.hear("READY=1")
        await one.told.hear("WATCHDOG=1", times=3)
        assert one.told.count("STATUS=1 check READY=1") == 1
        assert one.told.count("READY=1") == 1


async def test_a_porter_that_cannot_work_yet_says_why_and_lives_all_the_same(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        one.trouble = OSError("disk full")
        await one.loop.once()
        assert await one.told.hear("STATUS=") == "STATUS=not ready: the engine fails: disk full"
        one.clock.advance(3600)
        await one.loop.once()
        one.scheduler._last_slot = one.clock.monotonic()
        await one.told.hear("WATCHDOG=1", times=one.told.count("WATCHDOG=1") + 3)
        assert one.told.count("READY=1") == 0
        one.trouble = None
        await one.loop.once()
        await one.told.hear("READY=1")


async def test_one_sign_of_life_may_be_lost(tmp_path: Path) -> None:
    loop, patience = asyncio.get_running_loop(), 0.9
    async with house(tmp_path, patience) as one:
        heard = []
        for times in range(1, 7):
            await one.told.hear("WATCHDOG=1", times=times)
            heard.append(loop.time())
        # The least of them: a busy machine may hold up some.
        assert 2 * min(after - before for before, after in pairwise(heard)) < patience * 0.9


@pytest.mark.parametrize("stuck", ["engine", "scheduler"])
async def test_a_porter_whose_engine_or_schedule_hangs_says_nothing_more(tmp_path: Path, stuck: str) -> None:
    async with house(tmp_path) as one:
        await one.told.hear("WATCHDOG=1")
        one.clock.advance(3600)
        if stuck == "scheduler":
            await one.loop.once()
        else:
            one.scheduler._last_slot = one.clock.monotonic()
        said, asked = one.told.count("WATCHDOG=1"), one.ready.asked
        await until(lambda: one.ready.asked >= asked + 5, 20, "five beats")
        assert one.told.count("WATCHDOG=1") == said
        one.scheduler._last_slot = one.clock.monotonic()
        await one.loop.once()
        await one.told.hear("WATCHDOG=1", times=said + 1)


async def test_a_porter_that_was_paused_says_that_it_lives_as_soon_as_it_ticks_again(tmp_path: Path) -> None:
    async with house(tmp_path, patience=3600) as one:
        one.clock.advance(3600)
        await one.told.hear("STATUS=not ready")
        assert one.told.count("WATCHDOG=1") == 0
        one.scheduler._last_slot = one.clock.monotonic()
        await one.loop.once()
        await one.told.hear("WATCHDOG=1")


async def test_a_reload_is_told_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        one.watchdog.reloading(12.5)
        one.watchdog.reloaded()
        assert one.told.words() == [], "it was not ready yet"
        await one.told.hear("READY=1")
        one.watchdog.reloading(12.5)
        one.watchdog.reloaded()
        one.watchdog.stopping()
        words = [word for word in one.told.words() if not word.startswith("WATCHDOG")]
        assert words[-5:] == [
            "RELOADING=1",
            "MONOTONIC_USEC=12500000",
            "READY=1",
            "STOPPING=1",
            "STATUS=leaving",
        ]
