"""What people ask of a replica that does not hold the hotel reaches the one that does."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, select

from alerts.change import Change
from daemon.store import Wish
from daemon.store.schema import silences
from tests.integration.test_store_silences import silence
from tests.support.clock import START, FakeClock
from tests.support.stored import opened

WISH = Wish("w", "h", "acknowledge", {"by": "Ana 🛎️ \ud800", "until": None}, START, incident="a")


async def test_a_wish_waits_for_its_hotel_until_it_is_answered_once(address: str) -> None:
    later = replace(WISH, id="v", asked_at=START + timedelta(seconds=1), incident=None)
    async with AsyncExitStack() as stack:
        asker = await stack.enter_async_context(opened(address))
        holder = await stack.enter_async_context(opened(address)) if asker.shared else asker
        for wish in (later, WISH, replace(WISH, id="x", hotel="other")):
            await asker.wishes.ask(wish)
        assert await holder.wishes.open(["h", "unheard-of"]) == [WISH, later]
        assert await asker.wishes.answer_of("w") is None
        assert await holder.wishes.answer("w", {"outcome": "done"})
        assert not await holder.wishes.answer("w", {"outcome": "again"})
        assert not await holder.wishes.answer("unheard-of", {})
        assert await asker.wishes.answer_of("w") == {"outcome": "done"}
        assert await asker.wishes.answer_of("unheard-of") is None
        assert await holder.wishes.open(["h"]) == [later]


async def test_an_answer_is_kept_for_as_long_as_somebody_may_wait_for_it(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.wishes.ask(WISH)
        await store.wishes.ask(replace(WISH, id="open"))
        assert await store.wishes.answer("w", {"outcome": "done"})
        clock.advance(timedelta(minutes=10).total_seconds())
        await store.tidy()
        assert await store.wishes.answer_of("w") == {"outcome": "done"}
        clock.advance(1)
        await store.tidy()
        assert await store.wishes.answer_of("w") is None
        assert [one.id for one in await store.wishes.open(["h"])] == ["open"]


async def test_what_nobody_will_ask_for_again_is_deleted(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.wishes.ask(WISH)
        await store.wishes.ask(replace(WISH, id="young", asked_at=START + timedelta(seconds=1)))
        await store.commit(Change(silences=(silence("over", ends=1), silence("young", ends=2))))
        await store.commit(Change(silences=(silence("removed", ends=9999),), removed_silences=("removed",)))
        clock.advance(timedelta(days=1, microseconds=1).total_seconds())
        await store.tidy()
        assert [one.id for one in await store.wishes.open(["h"])] == ["young"]
        clock.advance(timedelta(days=29, hours=1).total_seconds())
        await store.tidy()

        def left(connection: Connection) -> list[str]:
            return sorted((connection.execute(select(silences.c.id))).scalars())

        assert await store._transactions.read(left) == ["young"]
