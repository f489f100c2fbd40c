"""Pages that are being looked at are told when something has changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from checks.result import Reason, failed, ok
from daemon.web.live import CHANGED, Pulse
from tests.support.boards import check, put
from tests.support.web import House, serving

SOON = 10.0


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        yield running


async def event(answer: ClientResponse) -> str:
    async with asyncio.timeout(SOON):
        while line := await answer.content.readline():
            if line.startswith(b"event: "):
                return line.decode().removeprefix("event: ").strip()
    return "end"


async def until(answer: ClientResponse, wanted: str) -> None:
    while await event(answer) != wanted:
        pass


async def test_what_changes_is_told_to_all_who_listen(house: House) -> None:
    board, one = house.deps.board, check("payment", "health", "payment")
    board.watch([one], {"grand-harbour": "Grand Harbour Hotel"})
    put(board, one, ok(), house.clock)
    async with (
        ClientSession() as session,
        session.get(house.url + "/events") as first,
        session.get(house.url + "/events") as second,
    ):
        assert first.content_type == "text/event-stream"
        await until(first, "beat")
        put(board, one, failed(Reason.TIMEOUT, "no answer"), house.clock)
        await until(first, "changed")
        await until(second, "changed")


async def test_who_listens_does_not_hold_up_the_end() -> None:
    async with ClientSession() as session:
        async with serving() as house:
            answer = await session.get(house.url + "/events")
            await until(answer, "beat")
        # The front is closed: it waited for nobody, and the stream ended as a whole answer.
        async with answer:
            assert await event(answer) == "end"


async def test_the_script_is_served_and_nothing_else(house: House) -> None:
    async with ClientSession() as session:
        async with session.get(house.url + "/static/porter.js") as answer:
            assert answer.content_type == "text/javascript"
            assert "EventSource" in await answer.text()
        for name in ("base.css", "..%2fguard.py", "%00"):
            async with session.get(f"{house.url}/static/{name}") as answer:
                assert answer.status == 404


async def test_a_look_that_fails_leaves_nobody_with_an_old_page() -> None:
    looks: list[int] = []
    said: list[dict[str, Any]] = []

    async def look() -> int:
        looks.append(1)
        if len(looks) == 2:
            raise RuntimeError("a fault of ours")
        return len(looks)

    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: said.append(what))
    pulse = Pulse(look)
    async with asyncio.timeout(SOON):
        assert [event async for event in pulse.events()] == []
        async with aclosing(pulse.events()) as again:
            assert await anext(again) == CHANGED
    await pulse.close()
    assert str(said[0]["exception"]) == "a fault of ours"
