"""Whole answers: what their status, headers and bodies mean, and what is asked."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from checks.result import RESPONSE_TIME, Phase, Reason, State
from tests.support.probing import look
from tests.support.servers import http, server


async def test_a_healthy_answer_is_measured_in_phases() -> None:
    async with server(http("200 OK", b'{"status": "ok"}')) as one:
        result = await look("http", url=one.url("/health?full=1"))
        request = one.requests[0].decode()
    assert (result.state, result.reason, result.failed_phase) == (State.OK, None, None)
    assert set(result.phases) == {Phase.CONNECT, Phase.PROCESSING, Phase.TRANSFER}
    assert result.measurements[RESPONSE_TIME] == pytest.approx(sum(result.phases.values()) * 1000, abs=0.01)
    assert result.measurements["body_bytes"] == 16
    assert request.startswith("GET /health?full=1 HTTP/1.1\r\n")
    assert f"\r\nHost: 127.0.0.1:{one.port}\r\n" in request
    assert "\r\nX-Monitor-Probe: nightporter\r\n" in request
    assert "\r\nUser-Agent: NightPorter/" in request


async def test_a_host_by_name_has_a_look_up_phase() -> None:
    async with server(http()) as one:
        result = await look("http", url=one.url(host="localhost"))
    assert Phase.RESOLVE in result.phases


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        ("200 OK", State.OK, None),
        ("204 No Content", State.OK, None),
        ("301 Moved", State.WARNING, Reason.REDIRECT),
        ("400 Bad Request", State.CRITICAL, Reason.CLIENT_ERROR),
        ("401 Unauthorized", State.CRITICAL, Reason.CREDENTIALS),
        ("403 Forbidden", State.CRITICAL, Reason.FORBIDDEN),
        ("404 Not Found", State.CRITICAL, Reason.CLIENT_ERROR),
        ("407 Proxy", State.CRITICAL, Reason.CREDENTIALS),
        ("429 Slow", State.WARNING, Reason.RATE_LIMITED),
        ("500 Oops", State.CRITICAL, Reason.SERVER_ERROR),
        ("503 Away", State.CRITICAL, Reason.SERVER_ERROR),
        ("599 Odd", State.CRITICAL, Reason.SERVER_ERROR),
    ],
)
async def test_a_status_has_its_meaning(status: str, state: State, reason: Reason | None) -> None:
    async with server(http(status)) as one:
        result = await look("http", url=one.url())
    assert (result.state, result.reason) == (state, reason)
    assert result.measurements["status_code"] == int(status[:3])
    assert RESPONSE_TIME in result.measurements


async def test_an_expected_status_is_healthy_whatever_it_is() -> None:
    async with server(http("404 Not Found")) as one:
        assert (await look("http", url=one.url(), expect={"status": [404]})).state is State.OK
        assert (await look("http", url=one.url(), expect={"status": ["4xx"]})).state is State.OK


async def test_an_unexpected_success_is_content() -> None:
    async with server(http("202 Accepted")) as one:
        result = await look("http", url=one.url(), expect={"status": [200]})
    assert result.reason is Reason.CONTENT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("999999999999999999", 3600.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("\u0661", None),
        ("Fri, 99 Foo 2026 00:00:00 GMT", None),
        ("", None),
    ],
)
async def test_retry_after_is_obeyed_within_reason(value: str, seconds: float | None) -> None:
    async with server(lambda script: script.say(_answer(value))) as one:
        result = await look("http", url=one.url())
    assert result.reason is Reason.RATE_LIMITED
    assert result.retry_after == seconds


def _answer(value: str) -> bytes:
    return b"HTTP/1.1 429 Slow\r\nRetry-After: " + value.encode() + b"\r\nContent-Length: 0\r\n\r\n"


async def test_retry_after_may_be_a_date() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    async with server(http("503 Away", b"", f"Retry-After: {at}")) as one:
        result = await look("http", url=one.url())
    assert result.reason is Reason.RATE_LIMITED
    assert result.retry_after is not None
    assert 90 <= result.retry_after <= 100


@pytest.mark.parametrize(("status", "reason"), [("500 Oops", Reason.SERVER_ERROR), ("200 OK", None)])
async def test_any_answer_may_ask_for_a_pause(status: str, reason: Reason | None) -> None:
    async with server(http(status, b"", "Retry-After: 30")) as one:
        result = await look("http", url=one.url())
    assert (result.reason, result.retry_after) == (reason, 30.0)


EXPECTATIONS = [
    ({"json": {"$.status": "ok"}}, b'{"status": "ok"}', None),
    ({"json": {"$.status": "ok"}}, b'{"status": "down"}', '$.status is "down", expected "ok"'),
    ({"json": {"$.status": "ok"}}, b"{}", "$.status is missing"),
    ({"json": {"$.a[1].b": 2}}, b'{"a": [0, {"b": 2}]}', None),
    ({"json": {"$.a[9]": 2}}, b'{"a": []}', "$.a[9] is missing"),
    ({"json": {"$.up": True}}, b'{"up": 1}', "$.up is 1, expected true"),
    ({"json": {"$.n": 1}}, b'{"n": 1.0}', None),
    ({"json": {"$.n": [1, {"a": 0}]}}, b'{"n": [true, {"a": 0}]}', "$.n is [true"),
    ({"json": {"$.n": [1, {"a": 0}]}}, b'{"n": [1, {"a": false}]}', "$.n is [1"),
    ({"json": {"$.n": [1, {"a": 0}]}}, b'{"n": [1, {"a": 0}]}', None),
    ({"json": {"$.status": "ok"}}, b'\xef\xbb\xbf{"status": "ok"}', None),
    ({"json": {"$": []}}, b"[]", None),
    ({"json": {"$.a": None}}, b'{"a": null}', None),
    ({"json": {"$.a": 1}}, b"<!doctype html><html>", "not JSON but a page"),
    ({"json": {"$.a": 1}}, b"", "not JSON but nothing"),
    ({"json": {"$.a": 1}}, b"[" * 100_000, "not JSON"),
    ({"json": {"$.a": 1}}, b"\xff\xfe\x00", "not JSON"),
    ({"matches": "all is (well|fine)"}, b"all is fine", None),
    ({"matches": "all is well"}, b"all is lost", "does not match all is well: all is lost"),
    ({"not_matches": "(?i)error"}, b"fine", None),
    ({"not_matches": "(?i)error"}, b"an Error occurred", "which it must not: Error"),
    ({"headers": {"X-Version": "^2"}}, b"", "header X-Version is 1.9"),
    ({"headers": {"X-Missing": "."}}, b"", "header X-Missing is missing"),
    ({"headers": {"x-version": "^1"}}, b"", None),
]


@pytest.mark.parametrize(("expect", "body", "complaint"), EXPECTATIONS)
async def test_an_expectation_is_held_against_the_answer(
    expect: dict[str, object], body: bytes, complaint: str | None
) -> None:
    async with server(http("200 OK", body, "X-Version: 1.9")) as one:
        result = await look("http", url=one.url(), expect=expect)
    if complaint is None:
        assert result.state is State.OK, result
    else:
        assert result.reason is Reason.CONTENT
        assert complaint in result.message


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain; charset=utf-16", "Größe".encode("utf-16")),
        ("text/plain; charset=latin-1", "Größe".encode("latin-1")),
        ("text/plain; charset=nonsense", "Größe".encode()),
        ("text/plain; charset=hex", "Größe".encode()),
        ("text/plain; charset=punycode", "Größe".encode()),
        ("text/plain", "Größe".encode()),
    ],
)
async def test_text_is_read_in_its_charset(kind: str, body: bytes) -> None:
    async with server(http("200 OK", body, f"Content-Type: {kind}")) as one:
        assert (await look("http", url=one.url(), expect={"matches": "Größe"})).state is State.OK


async def test_what_a_remote_says_is_quoted_on_one_line_and_short() -> None:
    hostile = b"\x1b[31mline one\r\nline two\x00" + "\u202e".encode() + b"A" * 5000
    async with server(http("200 OK", hostile)) as one:
        result = await look("http", url=one.url(), expect={"matches": "well"})
    assert result.message.isprintable()
    assert len(result.message) <= 300


async def test_method_headers_and_body_are_sent() -> None:
    async with server(http()) as one:
        await look(
            "http",
            url=one.url(),
            method="POST",
            headers={"Content-Type": "text/xml", "Host": "vhost.example", "Accept": "text/xml"},
            body="<ping/>",
        )
        request = one.requests[0].decode()
    assert request.startswith("POST / HTTP/1.1\r\n")
    assert "\r\nHost: vhost.example\r\n" in request
    assert request.count("Host:") == request.count("Accept:") == 1
    assert "\r\nContent-Length: 7\r\n" in request
    assert request.endswith("\r\n\r\n<ping/>")


async def test_credentials_are_sent_and_never_shown() -> None:
    async with server(http("401 Unauthorized", b"no: Bearer s3cret-key")) as one:
        result = await look(
            "http", url=one.url(), api_key="s3cret-key", expect={"status": [200]}, secrets=("s3cret-key",)
        )
        assert b"\r\nAuthorization: Bearer s3cret-key\r\n" in one.requests[0]
        await look("http", url=one.url(), username="porter", password="pw", allow_plaintext_auth=True)
        assert b"\r\nAuthorization: Basic cG9ydGVyOnB3\r\n" in one.requests[1]
        shown = await look(
            "http",
            url=one.url(),
            api_key="s3cret-key",
            expect={"status": [401], "matches": "yes"},
            secrets=("s3cret-key",),
        )
    assert "s3cret-key" not in result.message + shown.message
    assert "[hidden]" in shown.message


async def test_a_card_number_in_an_answer_is_not_shown() -> None:
    async with server(http("200 OK", b"declined: 4111 1111 1111 1111")) as one:
        result = await look("http", url=one.url(), expect={"matches": "approved"})
    assert "declined: [card number]" in result.message
