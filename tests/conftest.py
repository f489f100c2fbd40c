"""What all tiers share."""

from collections.abc import Iterator

import pytest

from daemon.demo.postgres import Postgres
from tests.support.postgres import running


@pytest.fixture(scope="session")
def pg() -> Iterator[Postgres]:
    """Run one PostgreSQL server for all tests that ask for it."""
    with running() as server:
        yield server
