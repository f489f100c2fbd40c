"""The past that the simulated hotel begins with: five weeks, told by the porter's own means, to nobody."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.drill import Outcome
from alerts.incident import IncidentState
from alerts.maintenance import OWNERS, PORTER, Evidence
from alerts.recurrence import Due, turn
from checks.result import CheckId
from daemon.clock import SystemClock
from daemon.demo import past
from daemon.demo.clocks import ZONE
from daemon.demo.configuration import HOTEL, state_of
from daemon.demo.past_history import PACES, Outage, rows
from daemon.demo.past_incidents import BY, TALES
from daemon.history import History
from daemon.store import Store

WEEKS = timedelta(weeks=5)


@pytest.fixture(scope="module")
def now() -> datetime:
    return SystemClock().now()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    await past.write(state_of(tmp_path), HOTEL)
    found = await Store.open(state_of(tmp_path), SystemClock())
    yield found
    await found.close()


async def test_every_integration_has_five_weeks_in_which_it_mostly_worked(
    store: Store, now: datetime
) -> None:
    history = History(store, SystemClock(), lambda: {HOTEL})
    since = now - WEEKS + timedelta(days=1)
    found = await history.buckets(HOTEL, since=since, until=now, width=timedelta(days=1))
    assert {check.integration for check in found} == set(PACES)
    failed = {check for check, row in found.items() if any(bucket.failures for bucket in row)}
    assert failed == {CheckId(HOTEL, tale.integration, tale.check) for tale in TALES}
    for row in found.values():
        whole = [bucket for bucket in row[1:-1] if bucket.runs]
        assert len(whole) >= 33
        assert all((bucket.success_rate or 0) > 90 for bucket in whole)


async def test_its_incidents_are_over_for_more_than_a_day_and_nobody_is_to_be_told(
    store: Store, now: datetime
) -> None:
    found = await store.list_incidents()
    assert len(found) == len(TALES)
    for one in found:
        ended = one.incident.resolved_at
        assert one.incident.state is IncidentState.RESOLVED
        assert ended is not None
        assert now - ended > timedelta(hours=25)
    assert (await store.pending())[0] == 0


async def test_one_task_is_overdue_and_was_told_of(store: Store, now: datetime) -> None:
    known = await store.maintenance.known([HOTEL])
    late = []
    for task in OWNERS:
        about = known[HOTEL, task.id]
        assert about.last is not None
        if turn(task.every, ZONE, since=about.since, done=about.last.at, now=now).state is Due.OVERDUE:
            late.append(task.id)
    assert late == [past.OVERDUE]


async def test_what_the_porter_sees_all_of_it_ticked_and_people_the_rest(store: Store) -> None:
    known = await store.maintenance.known([HOTEL])
    for task in OWNERS:
        last = known[HOTEL, task.id].last
        assert last is not None
        assert last.by_itself is (task.evidence is Evidence.WHOLE)
        assert last.by == (PORTER if last.by_itself else BY)
        assert bool(last.note) is not last.by_itself
        assert bool(last.evidence) is (task.evidence is not Evidence.NONE)


async def test_a_drill_was_acknowledged_after_four_minutes_and_a_record_was_changed(
    store: Store, now: datetime
) -> None:
    (drill,) = await store.drills.of(HOTEL)
    assert drill.outcome is Outcome.ACKNOWLEDGED
    assert drill.acknowledged is not None
    assert drill.acknowledged.at - drill.asked_at == timedelta(minutes=4)
    seen = await store.sightings.since(HOTEL, now - WEEKS)
    assert [one.value for one in seen][-1] == past.NOW
    assert len({one.value for one in seen}) == 2


def test_the_same_hour_has_the_same_past() -> None:
    outages = [Outage("payment", "health", 29_000_010, 29_000_050)]
    assert list(rows(HOTEL, 29_000_123, outages)) == list(rows(HOTEL, 29_000_123, outages))
