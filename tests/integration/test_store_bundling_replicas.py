"""Replicas that share a state bundle what is beyond a recipient's hour: once, whoever comes first."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from alerts.notification import MAIL
from daemon.demo.postgres import Postgres
from daemon.store import Store
from daemon.store.bundling import SETTLE, Bundled
from tests.support.clock import FakeClock
from tests.support.flood import TEAM, digest, flood
from tests.support.postgres import state_database
from tests.support.stored import hold

ROUNDS, PER_HOUR = 5, 10


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def replicas(pg: Postgres, clock: FakeClock) -> AsyncIterator[list[Store]]:
    """Return three replicas; the first holds the hotel."""
    async with state_database(pg) as database, AsyncExitStack() as stack:
        stores = [await Store.open(database.dsn, clock) for _ in range(3)]
        for store in stores:
            stack.push_async_callback(store.close)
        await hold(stores[0])
        yield stores


async def send(store: Store) -> list[str]:
    sent: list[str] = []
    while claims := await store.claim(4, only=MAIL, per_hour=PER_HOUR):
        for claim in claims:
            assert await store.sent(claim)
            sent.append(claim.notification.id)
    return sent


async def bundle(store: Store) -> Bundled | None:
    return await store.bundle(TEAM, PER_HOUR, digest)


async def test_replicas_bundle_the_same_letters_once(replicas: list[Store], clock: FakeClock) -> None:
    await replicas[0].commit(flood(100))
    clock.advance(1)
    sent = [name for share in await asyncio.gather(*map(send, replicas)) for name in share]
    assert len(sent) == len(set(sent))
    assert PER_HOUR <= len(sent) <= PER_HOUR + 4 * len(replicas), "each may have begun a few too many"
    clock.advance(SETTLE.total_seconds())
    made = await asyncio.gather(*(bundle(store) for store in replicas * ROUNDS))
    (one,) = [each for each in made if each is not None]
    assert one.letters == 100 - len(sent)
    named = Counter(word.partition(":")[0] for word in one.digest.message.decode().split())
    named.update(f"i{name.removeprefix('team-')}" for name in sent)
    assert named == Counter({f"i{number}": 1 for number in range(100)})
    left = [name for share in await asyncio.gather(*map(send, replicas)) for name in share]
    assert left == [one.digest.id]
    assert (await replicas[0].pending())[0] == 0
