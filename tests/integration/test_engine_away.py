"""While the state cannot be used, the porter decides from memory; emergencies are told, all is made good."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alerts.act import Act, ActKind
from alerts.change import Change
from alerts.incident import IncidentState, Severity
from alerts.stranded import NO_STATE
from checks.result import ok
from daemon.agenda import SETTLE
from daemon.backlog import MOST_LETTERS
from daemon.store import StateError, Store
from tests.support.away import (
    DOWN,
    EVERYBODY,
    FORGED,
    HEALTH,
    HOOK,
    RESOLVED,
    House,
    a_house,
    emergency,
    outage,
)
from tests.support.clock import FakeClock
from tests.support.desk import ADDRESSES, DESK, TECH_LEAD, a_store
from tests.support.stored import notification

A, B = ADDRESSES


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


@pytest.fixture
async def house(store: Store, clock: FakeClock) -> House:
    return await a_house(store, clock)


async def test_an_emergency_is_told_from_memory_and_written_down_afterwards(
    house: House, store: Store, clock: FakeClock
) -> None:
    house.ledger.away = True
    await emergency(house)
    assert sorted(await house.cry()) == EVERYBODY
    told_at = clock.now()
    assert await store.list_incidents() == []
    house.ledger.away = False
    await house.tick(100)
    (record,) = await store.list_incidents()
    assert (record.incident.id, record.incident.severity) == ("id1", Severity.EMERGENCY)
    assert {one.sent_at for one in record.notifications} == {told_at}
    assert {one.state for one in record.notifications} == {"sent"}
    whole = await store.incident("id1")
    assert whole is not None
    assert [event.kind for event in whole.events].count("opened") == 1
    assert await house.send() == []
    assert await house.cry() == []


async def test_what_is_no_emergency_waits_until_it_can_be_written_down(house: House, store: Store) -> None:
    house.ledger.away = True
    await outage(house)
    assert await house.cry() == []
    assert [one.severity for one in house.night.board.incidents.values()] == [Severity.CRITICAL]
    house.ledger.away = False
    await house.tick()
    assert sorted(await house.send()) == [("problem", A), ("problem", B), ("problem", DESK)]


async def test_the_engine_says_so_as_long_as_the_state_is_away(house: House) -> None:
    house.ledger.read_only = True
    with capture_logs() as logs:
        await outage(house)
        for _ in range(3):
            with pytest.raises(StateError, match="the state cannot be written"):
                await house.engine.tick()
        house.ledger.read_only = False
        await house.engine.tick()
    seen = [one["event"] for one in logs if one["event"].startswith("state.")]
    assert seen == ["state.away", "state.back"]


async def test_nothing_is_told_twice_when_only_the_answer_was_lost(house: House, store: Store) -> None:
    house.ledger.lost = 9
    await emergency(house)
    assert len(await house.told()) == len(EVERYBODY), "it was written down in truth"
    assert sorted(await house.cry()) == EVERYBODY
    assert await house.send() == [], "whoever sends what is stored leaves these to the crier"
    house.ledger.lost = 0
    await house.tick()
    assert {state for _, _, state in await house.told()} == {"sent"}
    assert await house.send() == []
    whole = await store.incident("id1")
    assert whole is not None
    assert len(whole.events) == len({(event.kind, event.text) for event in whole.events})


async def test_the_end_of_what_was_told_from_memory_is_told_to_those_who_were(
    house: House, store: Store
) -> None:
    house.ledger.away = True
    await emergency(house)
    await house.cry()
    house.ledger.away = False
    await house.tick()
    await house.see(HOOK, ok(), ok())
    assert sorted(await house.send()) == RESOLVED


async def test_what_opens_and_ends_while_the_state_is_away_is_a_story_in_it_afterwards(
    house: House, store: Store
) -> None:
    house.ledger.away = True
    await emergency(house)
    await house.cry()
    await outage(house)
    await house.see(HOOK, ok(), ok())
    await house.see(HEALTH, ok(), ok())
    assert sorted(await house.cry()) == RESOLVED
    house.ledger.away = False
    await house.tick()
    states = {record.incident.id: record.incident.state for record in await store.list_incidents()}
    assert states == dict.fromkeys(("id1", "id2"), IncidentState.RESOLVED)
    assert {state for _, _, state in await house.told("id1")} == {"sent"}
    assert sorted(await house.send()) == [("resolved", A), ("resolved", B), ("resolved", DESK)]
    superseded = [(kind, who) for kind, who, state in await house.told("id2") if state == "superseded"]
    assert sorted(superseded) == [("problem", A), ("problem", B), ("problem", DESK)]


async def test_who_was_told_before_is_told_of_the_end_in_memory_too(house: House, store: Store) -> None:
    await emergency(house)
    await house.send()
    house.ledger.away = True
    await house.see(HOOK, ok(), ok())
    assert sorted(await house.cry()) == RESOLVED
    house.ledger.away = False
    await house.tick()
    assert await house.send() == []
    assert (await house.told()).count(("resolved", A, "sent")) == 1


async def test_an_incident_that_becomes_an_emergency_is_told_of_with_what_it_had_to_say_before(
    house: House,
) -> None:
    house.ledger.away = True
    await outage(house)
    assert await house.cry() == []
    await house.see(HEALTH, *[DOWN] * 31)
    told = await house.cry()
    assert [kind for kind, who in told if who == A][:2] == ["problem", "update"]
    assert TECH_LEAD in {who for _, who in told}


async def test_a_tick_that_is_interrupted_in_its_commit_goes_on_where_it_was(
    house: House, store: Store
) -> None:
    house.ledger.mute = asyncio.Event()
    house.night.observer.observe(HOOK, FORGED)
    tick = asyncio.create_task(house.engine.tick())
    await house.ledger.silent.wait()
    tick.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tick
    house.ledger.mute = None
    await house.tick(SETTLE)
    await house.tick(SETTLE)
    (record,) = await store.list_incidents()
    assert record.incident.id == "id1"
    assert sorted(await house.send()) == EVERYBODY


async def test_people_are_refused_with_the_reason_and_nothing_comes_of_it(house: House) -> None:
    await emergency(house)
    house.ledger.read_only = True
    act = Act("id1", ActKind.ACKNOWLEDGE, "Ann")
    with pytest.raises(StateError, match="the state cannot be written"):
        await house.engine.act("id1", act.decide)
    with pytest.raises(StateError, match="the state cannot be written"):
        await house.engine.silence(Change())
    assert house.night.board.incidents["id1"].state is IncidentState.OPEN
    house.ledger.read_only = False
    acknowledged = await house.engine.act("id1", act.decide)
    assert acknowledged is not None
    assert acknowledged.state is IncidentState.ACKNOWLEDGED


async def test_what_contradicts_the_state_gives_way_and_what_is_broken_is_told_anew(
    house: House, store: Store
) -> None:
    house.ledger.away = True
    await outage(house)
    mine = house.night.board.incidents["id1"]
    await store.commit(Change(incidents=(replace(mine, id="theirs"),)))
    house.ledger.away = False
    with capture_logs() as logs:
        await house.tick()
    lost = [one for one in logs if one["event"] == "state.lost"]
    assert [(one["incident"], one["letters"][0]) for one in lost] == [("id1", f"problem to {A}: pending")]
    await house.tick()
    assert list(house.night.board.incidents) == ["theirs"]
    assert len(await store.list_incidents()) == 1


async def test_a_hotel_that_another_replica_took_owes_nothing_any_more(house: House, store: Store) -> None:
    house.ledger.away = True
    await emergency(house)
    house.night.board.watch([], {})
    await house.engine.let_go({"h"})
    assert await house.cry() == []
    house.ledger.away = False
    await house.tick()
    assert await store.list_incidents() == []


async def test_who_was_told_is_not_known_any_more_of_what_another_replica_goes_on_with(house: House) -> None:
    await emergency(house)
    mine = house.night.board.incidents["id1"]
    assert await house.books.told([mine])
    await house.engine.let_go({"h"})
    house.ledger.away = True
    assert await house.books.told([mine]) == {}


async def test_without_room_for_letters_people_are_told_once_the_state_is_back(house: House) -> None:
    house.ledger.away = True
    flood = (replace(notification(str(number)), hotel="g") for number in range(MOST_LETTERS))
    house.books.backlog.add("g", Change(notifications=tuple(flood)))
    await outage(house)
    await emergency(house)
    assert house.night.board.incidents["id1"].standstill == NO_STATE
    assert sorted(await house.cry()) == EVERYBODY
    house.books.backlog.drop("g")
    house.ledger.away = False
    await house.tick()
    assert sorted(await house.send()) == [("problem", A), ("problem", B), ("problem", DESK)]
