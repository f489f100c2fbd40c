"""Every fault of the simulated hotel: it turns exactly the checks it is said to turn, and heals."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from alerts.aids.aid import AidKind
from alerts.incident import Cause
from alerts.thresholds import Rules, judge
from checks.result import RESPONSE_TIME, CheckId, Sign, State
from daemon.clock import SystemClock
from daemon.demo.fault import Fault
from daemon.demo.faults import FAULTS, NOT_SHOWN, STORY
from daemon.demo.features import FEATURES, Feature
from daemon.demo.hotel import Hotel
from daemon.demo.postgres import Postgres
from tests.support.open_hotel import Visitor, expected, open_hotel, turned, unwell

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = [name for name, fault in FAULTS.items() if not (fault.in_time or fault.lasting)]
IN_TIME = [name for name, fault in FAULTS.items() if fault.in_time]
LASTING = [name for name, fault in FAULTS.items() if fault.lasting]
SHOWN_BY_TIME = {"flapping"}
"""What no single look can tell from an outage."""

RULES = Rules(failures=3, successes=2, response_limit=1.0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotel(pg: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hotel]:
    """Open one hotel for all faults: each must leave it as it was."""
    async with open_hotel(tmp_path_factory.mktemp("hotel"), pg) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def usual(hotel: Hotel) -> Visitor:
    """Give a porter who has seen the hotel in good health, and does so again after every fault."""
    found = Visitor(hotel)
    assert unwell(await found.look()) == {}
    return found


def blinded(fault: Fault) -> set[str]:
    """Return the checks that only cannot look, because of what another one shows."""
    return {
        turn.check for turn in fault.turns if Sign.DATABASE_DOWN in turn.signs and turn.state is State.UNKNOWN
    }


@pytest.mark.parametrize("name", AT_ONCE)
async def test_a_fault_turns_what_it_is_said_to_turn_and_nothing_else(
    hotel: Hotel, usual: Visitor, name: str
) -> None:
    fault = FAULTS[name]
    await fault.on(hotel)
    try:
        seen = await usual.look()
        causes = usual.causes(seen)
    finally:
        await fault.off(hotel)
    assert turned(seen) == expected(fault), unwell(seen)
    if name not in SHOWN_BY_TIME:
        assert set(causes.values()) == {fault.cause}, causes
        assert set(causes) == set(expected(fault)) - blinded(fault)
    assert unwell(await usual.look()) == {}


async def test_faults_that_share_nothing_can_be_on_together_and_healed_in_any_order(
    hotel: Hotel, usual: Visitor
) -> None:
    together: list[Fault] = []
    for name in AT_ONCE:
        if name not in SHOWN_BY_TIME and not any(FAULTS[name].shared(other) for other in together):
            together.append(FAULTS[name])
    assert len(together) > 15
    for fault in together:
        await fault.on(hotel)
    try:
        seen = turned(await usual.look())
    finally:
        for fault in together:
            await fault.off(hotel)
    assert set(seen) == {check for fault in together for check in fault.checks}
    assert unwell(await usual.look()) == {}


@pytest.mark.parametrize("feature", [one for one in FEATURES if one.fault], ids=lambda one: one.name)
async def test_the_incident_of_a_fault_shows_what_the_switchboard_says_is_seen_of_it(
    hotel: Hotel, usual: Visitor, feature: Feature
) -> None:
    fault = FAULTS[feature.fault]
    await fault.on(hotel)
    try:
        seen = await usual.look()
    finally:
        await fault.off(hotel)
    assert feature.aid in usual.aids(seen, fault.cause)
    assert unwell(await usual.look()) == {}


async def test_each_kind_of_aid_is_seen_somewhere() -> None:
    assert {one.aid for one in FEATURES if one.fault} == set(AidKind)


@pytest.mark.parametrize("name", LASTING)
async def test_an_event_is_seen_once_it_happens_and_a_newcomer_sees_nothing_of_it_later(
    tmp_path: Path, pg: Postgres, name: str
) -> None:
    fault = FAULTS[name]
    async with open_hotel(tmp_path, pg) as hotel:
        porter = Visitor(hotel)
        assert unwell(await porter.look()) == {}
        await fault.on(hotel)
        seen = await porter.look()
        assert turned(seen) == expected(fault), unwell(seen)
        assert set(porter.causes(seen).values()) == {fault.cause}
        await fault.off(hotel)
        assert unwell(await Visitor(hotel).look()) == {}


@pytest.mark.parametrize("name", IN_TIME)
async def test_what_is_slow_is_seen_by_the_mean_of_several_looks(hotel: Hotel, name: str) -> None:
    fault = FAULTS[name]
    await fault.on(hotel)
    try:
        porter = Visitor(hotel)
        seen = await porter.look()
        causes = porter.causes(seen, times=3)
    finally:
        await fault.off(hotel)
    assert set(causes.values()) == {fault.cause}, causes
    for check, result in seen.items():
        mean = result.measurements.get(RESPONSE_TIME, 0.0) / 1000
        verdict = judge(
            None, CheckId("h", *check.split("/")), result, mean=mean, rules=RULES, now=SystemClock().now()
        )[1]
        seen[check] = replace(result, state=verdict.state, reason=verdict.reason)
    assert turned(seen) == expected(fault)


async def test_every_cause_is_shown_or_said_to_be_unseen() -> None:
    assert {fault.cause for fault in FAULTS.values()} | set(NOT_SHOWN) == set(Cause)
    assert not {fault.cause for fault in FAULTS.values()} & set(NOT_SHOWN)


async def test_every_fault_says_in_a_sentence_what_happens_and_turns_checks_that_exist(hotel: Hotel) -> None:
    known = {f"{check.id.integration}/{check.id.check}" for check in Visitor(hotel).checks()}
    for name, fault in FAULTS.items():
        assert fault.name == name
        assert fault.sentence[0].isupper() or fault.sentence[0].isdigit()
        assert not fault.sentence.endswith(".")
        assert fault.turns
        assert set(expected(fault)) <= known
        assert all(turn.state is not State.OK for turn in fault.turns)
    assert STORY in FAULTS
