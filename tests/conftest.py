"""What all tiers share."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.demo.postgres import Postgres
from tests.support.postgres import running


@pytest.fixture(scope="session")
def pg() -> Iterator[Postgres]:
    """Run one PostgreSQL server for all tests that ask for it."""
    with running() as server:
        yield server


SLOWEST = (
    "test_a_container_stands_duty.py",
    "test_systemd_keeps_the_porter_on_duty.py",
    "test_the_state_fails_and_comes_back.py",
    "test_the_demo_tells_its_story.py",
    "test_simulated_hotel_faults.py",
    "test_replicas_share_the_hotels.py",
    "test_nothing_is_lost_or_repeated_over_a_crash.py",
    "test_status_pages_are_for_everybody.py",
)
"""What takes longest, the longest first: begun at once, lest it be waited for."""

TIERS = ("integration", "unit")
"""Sockets, neither: what computes more than it waits, as whole processes in the acceptance tier do."""

BEGUN_BY = 0.7
"""When all of the acceptance tier has begun, as a share of the files of the other tiers."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix files that wait with files that compute, lest processors be idle first and fought over then."""
    root, files = Path(__file__).parent, list(dict.fromkeys(item.path for item in items))
    tier = {file: file.relative_to(root).parts[0] for file in files}
    waiting = [file for file in files if tier[file] not in TIERS or file.name in SLOWEST]
    waiting.sort(key=lambda file: SLOWEST.index(file.name) if file.name in SLOWEST else len(SLOWEST))
    computing = [file for one in TIERS for file in files if tier[file] == one and file not in waiting]
    turn = {file: BEGUN_BY * place / len(waiting) for place, file in enumerate(waiting)}
    turn |= {file: (place + 1) / len(computing) for place, file in enumerate(computing)}
    items.sort(key=lambda item: turn[item.path])


def pytest_collection_finish() -> None:
    """Leave thousands of tests out when garbage is looked for: they stay to the end."""
    gc.collect()
    gc.freeze()
