"""Health endpoints: what an answer says of itself."""

import pytest

from checks import health
from checks.result import Reason, State
from tests.support.probing import look
from tests.support.servers import http, server

JSON, PAGE, TEXT = "application/json", "text/html", "text/plain"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, b'{"status": "ok"}'),
        (JSON, b'{"status": " UP "}'),
        (JSON, b"{}"),
        (JSON, b"[1, 2]"),
        (JSON, b'\xef\xbb\xbf{"status": "ok"}'),
        (f"{JSON}; charset=latin-1", '{"status": "ok", "city": "Köln"}'.encode("latin-1")),
        (JSON, '{"status": "ok"}'.encode("utf-16")),
        (TEXT, b"all is well"),
        (TEXT, b""),
    ],
)
async def test_a_healthy_answer_is_ok(kind: str, body: bytes) -> None:
    async with server(http("200 OK", body, f"Content-Type: {kind}")) as one:
        result = await look(health.CHECK, url=one.url())
    assert result.state is State.OK, result


async def test_no_content_is_an_answer_too() -> None:
    async with server(http("204 No Content", b"", f"Content-Type: {JSON}")) as one:
        assert (await look(health.CHECK, url=one.url())).state is State.OK


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (JSON, b'{"status": "down"}', 'says of itself: status "down"'),
        (JSON, b'{"status": null}', "says of itself: status null"),
        (JSON, b'{"status": true}', "says of itself: status true"),
        (JSON, b"not json", "promised JSON and answered not json"),
        (JSON, b"", "promised JSON and answered nothing"),
        (JSON, b"[" * 100_000, "promised JSON"),
        (PAGE, b"<p>hello", "a web page"),
        (TEXT, b"  <!DOCTYPE html><html>", "a web page"),
        (TEXT, b"\xef\xbb\xbf<html>", "a web page"),
    ],
)
async def test_an_answer_that_says_otherwise_is_content(kind: str, body: bytes, said: str) -> None:
    async with server(http("200 OK", body, f"Content-Type: {kind}")) as one:
        result = await look(health.CHECK, url=one.url())
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CONTENT)
    assert said in result.message
