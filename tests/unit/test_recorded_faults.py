"""What was recorded of the simulated hotel is still what its faults are said to turn."""

from dataclasses import replace

import pytest

from alerts.thresholds import Rules, judge
from checks.result import RESPONSE_TIME, CheckId, Result, State
from daemon.demo.faults import FAULTS
from tests.support.clock import START
from tests.support.month_recording import Recorded, recorded
from tests.support.open_hotel import expected, turned, unwell

RULES = Rules(failures=3, successes=2, response_limit=1.0)
HEALTHY, SEEN = recorded()


def judged(check: str, one: Recorded) -> Result:
    """Return what was seen, as a warning where it took too long."""
    result = one.at(START)
    mean = result.measurements.get(RESPONSE_TIME, 0.0) / 1000
    verdict = judge(None, CheckId("h", *check.split("/")), result, mean=mean, rules=RULES, now=START)[1]
    return replace(result, state=verdict.state, reason=verdict.reason)


def test_a_healthy_hotel_was_recorded() -> None:
    assert unwell({check: one.result for check, one in HEALTHY.items()}) == {}
    assert len(HEALTHY) > 50


def test_every_fault_was_recorded() -> None:
    assert set(SEEN) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_recorded_fault_turns_what_it_is_said_to_turn(name: str) -> None:
    in_time = FAULTS[name].in_time
    seen = {check: judged(check, one) if in_time else one.result for check, one in SEEN[name].items()}
    assert turned(seen) == expected(FAULTS[name])


def test_moments_are_moved_to_when_they_are_replayed() -> None:
    one = HEALTHY["payment/transactions"]
    moment = one.at(START).measurements["last_timestamp_seconds"]
    assert -3600 < moment - START.timestamp() < 0
    assert one.result.state is State.OK
