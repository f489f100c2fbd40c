"""Emergencies cried from memory: tried again, once each, and beside whoever sends what is stored."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.attempt import DATA
from alerts.change import Change
from alerts.incident import Severity
from alerts.notification import MAIL, DeliveryError, DeliveryReason
from checks.result import ok
from daemon.backlog import Backlog
from daemon.crier import Beside, Crier
from daemon.store import Store
from tests.support.away import EVERYBODY, HOOK, RESOLVED, House, a_house, emergency
from tests.support.clock import FakeClock
from tests.support.desk import a_store
from tests.support.outbox import MemoryQueue
from tests.support.stored import incident, notification


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


async def test_a_letter_that_fails_is_tried_again_and_then_left_to_whoever_sends_what_is_stored(
    house: House, store: Store, clock: FakeClock
) -> None:
    house.ledger.away = True
    house.postman.failing = DeliveryError(DeliveryReason.CONNECT, "no relay")
    await emergency(house)
    assert await house.cry() == []
    house.postman.failing = None
    assert await house.cry() == [], "it is not due yet"
    clock.advance(6)
    assert sorted(await house.cry()) == EVERYBODY
    await house.see(HOOK, ok())
    house.postman.failing = DeliveryError(DeliveryReason.CONNECT, "no relay")
    await house.see(HOOK, ok())
    assert await house.cry() == []
    house.postman.failing, house.ledger.away = None, False
    await house.tick(6)
    assert sorted(await house.send()) == RESOLVED


async def test_a_letter_that_is_being_sent_when_the_state_comes_back_is_sent_once(
    house: House, clock: FakeClock
) -> None:
    house.ledger.away = True
    house.postman.hold = asyncio.Event()
    await emergency(house)
    await house.cries.deliver_due()
    house.ledger.away = False
    await house.tick()
    assert [state for _, _, state in await house.told()] == ["pending"] * 5
    clock.advance(100)
    assert await house.outbox.deliver_due() == 1, "but the one for which the crier had no room"
    house.postman.hold.set()
    assert await house.cry() == []
    await house.send()
    await house.tick()
    assert [state for _, _, state in await house.told()] == ["sent"] * 5


async def test_an_emergency_that_is_written_down_and_cannot_be_claimed_is_told_from_memory(
    house: House, store: Store, clock: FakeClock
) -> None:
    await emergency(house)
    assert await house.cry() == [], "whoever sends what is stored sees to it"
    house.crier.hindered = True
    assert sorted(await house.cry()) == EVERYBODY
    assert await house.send() == []
    await house.tick()
    assert {state for _, _, state in await house.told()} == {"sent"}


async def test_what_was_sent_is_not_told_from_memory_later(house: House, clock: FakeClock) -> None:
    await emergency(house)
    await house.send()
    house.crier.hindered = True
    house.ledger.away = True
    await house.tick(60)
    assert await house.cry() == []


async def test_a_letter_whose_claim_was_lost_is_told_from_memory_when_the_state_goes_away() -> None:
    clock = FakeClock()
    queue, backlog = MemoryQueue(clock), Backlog()
    grave = replace(incident(), severity=Severity.EMERGENCY)
    letter = replace(notification(), hotel=grave.hotel)
    queue.add(letter)
    backlog.written(grave.hotel, Change(incidents=(grave,), notifications=(letter,)), clock.now())
    crier = Crier(backlog, clock.now)
    beside = Beside(queue, crier, backlog)
    (claim,) = await beside.claim(1, only=MAIL)
    crier.hindered = True
    assert await crier.claim(1, only=MAIL) == [], "it is in hand"
    queue.snatch(letter.id)
    assert not await beside.journal(claim, DATA)
    (cry,) = await crier.claim(1, only=MAIL)
    assert cry.notification.message == letter.message
