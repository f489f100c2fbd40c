"""What is mailed before it can be written down: who acts on it is told so, and not that it is unknown."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession

from alerts.incident import Incident
from tests.support.desk import ADDRESSES
from tests.support.web import Shift, on_shift


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path, "https://porter.hotel.example") as one:
        yield one


@pytest.fixture
async def client(shift: Shift) -> AsyncIterator[ClientSession]:
    async with ClientSession(shift.house.url) as session:
        yield session


async def believed(shift: Shift, *, epoch: int = 1, name: str = "id1") -> Incident:
    """Return an incident that the porter believes in, and that is not stored."""
    incident = replace(await shift.now(), id=name, epoch=epoch)
    shift.night.board.incidents[name] = incident
    return incident


@pytest.mark.parametrize(("name", "epoch"), [("id9", 1), ("id1", 2)])
async def test_its_link_says_that_it_cannot_be_acknowledged_yet(
    client: ClientSession, shift: Shift, name: str, epoch: int
) -> None:
    incident = await believed(shift, name=name, epoch=epoch)
    path = f"/i/{name}/{shift.links.token(incident, ADDRESSES[0], shift.house.clock.now())}"
    for ask in (client.get, client.post):
        async with ask(path) as answer:
            assert answer.status == 503
            assert "This cannot be written down now" in await answer.text()


@pytest.mark.parametrize("act", ["ack", "resolve", "note"])
async def test_the_interface_says_why_nothing_can_be_done_about_it(
    client: ClientSession, shift: Shift, act: str
) -> None:
    await believed(shift, name="id9")
    async with client.post(f"/api/v1/incidents/id9/{act}", json={"by": "Ada", "note": "n"}) as answer:
        assert answer.status == 503
        assert "is not written down yet" in (await answer.json())["error"]
