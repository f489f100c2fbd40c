"""The overview of several hotels: readable with five, and with five hundred."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import ClientSession

from checks.result import State
from daemon.board import Board
from tests.support.boards import answered, check, put, shown, timed_out
from tests.support.clock import FakeClock
from tests.support.letters import incident
from tests.support.pages import HOSTILE, assert_nothing_comes_alive, assert_only_its_own, page
from tests.support.web import House, serving

FIVE = {
    "harbour": "Harbour Hotel",
    "palace": "Palace Hotel",
    "garden": "Garden Inn",
    "station": "Station Inn",
    "villa": "Villa Rosa",
}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        fill(running.deps.board, running.clock, FIVE)
        yield running


def fill(board: Board, clock: FakeClock, hotels: dict[str, str]) -> None:
    """Let all hotels be well but the garden, whose payment fails, and the villa, not seen yet."""
    checks = [check(name, "health", name, hotel) for hotel in hotels for name in ("payment", "email")]
    board.watch(checks, hotels)
    for one in checks:
        if one.id.hotel != "villa":
            fails = one.id.hotel == "garden" and one.id.integration == "payment"
            put(board, one, timed_out() if fails else answered(), clock)


def rows(text: str) -> list[str]:
    """Return the hotels listed, in their order."""
    listed = text.partition('id="hotel-list"')[2]
    return re.findall(r'<(?:th scope="row"|li)><a href="/hotels/(\w+)">', listed)


async def test_one_look_tells_how_many_are_not_well(house: House) -> None:
    text = await page(house)
    assert "<title>✕ 1 not working, 1 not known of 5 hotels" in text
    assert "3 working" in text


async def test_the_worst_stands_first_and_what_is_well_is_one_line(house: House) -> None:
    text = await page(house)
    assert rows(text) == ["garden", "villa", "harbour", "palace", "station"]
    assert '<a class="chip bad" href="/hotels/garden/payment">' in text
    assert "no answer within 10 s" not in text


async def test_what_needs_a_person_leads_to_its_hotel(house: House) -> None:
    shown(replace(incident(), hotel="garden"), house.deps.board)
    text = await page(house)
    assert "Needs a person now" in text
    assert '<a href="/hotels/garden">Garden Inn</a>' in text
    assert '<a href="/incidents?hotel=garden">1 open</a>' in text


async def test_each_hotel_has_its_page_with_the_way_back(house: House) -> None:
    text = await page(house, "/hotels/garden")
    assert "1 not working of 2 integrations" in text
    assert '<a href="/">All hotels</a>' in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=inn", ["garden", "station"]),
        ("?q=HARBOUR", ["harbour"]),
        ("?status=unhealthy", ["garden"]),
        ("?status=unwell", ["garden", "villa"]),
        ("?status=healthy&q=hotel", ["harbour", "palace"]),
        ("?status=nonsense", ["garden", "villa", "harbour", "palace", "station"]),
        ("?q=%00%1b", ["garden", "villa", "harbour", "palace", "station"]),
    ],
)
async def test_hotels_can_be_looked_for_without_a_script(house: House, query: str, found: list[str]) -> None:
    text = await page(house, "/" + query)
    assert rows(text) == found
    assert "1 not working, 1 not known of 5 hotels" in text, "the verdict is about all of them"


async def test_what_was_looked_for_stays_in_the_form(house: House) -> None:
    text = await page(house, '/?q="><script>alert(1)</script>&status=degraded')
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in text
    assert '<option value="degraded" selected>' in text
    assert "No hotel is like that." in text


async def test_hotels_of_other_replicas_are_told_apart() -> None:
    async with serving() as running:
        board, others = running.deps.board, Board()
        fill(board, running.clock, {"harbour": "Harbour Hotel"})
        fill(others, running.clock, {"harbour": "Harbour Hotel", "garden": "Garden Inn"})
        for tile in others.tiles.values():
            tile.result = None
        running.everywhere = others
        text = await page(running)
        assert text.count('<span class="tag">elsewhere</span>') == 1
        there = await page(running, "/hotels/garden")
        assert "Another replica looks after this hotel." in there
        assert "not known" in there
        here = await page(running, "/hotels/harbour")
        assert "Another replica" not in here


async def test_nothing_hostile_comes_alive(house: House) -> None:
    fill(house.deps.board, house.clock, dict.fromkeys(FIVE, HOSTILE))
    about = incident()
    shown(replace(about, hotel="garden", title=HOSTILE), house.deps.board)
    assert_nothing_comes_alive(await page(house))


async def test_the_page_loads_nothing_from_elsewhere(house: House) -> None:
    async with ClientSession() as session, session.get(house.url + "/") as answer:
        assert_only_its_own(await answer.text(), answer.headers["Content-Security-Policy"])


async def test_five_hundred_hotels_hold_up_nobody_else(house: House) -> None:
    fill(house.deps.board, house.clock, {f"hotel{number}": f"Hotel {number}" for number in range(500)})
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count_turns())
    text = await page(house)
    counting.cancel()
    assert "All is well" in text
    assert len(rows(text)) == 500
    assert turns > 20
    assert all(tile.standing and tile.standing.state is State.OK for tile in house.deps.board.tiles.values())
