"""Replicas that share the letters of a state: each is sent by one of them, and in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from alerts.notification import Kind
from daemon.demo.postgres import Postgres
from daemon.store import Store
from tests.integration.test_store_queue import names
from tests.support.clock import START, FakeClock
from tests.support.postgres import state_database
from tests.support.stored import forsaken, hold, notification, opening

Pair = tuple[Store, Store]


@pytest.fixture
async def pair(pg: Postgres) -> AsyncIterator[Pair]:
    """Return two replicas; the first holds the hotel."""
    async with state_database(pg) as database, AsyncExitStack() as stack:
        first, second = [await Store.open(database.dsn, FakeClock()) for _ in range(2)]
        for store in (first, second):
            stack.push_async_callback(store.close)
        await hold(first)
        yield first, second


async def test_replicas_that_claim_at_once_never_get_the_same_letter(pair: Pair) -> None:
    letters = [notification(str(number), recipient=str(number)) for number in range(60)]
    await pair[0].commit(opening(*letters))

    async def work(store: Store) -> list[str]:
        found: list[str] = []
        while claims := await store.claim(3):
            found += names(claims)
            for claim in claims:
                assert await store.journal(claim, "data")
                assert await store.sent(claim)
        return found

    shares = await asyncio.gather(*(work(store) for store in pair))
    assert sorted([*shares[0], *shares[1]], key=int) == [str(number) for number in range(60)]


async def test_a_letter_waits_though_another_replica_sends_the_one_before_it(pair: Pair) -> None:
    first, second = pair
    await first.commit(
        opening(notification("problem"), notification("resolved", kind=Kind.RESOLVED, epoch=2))
    )
    (claim,) = await first.claim(9)
    assert await second.claim(9) == []
    assert await first.sent(claim)
    assert names(await second.claim(9)) == ["resolved"]


async def test_a_replica_that_starts_leaves_alone_what_another_is_sending(pair: Pair) -> None:
    first, second = pair
    await first.commit(opening(notification()))
    (claim,) = await first.claim(1)
    assert await second.resume() == 0
    assert await second.claim(1) == []
    assert await first.sent(claim)


async def test_what_a_dead_replica_was_sending_goes_to_another_and_its_mark_is_void(pair: Pair) -> None:
    first, second = pair
    await first.commit(opening(notification()))
    (lost,) = await first.claim(1)
    assert await first.journal(lost, "data")
    await forsaken(second)
    (again,) = await second.claim(1)
    assert (again.notification.id, again.phase, again.notification.attempts) == ("n", "data", 2)
    assert not await first.sent(lost)
    assert await second.sent(again)


async def test_a_claim_holds_as_long_as_somebody_speaks_for_it(pair: Pair) -> None:
    first, second = pair
    await first.commit(opening(notification()))
    claims = await first.claim(1)
    await forsaken(second)
    await first.renew(claims)
    assert await second.claim(1) == []
    await forsaken(second)
    assert await first.journal(claims[0], "data")
    assert await second.claim(1) == []


async def test_claims_are_measured_by_the_clock_of_the_database(pair: Pair, pg: Postgres) -> None:
    first, second = pair
    await first.commit(opening(notification()))
    (claim,) = await first.claim(1)
    clock = second._clock
    assert isinstance(clock, FakeClock)
    clock.advance(86400)
    assert await second.claim(1) == [], "the clock of one replica is wrong"
    clock.advance(-2 * 86400)
    assert await second.claim(1) == []
    assert await first.retry(claim, START, "deferred")


async def test_any_replica_may_end_what_it_has_begun_to_send(pair: Pair) -> None:
    first, second = pair
    await first.commit(opening(notification(recipient="a"), notification("b", recipient="b")))
    one, other = await second.claim(2)
    assert await second.sent(one)
    assert await second.dead(other, "no such user")
