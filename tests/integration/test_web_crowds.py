"""Many strangers, and slow ones, take neither the pages nor the descriptors that the rest needs."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import pytest
from aiohttp import ClientSession

from daemon import logs
from daemon.web.live import Pulse
from tests.support.boards import check
from tests.support.polling import until
from tests.support.web import House, serving

MOST = 20
ASK = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
TOKEN = "s3cret-Tök"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
SLOW = b"POST /login HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n" + FORM + b"Content-Length: 50\r\n\r\n"
SOON = 10.0


class Stranger:
    """A connection, and whether the other side has had enough of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @property
    def gone(self) -> bool:
        ended = self.reader._eof  # type: ignore[attr-defined]  # at_eof() waits until all is read
        return bool(ended) or self.reader.exception() is not None

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self, what: bytes) -> None:
        async with asyncio.timeout(SOON):
            await self.reader.readuntil(what)


@asynccontextmanager
async def strangers(house: House, many: int, data: bytes = b"") -> AsyncIterator[list[Stranger]]:
    """Connect as often as is said, and send each the same."""
    there: list[Stranger] = []
    try:
        for _ in range(many):
            there.append(Stranger(*await asyncio.open_connection("127.0.0.1", house.port)))
            if data:
                await there[-1].says(data)
        yield there
    finally:
        for one in there:
            one.writer.transport.abort()


async def answers(house: House) -> bool:
    """Say whether somebody who comes now is served at once."""
    async with (
        asyncio.timeout(SOON),
        ClientSession() as session,
        session.get(house.url + "/-/healthy") as answer,
    ):
        return answer.status == 200


async def test_who_says_nothing_for_longest_makes_room() -> None:
    async with (
        serving(most=MOST) as house,
        strangers(house, MOST * 3, b"GET / HTTP/1.1\r\nX-Slow: ") as crowd,
    ):
        await until(lambda: sum(not one.gone for one in crowd) <= MOST, SOON, "only so many stay")
        assert all(one.gone for one in crowd[: MOST * 2])
        assert not crowd[-1].gone
        began = time.monotonic()
        for _ in range(MOST):
            assert await answers(house)
        assert time.monotonic() - began < SOON


async def test_where_it_is_crowded_nobody_is_waited_for_between_two_requests() -> None:
    async with serving(most=MOST) as house, strangers(house, 14) as crowd:
        for one in crowd:
            await one.says(ASK)
            await one.hears(b"healthy\n")
        # There is room: all may ask again.
        for one in crowd:
            await one.says(ASK)
            await one.hears(b"healthy\n")
        async with strangers(house, 2, ASK) as more:
            await until(lambda: all(one.gone for one in crowd), SOON, "the idle ones are closed")
            for one in more:
                await one.hears(b"healthy\n")
        assert await answers(house)


async def test_when_all_are_busy_further_ones_are_turned_away_and_it_is_said_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", "json", logs.Redactor())
    async with serving(TOKEN, most=MOST) as house, strangers(house, MOST, SLOW) as busy:
        for one in busy:
            await one.hears(b"100 Continue")
        async with strangers(house, 3) as late:
            await until(lambda: all(one.gone for one in late), SOON, "there is no room")
        assert not any(one.gone for one in busy)
        await busy[0].says(b"x" * 50)
        await busy[0].hears(b"</html>")
        assert await answers(house)
        await until(lambda: busy[0].gone, SOON, "it gave its place to the next one")
    assert capsys.readouterr().err.count('"web.connections.exhausted"') == 1


async def test_a_body_that_drips_is_cut_off() -> None:
    head = b"Host: x\r\nContent-Length: 100\r\n"
    async with serving(TOKEN, patience=0.2) as house:
        async with strangers(house, 1, b"POST /login HTTP/1.1\r\n" + FORM + head + b"\r\ntoken=") as (one,):
            await one.hears(b"408 Request Timeout")
            async with asyncio.timeout(SOON):
                await one.reader.read()
        bearer = b"Authorization: Bearer " + TOKEN.encode() + b"\r\n"
        start = b"POST /api/v1/incidents/id1/ack HTTP/1.1\r\n" + bearer
        async with strangers(house, 1, start + head + b'\r\n{"by":') as (one,):
            await one.hears(b"408 Request Timeout")


async def test_a_body_without_an_announced_length_is_limited_as_well() -> None:
    head = b"POST /login HTTP/1.1\r\nHost: x\r\n" + FORM + b"Transfer-Encoding: chunked\r\n\r\n"
    async with serving(TOKEN) as house, strangers(house, 1, head) as (one,):
        piece = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
        for _ in range(5):
            await one.says(piece)
        await one.hears(b"413 ")


async def test_a_packed_body_is_limited_by_what_is_in_it() -> None:
    packed = zlib.compress(b"token=" + b"x" * 10_000_000)
    headers = {"Content-Encoding": "deflate", "Content-Type": "application/x-www-form-urlencoded"}
    async with (
        serving(TOKEN) as house,
        ClientSession() as session,
        session.post(house.url + "/login", data=packed, headers=headers) as answer,
    ):
        assert answer.status == 413


async def test_two_lengths_are_no_request() -> None:
    both = b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    twice = b"Content-Length: 6\r\nContent-Length: 7\r\n\r\ntoken="
    async with serving(TOKEN) as house:
        for rest in (both, twice):
            async with strangers(house, 1, b"POST /login HTTP/1.1\r\nHost: x\r\n" + FORM + rest) as (one,):
                await one.hears(b" 400 ")


@pytest.mark.parametrize("by", ["cookie", "bearer", "nothing"])
async def test_a_stream_ends_when_the_token_changes(by: str) -> None:
    async with serving(None if by == "nothing" else TOKEN) as house, ClientSession() as session:
        opens = await shown(session, house, by)
        async with session.get(house.url + "/events", headers=opens) as answer:
            assert answer.status == 200
            house.token = "another"
            stir(house)
            async with asyncio.timeout(SOON):
                assert await answer.content.read() == b""


async def test_a_stream_ends_with_the_session_it_was_opened_with() -> None:
    async with serving(TOKEN) as house, ClientSession() as session:
        cookie = await shown(session, house, "cookie")
        async with session.get(house.url + "/events", headers=cookie) as answer, asyncio.timeout(SOON):
            stir(house)
            assert await answer.content.readline() == b"event: changed\n"
            house.clock.advance(13 * 3600)
            stir(house)
            assert (await answer.content.read()).count(b"event") == 0


def stir(house: House) -> None:
    """Let something change that pages are told of."""
    board = house.deps.board
    board.watch(
        [check("door_locks", "health"), check(f"new{len(board.integrations)}", "health")], board.hotels
    )


async def shown(session: ClientSession, house: House, by: str) -> dict[str, str]:
    """Return what opens the doors."""
    if by != "cookie":
        return {"Authorization": f"Bearer {TOKEN}"} if by == "bearer" else {}
    fields = {"token": TOKEN}
    async with session.post(house.url + "/login", data=fields, allow_redirects=False) as answer:
        return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


async def test_a_head_of_the_stream_ends_at_once() -> None:
    async with (
        serving() as house,
        ClientSession() as session,
        asyncio.timeout(SOON),
        session.head(house.url + "/events") as answer,
    ):
        assert (answer.status, answer.content_type) == (200, "text/event-stream")


async def test_a_stream_goes_on_for_a_while_only() -> None:
    async def other() -> int:
        return next(numbers)

    numbers = count()
    pulse = Pulse(other, lasts=0.0)
    async with asyncio.timeout(SOON):
        assert [event async for event in pulse.events()] == []
    assert len(pulse) == 0
    await pulse.close()
