"""Replicas share the hotels of a state: fairly, without a leader, and never two of them one hotel."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.change import Change
from checks.memory import LOGINS
from checks.result import CheckId
from daemon.demo.postgres import Postgres
from daemon.store import LostTenureError, Store, Tenure
from daemon.store.postgres_database import PostgresDatabase
from tests.integration.test_store_silences import silence
from tests.support.clock import START, FakeClock
from tests.support.postgres import Database, state_database
from tests.support.stored import incident, share_out, standing, url_of

HOTELS = ["a", "b", "c", "d", "e"]


@dataclass(frozen=True, slots=True)
class Replica:
    """A process as far as the state knows it."""

    id: str
    store: Store

    async def tick(self, hotels: list[str] | None = None) -> Tenure:
        return await self.store.tenure(self.id, "1", HOTELS if hotels is None else hotels)

    async def write(self, hotel: str, name: str = "") -> None:
        change = Change(incidents=(incident(name or hotel, key=name or hotel, hotel=hotel),))
        await self.store.commit(change)


class House:
    """A state and the replicas that share it."""

    def __init__(self, database: Database, stack: AsyncExitStack) -> None:
        self.database = database
        self._stack = stack

    async def join(self, name: str) -> Replica:
        store = await Store.open(self.database.dsn, FakeClock())
        self._stack.push_async_callback(store.close)
        return Replica(name, store)

    async def dies(self, *names: str) -> None:
        """Have it seem as if replicas had not been heard of for a hold and a moment more."""
        for name in names:
            await self.database.run(
                f"UPDATE hotels SET until = until - 7000000 WHERE owner = '{name}'",
                f"UPDATE replicas SET seen_until = seen_until - 7000000 WHERE id = '{name}'",
            )


@pytest.fixture
async def house(pg: Postgres) -> AsyncIterator[House]:
    async with state_database(pg) as database, AsyncExitStack() as stack:
        yield House(database, stack)


async def test_a_single_replica_holds_everything_and_keeps_it(house: House) -> None:
    only = await house.join("A")
    assert await only.tick() == Tenure(frozenset(HOTELS))
    assert await only.tick() == Tenure(frozenset(HOTELS))


async def test_what_is_more_than_a_fair_share_is_surplus_until_it_is_given_back(house: House) -> None:
    first, second = await house.join("A"), await house.join("B")
    await first.tick()
    assert (await second.tick()).held == frozenset(), "nothing is free"
    found = await first.tick()
    assert found == Tenure(frozenset(HOTELS), ("d", "e"), 2)
    await first.write("e")
    assert await first.tick() == found, "the same is asked back until it is"
    await first.store.give_back("A", found.surplus)
    assert (await second.tick()).held == {"d", "e"}
    assert (await first.tick()) == Tenure(frozenset("abc"), (), 2)


@pytest.mark.parametrize(("replicas", "shares"), [("ABC", [1, 2, 2]), ("ABCDEFG", [0, 0, 1, 1, 1, 1, 1])])
async def test_many_replicas_share_fairly(house: House, replicas: str, shares: list[int]) -> None:
    stores = {name: (await house.join(name)).store for name in replicas}
    held = await share_out(stores, HOTELS)
    assert sorted(len(hotels) for hotels in held.values()) == shares
    assert sorted(hotel for hotels in held.values() for hotel in hotels) == HOTELS


async def test_replicas_that_join_at_once_never_hold_the_same(house: House) -> None:
    crowd = [await house.join(name) for name in "ABCD"]
    for _ in range(3):
        found = await asyncio.gather(*(one.tick() for one in crowd))
        held = [hotel for tenure in found for hotel in tenure.held]
        assert len(held) == len(set(held))
        for one, tenure in zip(crowd, found, strict=True):
            await one.store.give_back(one.id, tenure.surplus)
    found = await asyncio.gather(*(one.tick() for one in crowd))
    assert sorted(hotel for tenure in found for hotel in tenure.held) == HOTELS


async def test_who_leaves_is_followed_at_once(house: House) -> None:
    first, second = await house.join("A"), await house.join("B")
    await share_out({"A": first.store, "B": second.store}, HOTELS)
    await first.store.leave("A")
    assert await second.tick() == Tenure(frozenset(HOTELS))
    with pytest.raises(LostTenureError):
        await first.write("a")


async def test_what_a_dead_replica_held_is_taken_over_by_those_who_live(house: House) -> None:
    crowd = {name: await house.join(name) for name in "ABC"}
    await share_out({name: one.store for name, one in crowd.items()}, HOTELS)
    await house.dies("B")
    found = [await crowd[name].tick() for name in "AC"]
    assert [len(tenure.held) for tenure in found] == [3, 2]
    assert sorted(hotel for tenure in found for hotel in tenure.held) == HOTELS
    assert {tenure.replicas for tenure in found} == {2}


async def test_a_hold_that_ran_out_is_kept_while_nobody_takes_it(house: House) -> None:
    only = await house.join("A")
    await only.tick()
    await house.dies("A")
    await only.write("a")
    assert (await only.tick()).held == frozenset(HOTELS)


async def test_a_replica_that_was_stopped_and_goes_on_does_no_harm(house: House) -> None:
    zombie, heir = await house.join("A"), await house.join("B")
    await zombie.tick()
    await zombie.write("a", "before")
    await house.dies("A")
    assert (await heir.tick()).held == frozenset(HOTELS)
    with pytest.raises(LostTenureError, match="this replica does not hold a; nothing was written") as caught:
        await zombie.write("a", "after")
    assert caught.value.hotels == {"a"}
    assert [one.id for one in await heir.store.open_incidents()] == ["before"]
    assert (await zombie.tick()).held == frozenset()
    assert (await heir.tick()).surplus == ("c", "d", "e"), "it is one of two again"


async def test_an_heir_that_left_again_does_not_revive_the_zombie(house: House) -> None:
    zombie, heir = await house.join("A"), await house.join("B")
    await zombie.tick()
    await house.dies("A")
    await heir.tick()
    await heir.store.leave("B")
    with pytest.raises(LostTenureError):
        await zombie.write("a")
    assert (await zombie.tick()).held == frozenset(HOTELS), "they are held anew"
    await zombie.write("a")


async def test_a_process_of_the_same_name_is_another_one(house: House) -> None:
    zombie, heir = await house.join("A"), await house.join("A")
    await zombie.tick()
    assert (await heir.tick()).held == frozenset(), "it must wait until the hold runs out"
    await house.dies("A")
    assert (await heir.tick()).held == frozenset(HOTELS)
    with pytest.raises(LostTenureError):
        await zombie.write("a")
    assert (await zombie.tick()).held == frozenset()


async def test_whoever_takes_a_hotel_waits_for_what_is_being_written_about_it(house: House) -> None:
    first, second = await house.join("A"), await house.join("B")
    await first.tick()
    await house.dies("A")
    place = first.store._transactions.place
    assert isinstance(place, PostgresDatabase)
    async with place.writer.connect() as connection:
        await connection.run_sync(first.store._commit, Change(standings=(standing(CheckId("a", "i", "c")),)))
        assert "a" not in (await second.tick()).held
        await connection.commit()
    assert "a" in (await second.tick()).held
    assert [one.check.hotel for one in await second.store.standings()] == ["a"]


@pytest.mark.parametrize(
    "change",
    [
        Change(incidents=(incident("x", hotel="b"),)),
        Change(standings=(standing(CheckId("b", "i", "c")),)),
        Change(memories={CheckId("b", "i", "c"): {"offset": 1}}),
        Change(forgotten=(CheckId("b", "i", "c"),)),
    ],
    ids=["incidents", "standings", "memories", "forgotten"],
)
async def test_nothing_is_written_about_a_hotel_that_is_not_held(house: House, change: Change) -> None:
    one = await house.join("A")
    await one.tick(["a"])
    assert change
    for token in ({}, {"b": "of another time"}):
        one.store._holdings.tokens = {**one.store._holdings.tokens, **token}
        with pytest.raises(LostTenureError, match="does not hold b; nothing was written"):
            await one.store.commit(change)
    assert await one.store.open_incidents() == []
    assert await one.store.standings() == []
    assert await one.store.memories() == {}


async def test_what_is_about_no_hotel_may_be_written_by_all(house: House) -> None:
    one = await house.join("A")
    await one.store.commit(Change(memories={LOGINS: {"a": 1}}, silences=(silence(),)))
    assert await one.store.memories([""]) == {LOGINS: {"a": 1}}
    assert await one.store.silences(START) == [silence()]


async def test_a_hotel_that_is_no_longer_configured_is_to_be_given_back(house: House) -> None:
    one = await house.join("A")
    await one.tick()
    assert await one.tick(["a", "b", "c"]) == Tenure(frozenset(HOTELS), ("d", "e"))
    await one.store.give_back("A", ["d", "e"])
    assert await one.tick(["a", "b", "c"]) == Tenure(frozenset("abc"))


async def test_each_takes_only_hotels_it_knows_and_gives_none_to_who_may_not_know_it(house: House) -> None:
    old, new = await house.join("A"), await house.join("B")
    await old.tick()
    assert (await new.tick([*HOTELS, "new"])).held == {"new"}
    assert (await old.tick()) == Tenure(frozenset(HOTELS), (), 2)
    await old.tick([*HOTELS, "new"])
    await new.tick([*HOTELS, "new"])
    assert len((await old.tick([*HOTELS, "new"])).surplus) == 2, "both know the same now"


async def test_a_hotel_that_nobody_else_takes_is_taken_beyond_the_share(house: House) -> None:
    first, second = await house.join("A"), await house.join("B")
    await second.tick([])
    assert (await first.tick()).held == {"a", "b", "c"}
    await house.database.run("UPDATE hotels SET until = until - 7000000 WHERE owner IS NULL")
    assert (await first.tick()) == Tenure(frozenset(HOTELS), (), 2)


async def test_replicas_that_are_long_dead_are_forgotten(house: House) -> None:
    for name in ("A", "B"):
        await (await house.join(name)).tick()
    await house.database.run("UPDATE replicas SET seen_until = seen_until - 86407000000 WHERE id = 'A'")
    one = await house.join("C")
    await one.store.tidy()
    assert await house.database.value("SELECT string_agg(id, ',') FROM replicas") == "B"


async def test_a_file_is_one_processs_own_and_all_its_hotels_are(tmp_path: Path) -> None:
    store = await Store.open(url_of(tmp_path), FakeClock())
    assert not store.shared
    assert await store.tenure("A", "1", HOTELS) == Tenure(frozenset(HOTELS))
    assert await store.tenure("A", "1", ["a"]) == Tenure(frozenset(HOTELS), ("b", "c", "d", "e"))
    await store.give_back("A", ["b", "c", "d", "e"])
    assert await store.tenure("A", "1", ["a"]) == Tenure(frozenset("a"))
    await store.leave("A")
    await store.commit(Change(incidents=(incident(),)))
    await store.close()
