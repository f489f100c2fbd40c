"""Some of a month's nights: the noise tells nobody anything, and each fault is told of as the contract wants.

`make month` lives through the whole of it, with every fault.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from tests.support.month import FIRST, Almanac
from tests.support.month_plan import plan
from tests.support.month_verdict import complaints

SEED = 1
FAULTS = (
    "vendor-outage",
    "api-credentials-invalid:email",
    "sync-service-down",
    "local-network-down",
    "login-attack",
    "database-down",
    "customer-declines",
    "slow-responses",
)


@pytest.fixture(autouse=True)
def _quietly() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(**before)


@pytest.fixture
def almanac(tmp_path: Path) -> Almanac:
    return Almanac.of(tmp_path)


async def test_a_night_of_noise_tells_nobody_anything(almanac: Almanac) -> None:
    month = await almanac.live(1, SEED)
    assert month.looks > 45_000
    assert month.lost > 100
    assert month.told == [], month.story()
    assert month.digests == []
    assert month.incidents == []


async def test_every_fault_of_two_days_is_one_incident_with_its_cause_told_to_the_right_people(
    almanac: Almanac,
) -> None:
    faults = plan(almanac, FAULTS, SEED, FIRST + timedelta(hours=1), timedelta(hours=6))
    month = await almanac.live(2, SEED, faults)
    assert len(faults) == len(FAULTS)
    wrong = [said for fault in faults for said in complaints(month, fault)]
    assert not wrong, "\n".join((*wrong, month.story()))
    assert len(month.incidents) == len(FAULTS), month.story()
