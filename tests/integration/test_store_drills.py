"""Drills are kept with how their messages fared, one under way a level, over both databases."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from alerts.change import Change
from alerts.drill import Drill, Outcome, Receipt
from alerts.notification import Delivery, Notification
from daemon.store import Store
from daemon.store.drills import RunningError, add, end
from tests.support.clock import START, FakeClock
from tests.support.drills import MAILBOX, WRITER, asked_for, plan_of
from tests.support.stored import opened

MINUTE = timedelta(minutes=1)


def written(name: str, level: str = "1", **changes: object) -> tuple[Drill, tuple[Notification, ...]]:
    asked = replace(asked_for(level), id=name, at=START)
    drill, letters = WRITER.write(replace(asked, **changes), plan_of(level, MAILBOX))  # type: ignore[arg-type] # fields of it
    return drill, letters


async def begin(store: Store, name: str, level: str = "1", **changes: object) -> Drill:
    drill, letters = written(name, level, **changes)
    await store.commit_with(Change(notifications=letters), partial(add, drill=drill))
    return drill


async def test_a_drill_is_read_as_it_was_written_and_its_messages_as_they_fared(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        drill = await begin(store, "one", by="Ana \ud800 🛎️", note="n")
        found = await store.drills.one("one")
        assert found == drill
        assert await store.drills.running() == [found]
        first, second, box = await store.claim(3)
        await store.sent(first)
        await store.retry(second, clock.now() + MINUTE, "deferred: 451 later")
        await store.dead(box, "recipient_refused: 550 no")
        found = await store.drills.one("one")
        assert found is not None
        assert [(one.state, one.attempts, one.last_error, one.read_back) for one in found.copies] == [
            (Delivery.SENT, 1, "", False),
            (Delivery.PENDING, 1, "deferred: 451 later", False),
            (Delivery.DEAD, 1, "recipient_refused: 550 no", True),
        ]
        assert found.copies[0].sent_at == clock.now()


async def test_there_is_one_drill_under_way_a_level_and_the_second_leaves_no_letter(address: str) -> None:
    async with opened(address) as store:
        await begin(store, "one")
        with pytest.raises(RunningError):
            await begin(store, "two")
        assert (await store.pending())[0] == 3
        await begin(store, "three", "3")
        await begin(store, "four", hotel="other")
        await store.commit_with(Change(), partial(end, name="one", at=START + MINUTE))
        await begin(store, "five")
        assert [one.id for one in await store.drills.running()] == ["five", "four", "three"]


async def test_what_is_late_is_cancelled_when_the_drill_ends(address: str) -> None:
    async with opened(address) as store:
        drill = await begin(store, "one")
        (claim,) = await store.claim(1)
        await store.sent(claim)
        late = Change(cancelled=tuple(one.id for one in drill.copies))
        over = START + 5 * MINUTE
        await store.commit_with(late, partial(end, name="one", at=over, unseen="it was not there"))
        await store.commit_with(Change(), partial(end, name="one", at=over + MINUTE, unseen="told twice"))
        found = await store.drills.one("one")
        assert found is not None
        assert [one.state for one in found.copies] == [Delivery.SENT, Delivery.CANCELLED, Delivery.CANCELLED]
        assert (found.ended_at, found.unseen, found.outcome) == (
            over,
            "it was not there",
            Outcome.UNDELIVERED,
        )
        assert await store.claim(5) == []
        assert await store.drills.running() == []


async def test_the_first_to_acknowledge_is_the_one(address: str) -> None:
    async with opened(address) as store:
        await begin(store, "one")
        await store.drills.stored("one", START + timedelta(milliseconds=4))
        await store.drills.seen("one", START + MINUTE)
        await store.drills.seen("one", START + 2 * MINUTE)
        ben = Receipt(START + 4 * MINUTE, "Ben", "here")
        assert await store.drills.acknowledge("one", ben)
        assert not await store.drills.acknowledge("one", Receipt(START + 5 * MINUTE, "Cem"))
        assert not await store.drills.acknowledge("other", ben)
        found = await store.drills.one("one")
        assert found is not None
        assert found.acknowledged == ben
        assert (found.stored_at, found.seen_at) == (START + timedelta(milliseconds=4), START + MINUTE)


async def test_drills_are_listed_by_hotel_and_page_and_kept_for_years(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        for number, name in enumerate(("a", "b", "c")):
            await begin(store, name, at=START + number * MINUTE)
            await store.commit_with(Change(), partial(end, name=name, at=START + number * MINUTE))
        await begin(store, "d", hotel="other", at=START)
        assert [one.id for one in await store.drills.of("grand-harbour", 2)] == ["c", "b"]
        assert [one.id for one in await store.drills.of("grand-harbour", 2, "b")] == ["a"]
        assert [one.id for one in await store.drills.of(limit=9)] == ["c", "b", "d", "a"]
        assert await store.drills.of("nowhere") == []
        clock.advance(timedelta(days=1101).total_seconds())
        await store.tidy()
        assert await store.drills.of(limit=9) == []
