"""The engine has checks looked at once more where that tells something, and leaves targets alone else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.incidents import resolved
from checks.result import Reason, failed, ok
from daemon.agenda import SETTLE
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
