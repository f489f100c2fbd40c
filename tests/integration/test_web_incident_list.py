"""The list of incidents, as people read it, over a real store and engine."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from alerts.change import Change
from alerts.incident import IncidentState
from checks.result import ok
from tests.support.away import HEALTH as OTA
from tests.support.away import a_house, emergency, outage
from tests.support.browser import Browser, browser
from tests.support.clock import FakeClock
from tests.support.desk import a_store
from tests.support.web import Shift, on_shift, serving


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path) as one:
        yield one


@pytest.fixture
async def reader(shift: Shift) -> AsyncIterator[Browser]:
    async with browser(shift.house.url) as one:
        yield one


async def read(reader: Browser, path: str, status: int = 200) -> str:
    """Return the words of a page, without its style."""
    page = await reader.get(path)
    assert page.status == status, page.text
    return unescape(page.text.partition("</style>")[2])


async def test_what_is_owed_to_the_state_is_shown_and_said_to_be(tmp_path: Path) -> None:
    clock = FakeClock()
    async with a_store(tmp_path, clock) as store:
        house = await a_house(store, clock)
        await outage(house)
        house.ledger.read_only = True
        await emergency(house)
        async with serving(night=house.night) as web, browser(web.url) as reader:
            text = await read(reader, "/incidents/id2")
            assert "This is not written down yet" in text
            assert "emergency" in text
            await house.see(OTA, ok(), ok())
            listed = await read(reader, "/incidents")
            assert listed.index("/incidents/id2") < listed.index("/incidents/id1")
            assert listed.count("(not written down yet)") == 2
            assert "/incidents/id2" not in await read(reader, "/incidents?state=resolved")


async def test_the_list_is_filtered_and_paged(reader: Browser, shift: Shift) -> None:
    first = await shift.now()
    for number in range(2, 6):
        one = replace(
            first,
            id=f"id{number}",
            key=f"key{number}",
            title=f"trouble {number}",
            opened_at=first.opened_at + timedelta(minutes=number),
            state=IncidentState.RESOLVED,
            resolved_at=first.opened_at + timedelta(hours=1),
        )
        await shift.night.store.commit(Change(incidents=(one,)))
    text = await read(reader, "/incidents?limit=2&state=")
    assert re.findall(r'href="/incidents/(\w+)"', text) == ["id5", "id4"]
    older = re.search(r'href="(/incidents\?[^"]+)" rel="next"', text)
    assert older is not None
    text = await read(reader, older[1])
    assert re.findall(r'href="/incidents/(\w+)"', text) == ["id3", "id2"]
    assert 'href="/incidents?limit=2">Newest' in text
    assert re.findall(r'href="/incidents/(\w+)"', await read(reader, "/incidents?state=open")) == ["id1"]
    assert "No incident like that." in await read(reader, "/incidents?hotel=other")
    assert 'value="other" selected' in await read(reader, "/incidents?hotel=other")
    assert "state must be open" in await read(reader, "/incidents?state=<b>", 400)
    assert "Unknown parameter" in await read(reader, "/incidents?x=1", 400)
