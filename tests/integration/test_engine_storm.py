"""A storm is decided about in pieces: others have their turn, and nothing that comes meanwhile is lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.change import Change
from alerts.facts import Facts
from alerts.incident import Incident, IncidentState
from checks.check import Check
from checks.result import CheckId, Reason, failed, ok
from daemon.judging import Look
from daemon.sitting import PORTION, SOON
from daemon.store import Store
from tests.support.away import Moody
from tests.support.clock import START, FakeClock
from tests.support.desk import Night, a_check, a_store
from tests.support.stored import incident

MANY = 3 * PORTION + 3
DOWN = failed(Reason.SERVER_ERROR, "answered 500")


class Counting(Moody):
    """A ledger that knows how many incidents each commit had."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.sizes: list[int] = []

    async def commit(self, change: Change) -> None:
        await super().commit(change)
        self.sizes += [len(change.incidents)] if change.incidents else []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


def locks(number: int, hotel: str = "h") -> Check:
    check = a_check("gateway", f"locks{number}", "generic")
    return replace(check, id=CheckId(hotel, f"locks{number}", "gateway"))


def fail(night: Night, checks: Sequence[Check]) -> None:
    """Have all fail, so that something is to be decided about each."""
    for _ in range(2):
        night.clock.advance(60)
        for check in checks:
            night.observer.observe(check, DOWN)


@asynccontextmanager
async def turns() -> AsyncIterator[list[int]]:
    """Count how often somebody else has a turn while the context lasts."""
    count = [0]

    async def take() -> None:
        while True:
            count[0] += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(take())
    try:
        yield count
    finally:
        task.cancel()


async def test_others_have_their_turn_between_any_two_incidents(store: Store, clock: FakeClock) -> None:
    checks = [locks(number) for number in range(30)]
    night = Night(store, clock, checks)
    fail(night, checks)
    async with turns() as count:
        await night.engine.tick()
    assert len(await night.open()) == 30
    assert count[0] >= 30


async def test_a_hotel_that_is_too_large_is_committed_in_parts(store: Store, clock: FakeClock) -> None:
    checks = [locks(number) for number in range(MANY)]
    ledger = Counting(store)
    night = Night(store, clock, checks, ledger)
    fail(night, checks)
    await night.engine.tick()
    assert ledger.sizes == [PORTION, PORTION, PORTION, 3]
    ledger.sizes.clear()
    for _ in range(2):
        clock.advance(60)
        for check in checks:
            night.observer.observe(check, ok())
    await night.engine.tick()
    assert ledger.sizes == [PORTION, PORTION, PORTION, 3]
    assert await night.open() == []


async def test_hotels_are_committed_as_a_whole_and_several_at_once(store: Store, clock: FakeClock) -> None:
    size = PORTION // 2 - 1
    checks = [locks(number, hotel) for hotel in ("f", "g", "h") for number in range(size)]
    ledger = Counting(store)
    night = Night(store, clock, checks, ledger)
    fail(night, checks)
    await night.engine.tick()
    assert ledger.sizes == [2 * size, size]


async def test_what_ends_and_what_begins_in_a_large_hotel_is_committed_alike(
    store: Store, clock: FakeClock
) -> None:
    checks = [locks(number) for number in range(PORTION + 4)]
    night = Night(store, clock, checks)
    fail(night, checks[:-3])
    await night.engine.tick()
    for result, some in ((ok(), checks[:-3]), (DOWN, checks[-3:])):
        for _ in range(2):
            clock.advance(1)
            for check in some:
                night.observer.observe(check, result)
    await night.engine.tick()
    assert [one.integrations[0] for one in await night.open()] == [one.id.integration for one in checks[-3:]]
    assert set(night.board.incidents) == {one.id for one in await night.open()}


class Slow(FakeClock):
    """A clock by which every look at it takes a while."""

    def monotonic(self) -> float:
        self.advance(SOON)
        return super().monotonic()


async def test_what_has_been_seen_does_not_wait_for_many_others(tmp_path: Path) -> None:
    clock = Slow()
    checks = [locks(number, f"h{number}") for number in range(3)]
    async with a_store(tmp_path, clock) as store:
        ledger = Counting(store)
        night = Night(store, clock, checks, ledger)
        fail(night, checks)
        await night.engine.tick()
    assert ledger.sizes == [1, 1, 1]


async def test_what_is_seen_while_it_is_decided_is_decided_next(store: Store, clock: FakeClock) -> None:
    checks = [locks(number) for number in range(10)]
    ledger = Counting(store)
    ledger.mute = asyncio.Event()
    night = Night(store, clock, checks, ledger)
    fail(night, checks)
    tick = asyncio.create_task(night.engine.tick())
    await ledger.silent.wait()
    for check in checks[:9]:
        for _ in range(2):
            night.observer.observe(check, ok())
    ledger.mute.set()
    await tick
    assert len(await night.open()) == 10
    await night.engine.tick()
    assert [one.integrations for one in await night.open()] == [("locks9",)]


def test_what_ends_and_moves_makes_room_before_anything_begins() -> None:
    before = [incident(str(number), key=f"h/{number}") for number in range(6)]
    ended = [replace(one, state=IncidentState.RESOLVED) for one in before[:2]]
    moved = [replace(before[2], key="h/3"), replace(before[3], key="h/2")]
    begun = [incident("new", key="h/0")]
    plan: tuple[Incident, ...] = (*begun, *before[4:], *moved, *ended)
    look = Look("h", Facts("h", START, {}, []), (), {}, plan, {}, open=tuple(before))
    parts = [([one.id for one in part.to_plan], part.more) for part in look.parts(1)]
    assert parts == [
        (["0"], True),
        (["1"], True),
        (["2", "3"], True),
        (["new"], True),
        (["4"], True),
        (["5"], False),
    ]
    assert [part.to_plan for part in look.parts(10)] == [plan]
