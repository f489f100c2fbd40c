"""A long queue makes nothing slow: what is asked of it every second finds its rows by an index."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from alerts.change import Change
from alerts.notification import MAIL
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.flood import TEAM, digest
from tests.support.statements import statements
from tests.support.stored import incident, notification, opened

WHOLE = ("SCAN notifications", "SCAN incidents", "SCAN events", "notifications_by_recipient (recipient=?)")
"""Beginnings of plans that go through all there is, or all that one recipient ever got."""

QUICK = ("notifications_sending", "COVERING INDEX")
"""What is gone through in no time: a row for each conversation, or an index of what waits."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    clock = FakeClock()
    async with opened(tmp_path, clock) as one:
        for number in range(8):
            letter = notification(str(number), of=f"i{number}", recipient=TEAM)
            about = incident(f"i{number}", key=str(number))
            await one.commit(Change(incidents=(about,), notifications=(letter,)))
        clock.advance(2)
        yield one


async def test_nothing_goes_through_all_letters(store: Store) -> None:
    with statements(store._transactions) as said:
        for _ in range(3):
            for claim in await store.claim(2, only=MAIL, per_hour=3):
                await store.sent(claim)
            await store.held()
            await store.bundle(TEAM, 3, digest)
        await store.pending()

    def explain(connection: Connection) -> list[tuple[str, str]]:
        return [
            (str(row.detail), statement)
            for statement, parameters in said
            if statement.startswith(("SELECT", "UPDATE"))
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]

    plans = await store._transactions.write(explain)
    assert len(plans) > 20
    slow = [plan for plan in plans if any(bad in plan[0] for bad in WHOLE)]
    assert [plan for plan in slow if not any(good in plan[0] for good in QUICK)] == []
