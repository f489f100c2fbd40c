"""Broken answers of every kind end in a result with the right reason."""

import gzip
import resource
import socket
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from checks.connection import Unreachable
from checks.context import Trace
from checks.http_exchange import Exchange
from checks.result import RESPONSE_TIME, Phase, Reason, State
from daemon.demo.ports import free_port
from tests.support.probing import DEADLINE, look
from tests.support.servers import Answer, Script, http, nothing, raw, server

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b"0" * 30_000_000)


def dripping_head(script: Script) -> None:
    script.say(b"HTTP/1.1 200 OK\r\n", close=False)
    script.drip(b"X-Drip: 1\r\n")


def dripping_body(script: Script) -> None:
    script.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", close=False)
    script.drip(b"x")


def endless_body(script: Script) -> None:
    script.say(b"HTTP/1.1 200 OK\r\n\r\n", close=False)
    script.drip(b"x" * 65536, pause=0.001)


def endless_head(script: Script) -> None:
    script.say(b"HTTP/1.1 200 OK\r\n", close=False)
    script.drip(b"X-Endless: " + b"x" * 8192 + b"\r\n", pause=0.001)


def reset(script: Script) -> None:
    script.reset()


BROKEN: dict[str, tuple[Answer, Reason]] = {
    "silence": (nothing, Reason.TIMEOUT),
    "a head that drips": (dripping_head, Reason.TIMEOUT),
    "a body that drips": (dripping_body, Reason.TIMEOUT),
    "a body without end": (endless_body, Reason.TOO_LARGE),
    "a head without end": (endless_head, Reason.TOO_LARGE),
    "a reset": (reset, Reason.PROTOCOL),
    "an end before any answer": (raw(), Reason.PROTOCOL),
    "an end in the head": (raw(b"HTTP/1.1 200 OK\r\nContent-"), Reason.PROTOCOL),
    "a body that is too short": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour"), Reason.PROTOCOL),
    "a length that is no number": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n"), Reason.PROTOCOL),
    "a negative length": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), Reason.PROTOCOL),
    "two lengths": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        Reason.PROTOCOL,
    ),
    "length and chunks": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Reason.PROTOCOL,
    ),
    "chunks of no size": (
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        Reason.PROTOCOL,
    ),
    "chunks that end early": (
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        Reason.PROTOCOL,
    ),
    "no status": (raw(b"HTTP/1.1 OK\r\n\r\n"), Reason.PROTOCOL),
    "a header without colon": (raw(b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"), Reason.PROTOCOL),
    "another protocol": (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), Reason.PROTOCOL),
    "junk": (raw(bytes(range(256)) * 20), Reason.PROTOCOL),
    "nothing but interim answers": (raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 20), Reason.PROTOCOL),
    "an upgrade": (
        raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        Reason.PROTOCOL,
    ),
    "a gzip bomb": (http("200 OK", BOMB, "Content-Encoding: gzip"), Reason.TOO_LARGE),
    "gzip that ends early": (
        http("200 OK", gzip.compress(b"all is well" * 99)[:-9], "Content-Encoding: gzip"),
        Reason.PROTOCOL,
    ),
    "gzip that is none": (http("200 OK", b"plain", "Content-Encoding: gzip"), Reason.PROTOCOL),
    "a body over the cap": (http("200 OK", b"x" * 300_000), Reason.TOO_LARGE),
    "a second gzip member that is none": (
        http("200 OK", gzip.compress(b"all") + gzip.compress(b"is well")[:-4], "Content-Encoding: gzip"),
        Reason.PROTOCOL,
    ),
    "nothing but trailers": (
        raw(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            *[b"X: " + b"y" * 9000 + b"\r\n"] * 400,
        ),
        Reason.TOO_LARGE,
    ),
    "nothing but extensions of chunks": (
        raw(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            *[b"1;" + b"e" * 9000 + b"\r\nx\r\n"] * 400,
        ),
        Reason.TOO_LARGE,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_answer_has_its_reason(name: str) -> None:
    answer, reason = BROKEN[name]
    deadline = DEADLINE if reason is Reason.TIMEOUT else 5.0
    async with server(answer) as one:
        result = await look("http", url=one.url(), deadline=deadline)
        assert result.reason is reason, result
        assert RESPONSE_TIME not in result.measurements
        assert result.failed_phase in {Phase.PROCESSING, Phase.TRANSFER}
        await one.all_closed()


async def test_a_refused_connection_is_connect() -> None:
    result = await look("http", url=f"http://127.0.0.1:{free_port()}/")
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CONNECT)
    assert result.failed_phase is Phase.CONNECT
    assert "refused" in result.message


async def test_a_server_that_speaks_first_and_wrongly_is_protocol() -> None:
    async with server(greeting=b"220 mail.example ESMTP\r\n") as one:
        assert (await look("http", url=one.url())).reason is Reason.PROTOCOL


async def test_a_time_out_says_in_which_phase() -> None:
    async with server() as one:
        result = await look("http", url=one.url(), deadline=DEADLINE)
    assert (result.reason, result.failed_phase) == (Reason.TIMEOUT, Phase.PROCESSING)
    assert "while waiting for the answer" in result.message
    assert result.phases[Phase.PROCESSING] > 0.1


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(b"all is well", mtime=0), "gzip"),
        (zlib.compress(b"all is well"), "deflate"),
        (b"all is well", "identity"),
    ],
)
async def test_a_compressed_answer_is_read_though_none_was_asked_for(body: bytes, coding: str) -> None:
    async with server(http("200 OK", body, f"Content-Encoding: {coding}")) as one:
        assert (await look("http", url=one.url(), expect={"matches": "^all is well$"})).state is State.OK


async def test_raw_deflate_is_read_too() -> None:
    packer = zlib.compressobj(wbits=-15)
    body = packer.compress(b"all is well") + packer.flush()
    async with server(http("200 OK", body, "Content-Encoding: deflate")) as one:
        assert (await look("http", url=one.url(), expect={"matches": "all is well"})).state is State.OK


async def test_a_trailer_is_no_header() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nRetry-After: 3600\r\n\r\n"
    async with server(raw(chunks)) as one:
        result = await look("http", url=one.url())
    assert (result.state, result.retry_after) == (State.OK, None)


async def test_an_answer_before_the_question_is_none() -> None:
    trace = Trace()
    trace.enter(Phase.CONNECT)
    exchange = Exchange(trace, 1000, head_only=False)
    exchange.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(Unreachable, match="before it was asked"):
        await exchange.answer


async def test_members_of_gzip_are_one_body() -> None:
    body = gzip.compress(b"all is ") + gzip.compress(b"well") + b"padding"
    async with server(http("200 OK", body, "Content-Encoding: gzip")) as one:
        assert (await look("http", url=one.url(), expect={"matches": "^all is well$"})).state is State.OK


async def test_a_want_of_our_own_is_our_own_fault() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with server(http()) as one:
        await look("http", url=one.url())
        used = max(int(one.name) for one in Path("/proc/self/fd").iterdir())
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 1, hard))
        spare = []
        try:
            with suppress(OSError):
                while True:
                    spare.append(socket.socket())
            result = await look("http", url=one.url())
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for sock in spare:
                sock.close()
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.INTERNAL)


async def test_what_follows_a_whole_answer_is_ignored() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\nX: y\r\n\r\nrubbish"
    async with server(raw(whole)) as one:
        result = await look("http", url=one.url(), expect={"matches": "^ok$"})
    assert result.state is State.OK
    assert result.measurements["status_code"] == 200


async def test_interim_answers_are_passed_over() -> None:
    both = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with server(raw(both)) as one:
        assert (await look("http", url=one.url())).state is State.OK


async def test_an_answer_that_ends_with_the_connection_is_whole() -> None:
    async with server(raw(b"HTTP/1.0 200 OK\r\n\r\nas long as it lasts")) as one:
        result = await look("http", url=one.url(), expect={"matches": "lasts$"})
    assert (result.state, result.measurements["body_bytes"]) == (State.OK, 19)


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
async def test_answers_without_a_body_do_not_wait_for_one(status: str) -> None:
    async with server(raw(f"HTTP/1.1 {status}\r\n\r\n".encode(), close=False)) as one:
        result = await look("http", url=one.url(), expect={"status": [204, 304]}, deadline=2)
    assert result.state is State.OK


async def test_the_answer_to_head_has_no_body() -> None:
    async with server(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", close=False)) as one:
        assert (await look("http", url=one.url(), method="HEAD", deadline=2)).state is State.OK


async def test_a_healthy_chunked_answer_is_read() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks += b"3\r\nall\r\n5;x=y\r\n well\r\n0\r\nT: x\r\n\r\n"
    async with server(raw(chunks, close=False)) as one:
        assert (await look("http", url=one.url(), expect={"matches": "^all well$"})).state is State.OK
