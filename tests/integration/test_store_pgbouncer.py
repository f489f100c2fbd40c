"""A state in PostgreSQL works behind a real pgbouncer that lends its connections by the transaction."""

import asyncio
from contextlib import AsyncExitStack
from itertools import chain
from pathlib import Path

import pytest

from alerts.change import Change
from daemon.demo.postgres import Postgres
from daemon.store import StateError, Store
from tests.support.clock import FakeClock
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import database, state_database
from tests.support.stored import incident, notification, opened, opening, share_out


async def test_a_state_is_made_and_used_behind_a_pooler(pg: Postgres, tmp_path: Path) -> None:
    async with pgbouncer(tmp_path, pg) as pooler, database(pg) as one:
        async with opened(pooler.before(one.dsn)) as store:
            await store.commit(opening(notification()))
            await store.writable()
            (claim,) = await store.claim(9)
            assert await store.journal(claim, "data")
            assert await store.sent(claim)
        async with opened(pooler.before(one.dsn)) as store:
            assert await store.open_incidents() == [incident()]
            assert (await store.pending())[0] == 0


async def test_replicas_that_share_two_connections_mix_nothing_up(pg: Postgres, tmp_path: Path) -> None:
    rounds = 12

    async def work(store: Store, replica: str, hotel: str) -> list[str]:
        sent: list[str] = []
        for turn in range(rounds):
            assert hotel in (await store.tenure(replica, "1", "xyz")).held
            name = f"{hotel}{turn}"
            opens = incident(name, key=name, hotel=hotel)
            letter = notification(name, of=name, recipient=name)
            await store.commit(Change(incidents=(opens,), notifications=(letter,)))
            for claim in await store.claim(2):
                assert await store.journal(claim, "data")
                assert await store.sent(claim)
                sent.append(claim.notification.id)
            assert await store.incident(name) is not None
        return sent

    async with pgbouncer(tmp_path, pg) as pooler, state_database(pg) as one, AsyncExitStack() as stack:
        stores = {name: await Store.open(pooler.before(one.dsn), FakeClock()) for name in "ABC"}
        for store in stores.values():
            stack.push_async_callback(store.close)
        held = await share_out(stores, "xyz")
        sent = await asyncio.gather(*(work(store, name, *held[name]) for name, store in stores.items()))
        left = [claim.notification.id for claim in await stores["A"].claim(99)]
        assert sorted([*left, *chain(*sent)]) == sorted(f"{a}{b}" for a in "xyz" for b in range(rounds))


async def test_a_pooler_that_is_restarted_is_used_again(pg: Postgres, tmp_path: Path) -> None:
    async with state_database(pg) as one, AsyncExitStack() as stack:
        async with pgbouncer(tmp_path, pg) as pooler:
            store = await stack.enter_async_context(opened(pooler.before(one.dsn)))
            await store.commit(opening(notification()))
        with pytest.raises(StateError, match=f"postgresql://127.0.0.1:{pooler.port}/.*cannot be reached"):
            await store.writable()
        await stack.enter_async_context(pgbouncer(tmp_path, pg, pooler.port))
        await store.writable()
        assert await store.open_incidents() == [incident()]
