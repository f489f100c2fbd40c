"""To whom letters could not be delivered, and whether one was taken since."""

from dataclasses import replace
from datetime import timedelta

from alerts.change import Change
from alerts.notification import Kind, Notification
from daemon.store import DeadLetter, Store
from tests.support.clock import START, FakeClock
from tests.support.stored import incident, notification, opened, opening

A, B = "a@hotel.example", "b@hotel.example"


def dead(recipient: str, seconds: float, error: str = "550", *, taken: bool = False) -> DeadLetter:
    at = START + timedelta(seconds=seconds)
    return DeadLetter("grand-harbour", "email", recipient, at, error, taken)


async def kill(store: Store, error: str = "550") -> None:
    for claim in await store.claim(9):
        assert await store.dead(claim, error)


async def test_the_latest_of_each_recipient_is_told(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification("a", recipient=A), notification("b", recipient=B)))
        await kill(store)
        clock.advance(10)
        await store.commit(Change(notifications=(notification("again", recipient=A),)))
        await kill(store, "551")
        assert await store.dead_letters(START) == [dead(B, 0), dead(A, 10, "551")]
        assert await store.dead_letters(START + timedelta(seconds=10)) == [dead(A, 10, "551")]
        assert await store.dead_letters(START + timedelta(seconds=11)) == []


async def test_a_letter_that_is_taken_later_is_told_and_an_earlier_one_is_not(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification("early", recipient=A), notification("b", recipient=B)))
        (early, other) = await store.claim(2)
        assert await store.sent(early)
        clock.advance(1)
        assert await store.dead(other, "550")
        await store.commit(Change(notifications=(notification("late", recipient=A),)))
        await kill(store)
        assert await store.dead_letters(START) == [dead(B, 1), dead(A, 1)]
        clock.advance(1)
        await store.commit(Change(notifications=(notification("taken", recipient=A),)))
        (claim,) = await store.claim(1)
        assert await store.sent(claim)
        assert await store.dead_letters(START) == [dead(B, 1), dead(A, 1, taken=True)]


async def test_a_letter_about_several_incidents_has_a_hotel_too(address: str) -> None:
    digest: Notification = replace(
        notification("digest", of="", recipient=A, kind=Kind.DIGEST), hotel="harbour-inn"
    )
    async with opened(address) as store:
        await store.commit(Change(incidents=(incident(),), notifications=(digest,)))
        await kill(store)
        assert await store.dead_letters(START) == [
            DeadLetter("harbour-inn", "email", A, START, "550", taken_since=False)
        ]
