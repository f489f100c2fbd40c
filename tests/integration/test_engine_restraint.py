"""The engine has checks looked at once more where that tells something, and leaves targets alone else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.incidents import resolved
from checks.result import Reason, failed, ok
from daemon.agenda import SETTLE
from daemon.gate import Gate
from daemon.looking_around import MOST
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check, a_store

HEALTH, CERTIFICATE = a_check(), a_check("certificate", type_="tls")
ERROR = failed(Reason.SERVER_ERROR, "answered 500, an error of the server")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


async def test_what_a_person_has_resolved_hastens_no_siblings(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH, CERTIFICATE])
    night.observer.observe(CERTIFICATE, ok())
    await night.see(HEALTH, ERROR, ERROR)
    assert night.hastened == [CERTIFICATE.id]
    await night.wait(SETTLE)
    await night.engine.act("id1", lambda one, now: resolved(one, "known", now, dismissed=True))
    night.hastened.clear()
    for _ in range(10):
        await night.see(HEALTH, ERROR)
        await night.wait(SETTLE)
    assert night.hastened == []
    assert await night.open() == []


async def test_one_of_many_that_is_well_again_has_the_others_looked_at_but_not_each_of_many(
    store: Store, clock: FakeClock
) -> None:
    checks = [a_check(f"c{number:02}") for number in range(2 * MOST - 10)]
    night = Night(store, clock, checks)
    for _ in range(2):
        clock.advance(60)
        for one in checks:
            night.observer.observe(one, ERROR)
    await night.wait(SETTLE)
    assert len(await night.open()) == 1
    night.hastened.clear()
    clock.advance(60)
    first, second, third = checks[:3]
    night.observer.observe(first, ok())
    assert sorted(night.hastened) == [one.id for one in checks[1 : MOST + 1]]
    night.observer.observe(second, ok())
    assert len(night.hastened) == MOST
    clock.advance(1)
    for one in checks[3:MOST]:
        night.observer.observe(one, ERROR)
    night.observer.observe(third, ok())
    assert {one.id for one in checks[MOST + 1 :]} <= set(night.hastened[MOST:])


def test_all_that_are_looked_at_once_more_find_room_at_a_target_that_did_not_answer() -> None:
    gate = Gate()
    own_turns = [gate.enter("vendor:443", suspect=True) for _ in range(8)]
    assert all(own_turns)
    assert all(gate.enter("vendor:443", suspect=True) for _ in range(MOST))


async def test_of_too_many_siblings_those_that_tell_most_are_looked_at(
    store: Store, clock: FakeClock
) -> None:
    many = [a_check(f"c{number:02}") for number in range(2 * MOST)]
    vendors = [a_check(integration=f"vendor{number:02}") for number in range(2 * MOST)]
    control = a_check("control", "network", "network", "control")
    night = Night(store, clock, [HEALTH, *many, *vendors, control])
    for one in (*many, *vendors):
        night.observer.observe(one, ok())
    clock.advance(30)
    for one in (HEALTH, control):
        night.observer.observe(one, ok())
    clock.advance(30)
    gone = failed(Reason.CONNECT, "connection refused")
    await night.see(many[0], gone, gone)
    assert {HEALTH.id, control.id} <= set(night.hastened)
    assert len(night.hastened) == 2 * MOST
