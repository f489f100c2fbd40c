"""What is mailed before it can be written down: who acts on it is told so, and not that it is unknown."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession

from alerts.incident import Incident
from checks.result import ok
from tests.support.away import HEALTH, a_house, emergency, outage
from tests.support.clock import FakeClock
from tests.support.desk import ADDRESSES, a_store
from tests.support.web import Shift, on_shift, serving


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


async def test_what_is_owed_to_the_state_is_shown_before_what_is_stored(tmp_path: Path) -> None:
    clock = FakeClock()
    async with a_store(tmp_path, clock) as store:
        house = await a_house(store, clock)
        await outage(house)
        house.ledger.read_only = True
        await emergency(house)
        await house.cry()
        async with serving(night=house.night) as web, ClientSession(web.url) as client:

            async def shown(query: str) -> list[tuple[str, str]]:
                async with client.get(f"/api/v1/incidents{query}") as answer:
                    assert answer.status == 200
                    found = (await answer.json())["incidents"]
                return [(one["id"], one["state"]) for one in found]

            assert await shown("") == [("id2", "open"), ("id1", "open")]
            assert await shown("?state=resolved") == await shown("?hotel=another") == []
            assert await shown("?limit=1") == [("id2", "open"), ("id1", "open")]
            assert await shown("?before=id1") == []
            async with client.get("/api/v1/incidents/id2") as answer:
                story = await answer.json()
            assert {one["state"] for one in story["notifications"]} == {"sent"}
            assert story["timeline"][0]["kind"] == "opened"

            await house.see(HEALTH, ok(), ok())
            assert await shown("?state=open") == [("id2", "open")]
            assert await shown("?state=resolved") == [("id1", "resolved")]
            async with client.get("/api/v1/incidents/id1") as answer:
                story = await answer.json()
            assert story["state"] == "resolved"
            assert [one["kind"] for one in story["timeline"]].count("opened") == 1
            assert "resolved" in {one["kind"] for one in story["timeline"]}
            assert {one["kind"] for one in story["notifications"]} == {"problem", "resolved"}

            house.ledger.read_only = False
            await house.tick(100)
            assert await shown("?limit=1") == [("id2", "open")]
            assert await shown("?before=id2") == [("id1", "resolved")]
