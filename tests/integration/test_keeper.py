"""What is kept is written down without standing in anybody's way."""

from dataclasses import replace
from pathlib import Path

from prometheus_client import CollectorRegistry

from alerts.change import Change
from checks.memory import Memories
from checks.result import CheckId, ok
from daemon.agenda import PIECE
from daemon.keeper import Keeper
from daemon.metrics import Metrics
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check

CHECKS = [replace(a_check(), id=CheckId("h", "payment", f"c{number}")) for number in range(PIECE + 1)]


class Counting(Store):
    """A state that counts how many standings each commit writes."""

    sizes: list[int]

    async def commit(self, change: Change) -> None:
        """Count, and write."""
        self.sizes.append(len(change.standings))
        await super().commit(change)


async def test_how_checks_stand_is_noted_in_pieces(tmp_path: Path) -> None:
    clock = FakeClock()
    store = await Counting.open(f"sqlite:///{tmp_path}/state.db", clock)
    store.sizes = []
    try:
        night = Night(store, clock, CHECKS)
        for check in CHECKS:
            night.observer.observe(check, ok())
        metrics = Metrics(CollectorRegistry(), "1", clock.now)
        await Keeper(night.board, store, clock, Memories(), metrics, troubles=lambda: ()).note()
        assert store.sizes == [PIECE, 1]
        assert len(await store.standings()) == PIECE + 1
    finally:
        await store.close()
