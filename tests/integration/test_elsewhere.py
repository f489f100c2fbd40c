"""What other replicas look after is shown as stored, and as it was seen last while the state is away."""

from collections.abc import Collection
from pathlib import Path

from alerts.standing import Standing
from checks.result import Reason, failed, ok
from daemon.board import Board
from daemon.elsewhere import FRESH, Elsewhere
from daemon.store import StateError, Store
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check

HEALTH = a_check()
DOWN = failed(Reason.SERVER_ERROR, "answered 500")


class Fitful(Store):
    """A state that is `away` at times, and counts how often it is asked how checks stand."""

    away: bool
    asked: int

    async def standings(self, hotels: Collection[str] | None = None) -> list[Standing]:
        """Answer, or do not."""
        self.asked += 1
        if self.away:
            raise StateError("the state does not answer")
        return await super().standings(hotels)


async def test_a_state_that_is_away_holds_up_who_asks_once_in_a_while(tmp_path: Path) -> None:
    clock = FakeClock()
    store = await Fitful.open(f"sqlite:///{tmp_path}/state.db", clock)
    store.away, store.asked = False, 0
    try:
        await Night(store, clock, [HEALTH]).see(HEALTH, ok(), DOWN, DOWN)
        here = Elsewhere(Board(), store, clock)
        here.watch([HEALTH], {"h": "Hotel"})
        assert list((await here.whole()).incidents) == ["id1"]
        clock.advance(FRESH + 0.1)
        store.away = True
        for _ in range(3):
            assert list((await here.whole()).incidents) == ["id1"]
        assert store.asked == 2
        clock.advance(FRESH + 0.1)
        assert (await here.whole()).hotels == {"h": "Hotel"}
        assert store.asked == 3
    finally:
        await store.close()
