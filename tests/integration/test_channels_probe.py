"""A channel manager's status: the whole, its channels, and when they were last synchronised."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks import channels
from checks.integrations import looks_http
from checks.integrations.built_in import Tuning
from checks.result import LAST, RESPONSE_TIME, SYNC_DELAY, Reason, Result, State
from tests.support.hotel import site
from tests.support.probing import look
from tests.support.servers import http, server


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def channel(name: str, status: Any = "ok", minutes: float = 1) -> dict[str, Any]:
    return {"name": name, "status": status, "last_sync": ago(minutes)}


async def told(body: Any, kind: str = "application/json") -> Result:
    whole = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with server(http("200 OK", whole, f"Content-Type: {kind}")) as one:
        return await look(channels.CHECK, url=one.url())


async def test_a_healthy_status_is_ok_and_measured() -> None:
    body = {
        "status": "ok",
        "last_sync": ago(2),
        "channels": [channel("booking"), channel("expedia", "UP", 29)],
    }
    result = await told(body)
    assert (result.state, result.message) == (State.OK, "says that it is healthy, 2 channels too")
    assert result.measurements[SYNC_DELAY] == pytest.approx(120, abs=5)
    assert result.measurements[LAST] == pytest.approx(datetime.now(UTC).timestamp() - 120, abs=5)
    assert (result.measurements["channels"], result.measurements["channels_unhealthy"]) == (2, 0)
    assert RESPONSE_TIME in result.measurements


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "healthy"},
        {"status": "ok", "last_sync": None, "channels": None},
        {"status": "ok", "channels": []},
        {"status": "ok", "channels": [{}]},
        {"status": "ok", "channels": [{"name": "agoda", "last_sync": None}]},
        [1, 2],
        b"\xef\xbb\xbf{}",
    ],
)
async def test_what_is_not_told_is_not_held_against_it(body: Any) -> None:
    result = await told(body)
    assert result.state is State.OK, result
    assert SYNC_DELAY not in result.measurements


async def test_text_that_promises_nothing_is_an_answer() -> None:
    assert (await told(b"fine", "text/plain")).state is State.OK


async def test_without_a_time_of_the_whole_those_of_the_channels_count() -> None:
    result = await told({"channels": [channel("a", minutes=3), channel("b", minutes=20)]})
    assert result.measurements[SYNC_DELAY] == pytest.approx(1200, abs=5)
    assert result.measurements[LAST] == pytest.approx(datetime.now(UTC).timestamp() - 180, abs=5)


async def test_a_sick_channel_is_named() -> None:
    body = {
        "status": "ok",
        "last_sync": ago(1),
        "channels": [channel("booking"), channel("expedia", "error")],
    }
    result = await told(body)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, False)
    assert result.message == '1 of 2 channels are not healthy: expedia ("error")'
    assert result.measurements["channels_unhealthy"] == 1
    assert SYNC_DELAY in result.measurements


async def test_of_many_sick_channels_five_are_named() -> None:
    body = {"status": "degraded", "channels": [channel(f"c{number}", None) for number in range(2000)]}
    result = await told(body)
    assert result.reason is Reason.CONTENT
    assert result.message == (
        'says of itself: status "degraded"; 2000 of 2000 channels are not healthy: '
        "c0 (null), c1 (null), c2 (null), c3 (null), c4 (null) and 1995 more"
    )


async def test_a_status_that_is_not_healthy_is_content_without_channels_too() -> None:
    result = await told({"status": "down", "last_sync": ago(600)})
    assert (result.reason, result.message) == (Reason.CONTENT, 'says of itself: status "down"')


async def test_an_old_sync_is_stale_at_once() -> None:
    result = await told({"status": "ok", "last_sync": ago(45), "channels": [channel("booking", minutes=50)]})
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.STALE, True)
    assert result.message == "last synchronised 45 min ago; the limit is 30 min"
    assert (result.limit, result.unit) == (1800, "s")
    assert result.observed == pytest.approx(2700, abs=5)


async def test_a_channel_that_is_left_behind_is_stale_and_named_where_the_whole_says_nothing() -> None:
    late = [channel("booking", minutes=45), channel("agoda", minutes=600), channel("expedia")]
    result = await told({"status": "ok", "channels": late})
    assert (result.reason, result.decisive) == (Reason.STALE, False)
    assert result.message == (
        "these channels were last synchronised too long ago:"
        " booking (45 min ago), agoda (10 h ago); the limit is 30 min"
    )
    assert result.observed == pytest.approx(36_000, abs=5)


async def test_a_channel_that_had_nothing_to_be_told_is_shown_and_well() -> None:
    quiet = [channel("booking", minutes=45), channel("expedia")]
    result = await told({"status": "ok", "last_sync": ago(1), "channels": quiet})
    assert (result.state, result.message) == (
        State.OK,
        "says that it is healthy, 2 channels too; last synchronised a while ago: booking (45 min ago)",
    )


@pytest.mark.parametrize("status", ["paused", "Disabled", " inactive "])
async def test_a_channel_that_is_switched_off_is_shown_and_not_counted(status: str) -> None:
    body = {"status": "ok", "channels": [channel("agoda", status, 90_000), channel("booking", minutes=2)]}
    result = await told(body)
    assert (result.state, result.message) == (
        State.OK,
        f"says that it is healthy, 1 channel too; not counted: agoda ({status.strip().lower()})",
    )
    assert result.measurements[SYNC_DELAY] == pytest.approx(120, abs=5)
    names = ("channels", "channels_off", "channels_unhealthy")
    assert [result.measurements[name] for name in names] == [1, 1, 0]


async def test_a_whole_that_is_switched_off_is_not_healthy() -> None:
    assert (await told({"status": "paused"})).reason is Reason.CONTENT


async def test_a_time_in_the_future_is_a_warning() -> None:
    result = await told({"last_sync": ago(0.5), "channels": [channel("agoda", minutes=-10)]})
    assert (result.state, result.reason) == (State.WARNING, Reason.MISMATCH)
    assert result.message == "last_sync of agoda lies in the future: a clock is wrong"
    assert (await told({"last_sync": ago(-0.5)})).state is State.OK


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"last_sync": "just now"}, 'last_sync is "just now", expected a time'),
        ({"last_sync": 5}, "last_sync is 5, expected a time"),
        ({"channels": {"booking": "ok"}}, "channels is an object, expected a list"),
        ({"channels": "none"}, 'channels is "none", expected a list'),
        ({"channels": [{}, "booking"]}, 'channel 2 is "booking", expected an object'),
        ({"channels": [{"name": "agoda", "last_sync": False}]}, "last_sync of agoda is false"),
        ({"channels": [{"name": 7, "status": ["x"]}]}, "1 of 1 channels are not healthy: channel 1 (a list)"),
        ({"channels": [{"name": " ", "last_sync": ""}]}, 'last_sync of channel 1 is ""'),
        ({"channels": [{"name": "x" * 9000, "last_sync": ""}]}, f"last_sync of {'x' * 40} is"),
        (b"not json", "promised JSON and answered not json"),
        (b"<html>", "answered with a web page"),
        ({"status": "down", "last_sync": "?"}, 'says of itself: status "down"'),
    ],
)
async def test_what_cannot_be_understood_is_content(body: Any, said: str) -> None:
    result = await told(body)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CONTENT)
    assert result.message.startswith(said)


async def test_a_refused_key_is_credentials() -> None:
    async with server(http("401 No")) as one:
        assert (await look(channels.CHECK, url=one.url())).reason is Reason.CREDENTIALS


async def test_the_look_asks_the_owners_endpoint_with_key_and_limit() -> None:
    kind, options = looks_http.channel_status(
        site("channel_manager", url="https://cm.test", api_key="k3y"), Tuning()
    )
    assert kind is channels.CHECK
    assert isinstance(options, channels.Options)
    assert (options.url, options.sync_delay) == ("https://cm.test/api/sync/status", 1800.0)
    assert b"Authorization: Bearer k3y" in options.request.wire
