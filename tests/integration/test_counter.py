"""What people ask of a hotel's replica is done there: each by itself, and only while it has the hotel."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from alerts.act import Act, ActKind
from alerts.change import Change
from checks.result import CheckId, Reason, failed, ok
from daemon.counter import ACT, OVER, PING, UNKNOWN, Counter
from daemon.ids import new_id
from daemon.store.errors import ContradictionError
from daemon.store.wishes import Wish
from tests.support.away import Moody
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check, a_store

HEALTH = a_check()
DOWN = failed(Reason.SERVER_ERROR, "answered 500")
NOTE = {"status": "ok"}


class Contrary(Moody):
    """A ledger that others have written in otherwise, while it is `on`."""

    on = False

    async def commit(self, change: Change) -> None:
        """Refuse what contradicts."""
        if self.on:
            raise ContradictionError("somebody has written otherwise")
        await super().commit(change)


@dataclass
class Holder:
    """The counter of the replica that has the hotel `h`, with an open incident `id1` there."""

    night: Night
    counter: Counter
    contrary: Contrary
    held: set[str] = field(default_factory=lambda: {"h"})
    pinged: list[CheckId] = field(default_factory=list)

    async def ask(self, name: str, kind: str, body: Mapping[str, Any]) -> None:
        """Ask for something as another replica does."""
        await self.night.store.wishes.ask(Wish(name, "h", kind, body, self.night.clock.now()))

    async def answer(self, name: str) -> Mapping[str, Any] | None:
        """Return what was answered."""
        return await self.night.store.wishes.answer_of(name)


@pytest.fixture
async def holder(tmp_path: Path) -> AsyncIterator[Holder]:
    clock = FakeClock()
    async with a_store(tmp_path, clock) as store:
        contrary = Contrary(store)
        night = Night(store, clock, [HEALTH], contrary)
        await night.see(HEALTH, ok(), DOWN, DOWN)

        async def remember(check: CheckId, _what: Mapping[str, Any]) -> None:
            made.pinged.append(check)
            made.held.clear()

        counter = Counter(
            night.engine, store, clock, new_id, holds=lambda hotel: hotel in made.held, remember=remember
        )
        made = Holder(night, counter, contrary)
        yield made


async def test_what_cannot_be_done_does_not_stand_before_what_can(holder: Holder) -> None:
    holder.contrary.on = True
    await holder.ask("a", ACT, Act("id1", ActKind.RESOLVE, "Ana").as_json())
    await holder.ask("b", ACT, Act("gone", ActKind.RESOLVE, "Ana").as_json())
    await holder.counter.serve(frozenset("h"))
    assert await holder.answer("a") == {"outcome": UNKNOWN}
    assert await holder.answer("b") == {"outcome": OVER}


async def test_a_hotel_that_goes_meanwhile_takes_its_wishes_along(holder: Holder) -> None:
    for name in "ab":
        await holder.ask(name, PING, {"check": ["h", "locks", "job"], "what": NOTE})
    await holder.counter.serve(frozenset("h"))
    assert holder.pinged == [CheckId("h", "locks", "job")]
    assert await holder.answer("b") is None
