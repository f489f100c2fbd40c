"""What is kept is written down without standing in anybody's way."""

from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from alerts.change import Change
from checks.memory import Memories
from checks.result import CheckId, ok
from daemon.agenda import PIECE
from daemon.keeper import Keeper
from daemon.metrics import Metrics
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check, a_store

CHECKS = [replace(a_check(), id=CheckId("h", "payment", f"c{number}")) for number in range(PIECE + 1)]


async def test_how_checks_stand_is_noted_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, CHECKS)
        for check in CHECKS:
            night.observer.observe(check, ok())
        sizes: list[int] = []
        commit = store.commit

        async def counted(change: Change) -> None:
            sizes.append(len(change.standings))
            await commit(change)

        monkeypatch.setattr(store, "commit", counted)
        metrics = Metrics(CollectorRegistry(), "1")
        await Keeper(night.board, store, clock, Memories(), metrics, troubles=lambda: ()).note()
        assert sizes == [PIECE, 1]
        assert len(await store.standings()) == PIECE + 1
