"""TCP ports: accepting, greeting, over either family, on either loop."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import uvloop

from checks.connection import Connector
from checks.lookup import Address
from checks.result import RESPONSE_TIME, Phase, Reason, Result, State
from daemon.demo.ports import free_port
from tests.support.probing import DEADLINE, look
from tests.support.servers import http, raw, server

V4 = (socket.AF_INET, "127.0.0.1")
V6 = (socket.AF_INET6, "::1")
NOWHERE = (socket.AF_INET6, "::2")


def resolving(*addresses: Address) -> Connector:
    async def resolve(_host: str) -> Sequence[Address]:
        return addresses

    return Connector(resolve=resolve)


async def test_a_port_that_accepts_is_ok() -> None:
    async with server() as one:
        result = await look("tcp", host="127.0.0.1", port=one.port)
        assert (result.state, set(result.phases)) == (State.OK, {Phase.CONNECT})
        assert result.measurements[RESPONSE_TIME] > 0
        await one.all_closed()


async def test_a_port_that_refuses_is_connect() -> None:
    result = await look("tcp", host="127.0.0.1", port=free_port())
    assert (result.reason, result.failed_phase) == (Reason.CONNECT, Phase.CONNECT)
    assert RESPONSE_TIME not in result.measurements


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (b"220 ready\r\n", None),
        (b"554 go away\r\n", Reason.CONTENT),
        (b"554-not\r\n554 now\r\n", Reason.CONTENT),
        (b"x" * 5000, Reason.CONTENT),
        (b"554-not yet", Reason.TIMEOUT),
        (b"554-not\r\n554-yet\r\n", Reason.TIMEOUT),
    ],
)
async def test_a_greeting_is_held_against_the_expectation(greeting: bytes, reason: Reason | None) -> None:
    async with server(greeting=greeting) as one:
        options: dict[str, Any] = {"host": "127.0.0.1", "port": one.port, "expect": {"matches": "^220 "}}
        deadline = DEADLINE if reason is Reason.TIMEOUT else 5.0
        result = await look("tcp", deadline=deadline, **options)
    assert result.reason is reason, result


async def test_a_wrong_greeting_followed_by_the_end_is_content() -> None:
    listening = await asyncio.start_server(_refuse, "127.0.0.1", 0)
    try:
        port = listening.sockets[0].getsockname()[1]
        result = await look("tcp", host="127.0.0.1", port=port, expect={"matches": "^220 "})
    finally:
        listening.close()
        await listening.wait_closed()
    assert result.reason is Reason.CONTENT
    assert "554 go away" in result.message


async def _refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"554 go away\r\n")
    writer.close()
    await writer.wait_closed()


async def test_an_end_without_a_greeting_is_protocol() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    try:
        port = listening.sockets[0].getsockname()[1]
        result = await look("tcp", host="127.0.0.1", port=port, expect={"matches": "."})
    finally:
        listening.close()
        await listening.wait_closed()
    assert result.reason is Reason.PROTOCOL


async def test_ipv6_is_probed_by_address_and_in_a_url() -> None:
    async with server(http(), host="::1") as one:
        assert (await look("tcp", host="::1", port=one.port)).state is State.OK
        assert (await look("http", url=one.url(host="[::1]"))).state is State.OK
        assert f"\r\nHost: [::1]:{one.port}\r\n".encode() in one.requests[0]


@pytest.mark.parametrize("addresses", [(V6, V4), (NOWHERE, V4), (NOWHERE, V6, V4)])
async def test_a_dead_address_does_not_kill_a_live_one(addresses: tuple[Address, ...]) -> None:
    async with server() as one:
        connector = resolving(*addresses)
        result = await look("tcp", host="vendor.example", port=one.port, connector=connector)
        assert result.state is State.OK, result
        await one.all_closed()


async def test_every_address_dead_is_connect() -> None:
    result = await look("tcp", host="vendor.example", port=free_port(), connector=resolving(V6, V4))
    assert result.reason is Reason.CONNECT


async def test_a_name_without_an_address_is_dns() -> None:
    result = await look("tcp", host="vendor.example", port=80, connector=resolving())
    assert (result.reason, result.failed_phase) == (Reason.DNS, Phase.RESOLVE)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "there is no such host name"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "the name server does not answer"),
        (socket.gaierror(socket.EAI_FAIL, "failed for good"), "failed for good"),
        (UnicodeError("label too long"), "it is not a valid host name"),
    ],
)
async def test_a_failed_look_up_says_how(error: Exception, words: str) -> None:
    async def resolve(_host: str) -> Sequence[Address]:
        raise error

    result = await look("tcp", host="vendor.example", port=80, connector=Connector(resolve=resolve))
    assert result.reason is Reason.DNS
    assert words in result.message


async def test_a_look_up_that_hangs_is_a_time_out_in_it() -> None:
    async def resolve(_host: str) -> Sequence[Address]:
        await asyncio.Event().wait()
        return ()

    connector = Connector(resolve=resolve)
    result = await look("tcp", host="vendor.example", port=80, connector=connector, deadline=DEADLINE)
    assert (result.reason, result.failed_phase) == (Reason.TIMEOUT, Phase.RESOLVE)


@pytest.mark.parametrize(
    "factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_probes_work_on_either_loop(factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def all_of_them() -> list[Result]:
        async with (
            server(http("200 OK", b"ok")) as one,
            server(raw(b"SSH-2.0\r\n")) as wrong,
            server() as silent,
        ):
            result = [
                await look("http", url=one.url(host="localhost")),
                await look("http", url=wrong.url()),
                await look("http", url=silent.url(), deadline=DEADLINE),
                await look("tls", host="127.0.0.1", port=silent.port, deadline=DEADLINE),
                await look("tcp", host="127.0.0.1", port=free_port()),
            ]
            await silent.all_closed()
            return result

    with asyncio.Runner(loop_factory=factory) as runner:
        reasons = [result.reason for result in runner.run(all_of_them())]
    assert reasons == [None, Reason.PROTOCOL, Reason.TIMEOUT, Reason.TIMEOUT, Reason.CONNECT]
