"""What goes wrong in judging one thing, or one hotel, stays with it, and is said aloud."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from alerts.aids.aid import Aid, AidKind
from alerts.diagnosis.decision_table import RULES
from alerts.diagnosis.rule import Condition
from alerts.incident import Cause
from checks.result import CheckId, Reason, failed
from daemon.agenda import SETTLE
from daemon.casebook import Casebook
from daemon.judging import Bench
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check, a_store

HERE = a_check()
THERE = replace(a_check("health", "expedia", "ota"), id=CheckId("g", "expedia", "health"))
ERROR = failed(Reason.SERVER_ERROR, "answered 500, an error of the server")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


def _mistaken(*_: object) -> Any:
    raise KeyError("no such measurement")


async def test_a_rule_with_a_mistake_is_logged_once_and_blinds_nobody(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HERE])
    await night.see(HERE, ERROR, ERROR)
    broken = replace(RULES[0], needs=(Condition("it holds", _mistaken),))
    bench = Bench(night.board, night.engine.quiet, lambda: "id7", (broken,))
    with capture_logs() as logs:
        looks = [bench.look("h", Casebook(), frozenset(), clock.now()) for _ in range(3)]
    assert [one.incident.diagnosis.cause for one in looks[-1].decisions] == [Cause.UNKNOWN]
    assert [one["event"] for one in logs] == ["diagnosis.failed"]


async def test_a_mistake_in_what_would_help_costs_no_alert(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HERE])
    await night.see(HERE, ERROR, ERROR)
    well = Aid(AidKind.BUDGET, "Mail budget", ("12 left",))
    bench = Bench(night.board, night.engine.quiet, lambda: "id7", producers=(_mistaken, lambda _sight: well))
    (incident,) = await night.open()
    with capture_logs() as logs:
        mails = [bench.brief(incident, (), {}, clock.now()) for _ in range(3)]
    assert [mail.aids for mail in mails] == [(well,)] * 3
    assert [one["event"] for one in logs] == ["aid.failed"]


async def test_a_hotel_that_cannot_be_judged_leaves_the_others_be(store: Store, clock: FakeClock) -> None:
    strange: dict[str, Any] = {"platform": 7}
    night = Night(store, clock, [HERE, THERE], names={THERE.id: strange})
    for _ in range(2):
        clock.advance(60)
        for check in (HERE, THERE):
            night.observer.observe(check, ERROR)
    for _ in range(2):
        with pytest.raises((AttributeError, TypeError)):
            await night.wait(SETTLE)
        assert [one.hotel for one in await night.open()] == ["h"]
    strange["platform"] = "expedia"
    await night.wait(1)
    assert sorted(one.hotel for one in await night.open()) == ["g", "h"]
