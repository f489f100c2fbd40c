"""Results in, incidents and letters out, over a real store and a clock moved by hand."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from alerts.change import Change
from alerts.incident import Incident, IncidentState, Severity
from alerts.notification import Delivery, Kind, Notification
from alerts.silence import Silence
from checks.result import CheckId, Reason, State, failed, ok
from daemon.agenda import SETTLE
from daemon.ledger import Epoch
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import ADDRESSES, Night, a_check, a_store

DOWN = failed(Reason.SERVER_ERROR, "answered 500")
HEALTH = a_check()
CERTIFICATE = a_check("certificate")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


async def send_all(store: Store) -> None:
    """Deliver every letter that is due, as a perfect relay would."""
    while claims := await store.claim(10):
        for claim in claims:
            assert await store.sent(claim)


async def open_incident(night: Night) -> Incident:
    await night.see(HEALTH, ok(), DOWN, DOWN)
    return (await night.store.open_incidents())[0]


async def test_enough_failures_open_one_incident_with_a_letter_to_each(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH])
    incident = await open_incident(night)
    assert (incident.id, incident.severity, incident.epoch) == ("id1", Severity.CRITICAL, 1)
    letters = await night.letters()
    assert [(one.kind, one.recipient, one.state) for one in letters] == [
        (Kind.PROBLEM, ADDRESSES[0], Delivery.PENDING),
        (Kind.PROBLEM, ADDRESSES[1], Delivery.PENDING),
    ]
    assert incident.thread_root == letters[0].message_id
    assert night.posted == 1
    assert night.board.incidents == {"id1": incident}


async def test_further_failures_open_nothing_more(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH])
    await open_incident(night)
    await night.see(HEALTH, DOWN, DOWN, DOWN)
    assert len(await store.list_incidents()) == 1
    assert len(await night.letters()) == 2


async def test_recovery_tells_those_who_were_told(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH])
    await open_incident(night)
    await send_all(store)
    await night.see(HEALTH, ok(), ok())
    resolved = [one for one in await night.letters() if one.kind is Kind.RESOLVED]
    assert [one.recipient for one in resolved] == list(ADDRESSES)
    assert await store.open_incidents() == []
    assert night.board.incidents == {}


async def test_a_letter_still_waiting_is_superseded_by_the_resolved_one(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH])
    await open_incident(night)
    await night.see(HEALTH, ok(), ok())
    states = [(one.kind, one.state) for one in await night.letters()]
    assert states == [(Kind.PROBLEM, Delivery.SUPERSEDED)] * 2 + [(Kind.RESOLVED, Delivery.PENDING)] * 2


async def test_who_could_not_be_told_of_the_problem_is_not_told_of_its_end(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH])
    await open_incident(night)
    first, second = await store.claim(2)
    await store.dead(first, "550 no such user")
    await store.sent(second)
    await night.see(HEALTH, ok(), ok())
    resolved = [one.recipient for one in await night.letters() if one.kind is Kind.RESOLVED]
    assert resolved == [second.notification.recipient]


async def test_worse_news_is_an_update_to_those_told(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH, CERTIFICATE])
    gone = failed(Reason.CONNECT, "no connection")
    await night.see(HEALTH, ok())
    await night.see(CERTIFICATE, gone, gone)
    clock.advance(SETTLE)
    await night.engine.tick()
    assert (await store.open_incidents())[0].severity is Severity.WARNING
    await send_all(store)
    await night.see(HEALTH, gone, gone)
    clock.advance(SETTLE)
    await night.engine.tick()
    updates = [one.recipient for one in await night.letters() if one.kind is Kind.UPDATE]
    assert updates == list(ADDRESSES)
    assert (await store.open_incidents())[0].severity is Severity.CRITICAL


async def test_a_new_breach_waits_for_a_look_at_its_siblings(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH, CERTIFICATE])
    await night.see(HEALTH, DOWN, DOWN)
    assert await store.open_incidents() == []
    assert night.hastened == [CERTIFICATE.id]
    night.observer.observe(CERTIFICATE, ok())
    await night.engine.tick()
    assert len(await store.open_incidents()) == 1


async def test_a_sibling_that_asked_to_be_left_alone_is_not_looked_at(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH, CERTIFICATE])
    await night.see(CERTIFICATE, replace(failed(Reason.RATE_LIMITED, "slow down"), retry_after=600.0))
    await night.see(HEALTH, DOWN, DOWN)
    assert night.hastened == []
    assert len(await store.open_incidents()) == 1


async def test_a_new_breach_waits_no_longer_than_it_may(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH, CERTIFICATE])
    await night.see(HEALTH, DOWN, DOWN)
    clock.advance(SETTLE)
    await night.engine.tick()
    assert len(await store.open_incidents()) == 1


async def test_a_restart_in_the_middle_goes_on_where_it_was(tmp_path: Path, clock: FakeClock) -> None:
    async with a_store(tmp_path, clock) as store:
        incident = await open_incident(Night(store, clock, [HEALTH]))
        await send_all(store)
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, [HEALTH])
        await night.restore()
        await night.see(HEALTH, DOWN)
        assert await store.open_incidents() == [incident]
        await night.see(HEALTH, ok(), ok())
        assert await store.open_incidents() == []
        assert [one.kind for one in await night.letters()] == [Kind.PROBLEM] * 2 + [Kind.RESOLVED] * 2


async def test_a_breach_that_waits_for_its_siblings_outlives_the_process(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, [HEALTH, CERTIFICATE])
        await night.see(HEALTH, DOWN, DOWN)
        assert await store.open_incidents() == []
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, [HEALTH, CERTIFICATE])
        await night.restore()
        await night.engine.tick()
        clock.advance(SETTLE)
        await night.engine.tick()
        assert len(await store.open_incidents()) == 1
        assert len(await night.letters()) == 2


async def test_an_incident_whose_check_was_well_already_ends_after_a_restart(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with a_store(tmp_path, clock) as store:
        await open_incident(Night(store, clock, [HEALTH]))
        (standing,) = await store.standings()
        await store.commit(
            Change(standings=(replace(standing, breached=False, state=State.OK, reason=None),))
        )
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, [HEALTH])
        await night.restore()
        await night.engine.tick()
        assert await store.open_incidents() == []


async def test_coming_back_after_a_restart_is_the_same_incident(tmp_path: Path, clock: FakeClock) -> None:
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, [HEALTH])
        root = (await open_incident(night)).thread_root
        await send_all(store)
        await night.see(HEALTH, ok(), ok())
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, [HEALTH])
        await night.restore()
        await night.see(HEALTH, DOWN, DOWN)
        again = (await store.open_incidents())[0]
        assert (again.id, again.epoch, again.thread_root) == ("id1", 2, root)
        assert [one.kind for one in await night.letters(epoch=2)] == [Kind.PROBLEM] * 2


async def test_a_check_that_is_gone_after_a_restart_ends_its_incident(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with a_store(tmp_path, clock) as store:
        await open_incident(Night(store, clock, [HEALTH]))
        await send_all(store)
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, [a_check("other", "locks", "generic")])
        await night.restore()
        await night.engine.tick()
        record = await store.incident("id1")
        assert record is not None
        assert record.incident.state is IncidentState.RESOLVED
        assert "no longer watched" in record.incident.outcome
        assert await store.standings() == []


async def test_checks_removed_by_a_reload_are_forgotten(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH, CERTIFICATE])
    await night.see(HEALTH, ok())
    await night.see(CERTIFICATE, ok())
    night.watch([HEALTH])
    await night.engine.tick()
    assert [standing.check for standing in await store.standings()] == [HEALTH.id]


class Failing:
    """A ledger that fails when told to: before the commit, or after it, as a lost answer would."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.fail_before = self.fail_after = False

    async def commit(self, change: Change) -> None:
        if self.fail_before:
            raise OSError("disk full")
        await self._store.commit(change)
        if self.fail_after:
            raise OSError("the answer was lost")

    async def notifications_of_many(self, epochs: Iterable[Epoch]) -> dict[Epoch, list[Notification]]:
        return await self._store.notifications_of_many(epochs)

    async def silences(self, now: datetime) -> list[Silence]:
        return await self._store.silences(now)

    async def open_incidents(self) -> list[Incident]:
        return await self._store.open_incidents()

    async def recent(self, since: datetime) -> list[Incident]:
        return await self._store.recent(since)


async def test_a_commit_that_fails_is_decided_again(store: Store, clock: FakeClock) -> None:
    ledger = Failing(store)
    night = Night(store, clock, [HEALTH], ledger)
    await night.see(HEALTH, ok(), DOWN)
    ledger.fail_before = True
    with pytest.raises(OSError, match="disk full"):
        await night.see(HEALTH, DOWN)
    assert night.board.incidents == {}
    ledger.fail_before = False
    await night.engine.tick()
    assert len(await store.open_incidents()) == 1
    assert len(night.board.incidents) == 1


async def test_a_commit_whose_answer_is_lost_opens_nothing_twice(store: Store, clock: FakeClock) -> None:
    ledger = Failing(store)
    night = Night(store, clock, [HEALTH], ledger)
    await night.see(HEALTH, ok(), DOWN)
    ledger.fail_after = True
    with pytest.raises(OSError, match="lost"):
        await night.see(HEALTH, DOWN)
    ledger.fail_after = False
    await night.engine.tick()
    await night.see(HEALTH, DOWN)
    assert len(await store.list_incidents()) == 1
    assert len(await night.letters()) == 2
    assert list(night.board.incidents) == ["id1"]


async def test_two_integrations_failing_are_two_incidents(store: Store, clock: FakeClock) -> None:
    locks = a_check("gateway", "locks", "generic")
    night = Night(store, clock, [HEALTH, locks])
    await night.see(HEALTH, DOWN, DOWN)
    await night.see(locks, DOWN, DOWN)
    assert {incident.key for incident in await store.open_incidents()} == {"h/payment/reach", "h/locks/reach"}
    assert CheckId("h", "locks", "gateway") not in night.hastened
