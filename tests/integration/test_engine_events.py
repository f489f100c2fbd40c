"""Events that leave no state: their incidents stay open until a person resolves them, or for a day."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts import passing
from alerts.incident import Cause, IncidentState
from alerts.incidents import resolved
from checks.result import Reason, Sign, failed, ok
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check, a_store

CARD = replace(
    failed(Reason.SECURITY, "a card number stands in p.log", signs=(Sign.CARD_NUMBER,)), decisive=True
)
LOG_FAILS = replace(failed(Reason.THRESHOLD, "9 of 20 lines are failures"), decisive=True)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


async def test_an_event_stays_open_until_a_day_has_passed_without_another(
    store: Store, clock: FakeClock
) -> None:
    log = a_check("log", "payment", "payment", "log")
    night = Night(store, clock, [log])
    await night.see(log, CARD, *[ok()] * 8)
    (quiet,) = await night.open()
    assert (quiet.state, quiet.epoch) == (IncidentState.OPEN, 1)
    await night.wait(12 * 3600)
    await night.see(log, CARD, *[ok()] * 8)
    await night.wait(23 * 3600)
    assert [one.id for one in await night.open()] == [quiet.id]
    again = Night(store, clock, [log])
    await again.restore()
    await again.see(log, ok())
    assert [one.id for one in await again.open()] == [quiet.id]
    await again.wait(3600)
    assert await again.open() == []
    record = await store.incident(quiet.id)
    assert record is not None
    assert record.incident.outcome == "nothing more was seen for 24 hours"
    assert [one.text for one in record.events if one.kind == "changed"].count(passing.QUIET) == 2


async def test_an_event_is_over_when_a_person_says_so(store: Store, clock: FakeClock) -> None:
    log = a_check("log", "payment", "payment", "log")
    night = Night(store, clock, [log])
    await night.see(log, CARD, *[ok()] * 3)
    await night.engine.act("id1", lambda one, now: resolved(one, "was resolved by Ana", now, dismissed=True))
    await night.see(log, ok(), ok())
    assert await night.open() == []


async def test_what_else_fails_after_an_event_is_told_of_by_itself(store: Store, clock: FakeClock) -> None:
    log = a_check("log", "payment", "payment", "log")
    night = Night(store, clock, [log])
    await night.see(log, CARD, ok(), ok(), *[LOG_FAILS] * 5)
    assert [one.diagnosis.cause is Cause.CARD_NUMBER_IN_LOG for one in await night.open()] == [True, False]
    await night.see(log, ok(), ok(), ok())
    assert [one.diagnosis.cause for one in await night.open()] == [Cause.CARD_NUMBER_IN_LOG]


async def test_events_that_come_again_and_again_are_no_flapping(store: Store, clock: FakeClock) -> None:
    log = a_check("log", "payment", "payment", "log")
    night = Night(store, clock, [log])
    await night.see(log, *[CARD, ok(), ok()] * 8)
    assert [one.diagnosis.cause for one in await night.open()] == [Cause.CARD_NUMBER_IN_LOG]
