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


TIERS = ("acceptance", "integration", "unit")
"""Whole processes, sockets, neither."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tier whose tests take longest, lest one of them be waited for alone at the end."""
    root = Path(__file__).parent
    items.sort(key=lambda item: TIERS.index(item.path.relative_to(root).parts[0]))


def pytest_collection_finish() -> None:
    """Leave thousands of tests out when garbage is looked for: they stay to the end."""
    gc.collect()
    gc.freeze()
