"""A hotel that comes while the engine is at work is taken up as it was left; what is asked of it waits."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from alerts.change import Change
from alerts.incident import Incident
from checks.memory import Memories
from checks.result import Reason, failed, ok
from daemon.elsewhere import Elsewhere
from daemon.history import History
from daemon.keeper import Keeper
from daemon.metrics import Metrics
from daemon.own_facts import OwnFacts
from daemon.scheduler import Scheduler
from daemon.shift import OwnLedger, Shift
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check, a_store

HEALTH = a_check()
DOWN = failed(Reason.SERVER_ERROR, "answered 500")


class Slow(Store):
    """A state whose answers about no hotels at all are long on their way; `read` says that a hotel's came."""

    asked: asyncio.Event
    read: asyncio.Event
    arrived: asyncio.Event

    async def open_incidents(self, hotels: Collection[str] | None = None) -> list[Incident]:
        """Return the incidents as they were when it was asked."""
        found = await super().open_incidents(hotels)
        if hotels:
            self.read.set()
        elif hotels is not None:
            self.asked.set()
            await self.arrived.wait()
        return found


@dataclass
class Porter:
    """A porter that has taken up no hotel yet."""

    store: Slow
    night: Night
    shift: Shift
    registry: CollectorRegistry


@asynccontextmanager
async def a_porter(directory: Path, clock: FakeClock) -> AsyncIterator[Porter]:
    store = await Slow.open(f"sqlite:///{directory}/state.db", clock)
    store.asked, store.read, store.arrived = asyncio.Event(), asyncio.Event(), asyncio.Event()
    ledger = OwnLedger(store)
    night = Night(store, clock, [], ledger)
    board, engine, memories = night.board, night.engine, Memories()
    registry = CollectorRegistry()
    metrics = Metrics(registry, "1", clock.now)

    async def look(_check: object) -> None:
        return None

    shift = Shift(
        store,
        ledger,
        board,
        Scheduler(look, clock, lambda _late: None),
        engine,
        elsewhere=Elsewhere(board, store, clock),
        keeper=Keeper(board, store, clock, memories, metrics, troubles=lambda: ()),
        history=History(store, clock, lambda: shift.held),
        memories=memories,
        own=OwnFacts(board, night.observer.observe, engine.forget),
        clock=clock,
        metrics=metrics,
    )
    shift._checks, shift._names = (HEALTH,), {"h": "Hotel"}
    try:
        yield Porter(store, night, shift, registry)
    finally:
        await store.close()


async def test_a_hotel_is_taken_up_as_it_was_left_whatever_the_engine_is_at(tmp_path: Path) -> None:
    clock = FakeClock()
    async with a_store(tmp_path, clock) as before:
        await Night(before, clock, [HEALTH]).see(HEALTH, ok(), DOWN, DOWN)
    async with a_porter(tmp_path, clock) as porter:
        asking = asyncio.create_task(porter.night.engine.silence(Change()))
        await porter.store.asked.wait()
        coming = asyncio.create_task(porter.shift.tick())
        await porter.store.read.wait()
        assert not porter.shift.holds("h"), "what is asked of it waits until it is taken up"
        porter.store.arrived.set()
        await asyncio.gather(asking, coming)
        assert porter.shift.holds("h")
        assert porter.night.engine.beliefs.book.find("id1") is not None
        assert list(porter.night.board.incidents) == ["id1"]


async def test_how_many_hotels_are_held_is_shown(tmp_path: Path) -> None:
    async with a_porter(tmp_path, FakeClock()) as porter:

        def shown(name: str) -> float | None:
            return porter.registry.get_sample_value(f"nightporter_{name}")

        assert shown("hotels_held") == 0
        porter.store.arrived.set()
        await porter.shift.begin()
        assert (shown("hotels_held"), shown("hotels_configured"), shown("checks_scheduled")) == (1, 1, 1)


async def test_a_hotel_is_busy_until_all_of_it_is_decided_and_written(tmp_path: Path) -> None:
    clock = FakeClock()
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, [HEALTH])
        assert night.engine.busy() == set()
        night.observer.observe(HEALTH, ok())
        assert night.engine.busy() == {"h"}, "how it stands is not written"
        await night.engine.tick()
        assert night.engine.busy() == set()
        await night.see(HEALTH, DOWN, DOWN)
        assert night.engine.busy() == {"h"}, "an incident is open"
        night.watch([])
        await night.engine.tick()
        assert night.engine.busy() == set()
