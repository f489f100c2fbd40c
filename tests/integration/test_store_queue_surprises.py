"""The queue when the clock is set, incidents end early, or relays are changed."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.change import Change
from alerts.notification import Kind
from tests.integration.test_store_queue import names
from tests.support.clock import START, FakeClock
from tests.support.stored import forsaken, notification, opened, opening


async def test_a_clock_set_back_delays_no_letter(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store:
        await store.commit(
            opening(notification("first"), notification("second", recipient="b@hotel.example"))
        )
        first, second = await store.claim(2)
        assert await store.retry(first, clock.now() + timedelta(seconds=120), "timeout")
        clock.advance(-3600)
        assert set(names(await store.claim(9))) == {"first", "second"}
        assert not await store.sent(second), "its claim was taken over"


async def test_a_clock_set_back_lets_no_letter_overtake(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification("problem")))
        (problem,) = await store.claim(1)
        clock.advance(-600)
        earlier = notification("resolved", kind=Kind.RESOLVED, epoch=2, seconds=-600)
        await store.commit(Change(notifications=(earlier,)))
        clock.advance(600)
        assert await store.claim(9) == []
        assert await store.sent(problem)
        assert names(await store.claim(9)) == ["resolved"]


@pytest.mark.parametrize("settle", ["retry", "restart"])
async def test_a_letter_in_conversation_when_its_incident_ends_is_not_sent_again(
    address: str, settle: str
) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("problem")))
        (claim,) = await store.claim(1)
        await store.commit(Change(notifications=(notification("resolved", kind=Kind.RESOLVED),)))
        if settle == "retry":
            assert await store.retry(claim, START, "timeout")
        else:
            await forsaken(store)
            await store.resume()
        assert names(await store.claim(9)) == ["resolved"]


async def test_a_change_makes_waiting_letters_due_at_once(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("first")))
        (claim,) = await store.claim(1)
        assert await store.retry(claim, START + timedelta(seconds=120), "refused")
        assert await store.claim(9) == []
        assert (await store.pending())[2] == "refused"
        await store.hasten()
        assert names(await store.claim(9)) == ["first"]
