"""The availability cache of a booking engine: how old it is, and whether that is told properly."""

from datetime import UTC, datetime, timedelta

import pytest

from checks import cache, http
from checks.integrations import looks_http
from checks.integrations.built_in import Tuning
from checks.result import LAST, RESPONSE_TIME, SYNC_DELAY, Quota, Reason, State
from tests.support.hotel import site
from tests.support.probing import given, look
from tests.support.servers import http as answer
from tests.support.servers import server


def told(ago: float, lifetime: object = 300, zone: str = "Z") -> bytes:
    at = (datetime.now(UTC) - timedelta(seconds=ago)).replace(tzinfo=None).isoformat()
    return f'{{"last_refresh": "{at}{zone}", "ttl_seconds": {lifetime}}}'.encode()


def lasting(lifetime: object) -> bytes:
    return f'{{"last_refresh": "2026-11-22T08:00:00Z", "ttl_seconds": {lifetime}}}'.encode()


async def test_a_fresh_cache_is_ok_and_measured() -> None:
    async with server(answer("200 OK", told(42), "RateLimit-Limit: 100", "RateLimit-Remaining: 99")) as one:
        result = await look(cache.CHECK, url=one.url())
    assert (result.state, result.message) == (State.OK, "refreshed 42 s ago, good for 5 min")
    assert result.measurements[SYNC_DELAY] == pytest.approx(42, abs=5)
    assert result.measurements[LAST] == pytest.approx(datetime.now(UTC).timestamp() - 42, abs=5)
    assert {RESPONSE_TIME, "status_code", "body_bytes"} <= result.measurements.keys()
    assert result.quotas == {"api": Quota(1, 100)}


async def test_a_cache_past_its_lifetime_is_stale_at_once() -> None:
    async with server(answer("200 OK", told(3600))) as one:
        result = await look(cache.CHECK, url=one.url())
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.STALE, True)
    assert result.message == "last refreshed 60 min ago, and good for 5 min only"
    assert (result.limit, result.unit) == (300, "s")
    assert result.observed == pytest.approx(3600, abs=5)
    assert result.measurements[SYNC_DELAY] == pytest.approx(3600, abs=5)


async def test_clocks_may_differ_a_little_and_not_more() -> None:
    async with server(answer("200 OK", told(-30))) as one:
        near = await look(cache.CHECK, url=one.url())
    async with server(answer("200 OK", told(-7200))) as one:
        far = await look(cache.CHECK, url=one.url())
    assert (near.state, near.measurements[SYNC_DELAY]) == (State.OK, 0)
    assert (far.state, far.reason) == (State.WARNING, Reason.MISMATCH)
    assert far.message == "last_refresh lies 120 min in the future: a clock is wrong"


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-22T08:00:00Z",
        "2026-11-22t08:00:00.123456789z",
        "2026-11-22 09:00:00+01:00",
        "2026-11-22T02:30:00.5-05:30",
        "2026-11-22T07:59:60Z",
    ],
)
async def test_a_time_may_be_written_in_every_way_of_rfc_3339(time: str) -> None:
    body = f'{{"last_refresh": "{time}", "ttl_seconds": 1.5e8}}'.encode()
    later = datetime(2026, 11, 22, 8, 0, 30, tzinfo=UTC) - datetime.now(UTC)
    async with server(answer("200 OK", body)) as one:
        result = await look(cache.CHECK, url=one.url(), later=later)
    assert result.state is State.OK, result
    assert result.measurements[SYNC_DELAY] == pytest.approx(30, abs=2)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{}", "last_refresh is missing, expected a time such as"),
        (b'{"last_refresh": "2026-11-22T08:00:00Z"}', "ttl_seconds is missing, expected a number of seconds"),
        (b'{"last_refresh": null, "ttl_seconds": 5}', "last_refresh is null, expected"),
        (b'{"last_refresh": 1790000000, "ttl_seconds": 5}', "last_refresh is 1790000000, expected"),
        (b'{"last_refresh": ["x"], "ttl_seconds": 5}', "last_refresh is a list, expected"),
        (
            b'{"last_refresh": "2026-11-22T08:00:00", "ttl_seconds": 5}',
            'last_refresh is "2026-11-22T08:00:00"',
        ),
        (b'{"last_refresh": "2026-13-45T99:00:00Z", "ttl_seconds": 5}', "last_refresh is"),
        (b'{"last_refresh": "0001-01-01T00:00:00+14:00", "ttl_seconds": 5}', "last_refresh is"),
        (b'{"last_refresh": "yesterday", "ttl_seconds": 5}', 'last_refresh is "yesterday"'),
        (lasting('"300"'), 'ttl_seconds is "300"'),
        (lasting("true"), "ttl_seconds is true"),
        (lasting("-5"), "ttl_seconds is -5"),
        (lasting("false"), "ttl_seconds is false"),
        (lasting("1e999"), "ttl_seconds is Infinity"),
        (lasting("NaN"), "ttl_seconds is NaN"),
        (lasting("9" * 4000), "ttl_seconds is 999"),
        (lasting("{}"), "ttl_seconds is an object"),
        (b"[]", "the body is a list, expected a JSON object"),
        (b"42", "the body is 42, expected a JSON object"),
        (b"", "the body is not JSON but nothing"),
        (b"\xff\xfe\x00", "the body is not JSON but"),
        (b"<html>login", "the body is not JSON but a page"),
        (b"[" * 100_000, "the body is not JSON but [[["),
    ],
)
async def test_what_is_not_told_properly_is_content(body: bytes, said: str) -> None:
    async with server(answer("200 OK", body, "Content-Type: application/json")) as one:
        result = await look(cache.CHECK, url=one.url())
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CONTENT)
    assert result.message.startswith(said)


@pytest.mark.parametrize("body", [lasting(0), lasting("0.0"), b'{"ttl_seconds": 0, "last_refresh": null}'])
async def test_what_keeps_nothing_is_never_out_of_date(body: bytes) -> None:
    async with server(answer("200 OK", body)) as one:
        result = await look(cache.CHECK, url=one.url())
    assert (result.state, result.measurements[SYNC_DELAY]) == (State.OK, 0)
    assert result.message == "keeps nothing (ttl_seconds is 0), so nothing is out of date"


@pytest.mark.parametrize(
    ("status", "reason"),
    [("401 No", Reason.CREDENTIALS), ("404 No", Reason.CLIENT_ERROR), ("500 Oops", Reason.SERVER_ERROR)],
)
async def test_another_status_is_what_it_is_for_http(status: str, reason: Reason) -> None:
    async with server(answer(status, told(1))) as one:
        result = await look(cache.CHECK, url=one.url())
    assert result.reason is reason
    assert SYNC_DELAY not in result.measurements


@pytest.mark.parametrize(("status", "state"), [("200 OK", State.OK), ("429 Slow", State.WARNING)])
async def test_an_allowance_that_is_used_up_is_told_whatever_the_answer(status: str, state: State) -> None:
    left = ("X-RateLimit-Limit: 20", "X-RateLimit-Remaining: 0")
    async with server(answer(status, told(1), *left)) as one:
        result = await look(cache.CHECK, url=one.url())
    assert (result.state, result.quotas) == (state, {"api": Quota(20, 20)})


async def test_the_look_asks_the_owners_endpoint_with_the_key() -> None:
    async with server(answer("200 OK", told(1))) as one:
        kind, options = looks_http.cache(
            site("booking_engine", url=f"{one.url('/v2')}/", api_key="k3y", verify=False), Tuning()
        )
        assert kind is cache.CHECK
        assert isinstance(options, http.Options)
        result = await look(kind, **given(options))
        request = one.requests[0].decode()
    assert result.state is State.OK
    assert request.startswith("GET /v2/api/cache/status HTTP/1.1\r\n")
    assert "\r\nAuthorization: Bearer k3y\r\n" in request
    assert options.verify is False
