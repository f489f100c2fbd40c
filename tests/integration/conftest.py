"""Where the tests of the store keep a state: each of them is run over both databases."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from daemon.demo.postgres import Postgres
from tests.support.postgres import state_database
from tests.support.stored import NewState, url_of


@pytest.fixture(params=["sqlite", "postgresql"])
async def new_state(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NewState]:
    """Return what makes a state without rows, and returns its address."""
    server: Postgres | None = request.getfixturevalue("pg") if request.param == "postgresql" else None
    made: list[str] = []
    async with AsyncExitStack() as stack:

        async def make() -> str:
            if server is not None:
                found = (await stack.enter_async_context(state_database(server))).dsn
            else:
                directory = tmp_path / f"state-{len(made)}"
                directory.mkdir()
                found = url_of(directory)
            made.append(found)
            return found

        yield make


@pytest.fixture
async def address(new_state: NewState) -> str:
    """Return the address of a state without rows."""
    return await new_state()
