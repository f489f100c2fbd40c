"""The endpoint that watched jobs ping."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from checks import heartbeat
from checks.check import Check
from checks.result import MESSAGE_LENGTH, CheckId
from daemon.store import StateError
from tests.integration.test_app import house as porter
from tests.support.boards import HOTELS, check
from tests.support.clock import START
from tests.support.web import House, serving

THIS = CheckId("grand-harbour", "backups", "nightly")
PATH = "/api/v1/heartbeats/grand-harbour/backups/nightly"


def beating() -> Check:
    """Return a heartbeat to watch."""
    return Check(THIS, "generic", heartbeat.CHECK, heartbeat.Options(), interval=30.0, timeout=10.0)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        running.deps.board.watch([beating(), check("door_locks", "gateway")], HOTELS)
        yield running


@pytest.fixture
async def client(house: House) -> AsyncIterator[ClientSession]:
    async with ClientSession(house.url) as session:
        yield session


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", "ok", ""),
        (b" \r\n", "ok", ""),
        (b"{}", "ok", ""),
        (b'{"status": "ok"}', "ok", ""),
        (b'{"status": "failed", "message": "disk full"}', "failed", "disk full"),
        (b'{"message": null}', "ok", ""),
        (b'{"message": "declined 4111-1111-1111-1111"}', "ok", "declined [card number]"),
        (b'{"message": "one\\ntwo\\u0000 \\ud800 \\u202e"}', "ok", "one two"),
        ('{"message": "Zürich ☕"}'.encode(), "ok", "Zürich ☕"),
        ('{"message": "Zürich"}'.encode("utf-16"), "ok", "Zürich"),
    ],
)
async def test_a_ping_is_remembered_before_it_is_answered(
    house: House, client: ClientSession, body: bytes, status: str, message: str
) -> None:
    async with client.post(PATH, data=body) as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})
    assert house.remembered == [
        (THIS, {"at": START.timestamp(), "status": status, "message": message}),
    ]


async def test_a_long_message_is_clipped(house: House, client: ClientSession) -> None:
    async with client.post(PATH, json={"status": "failed", "message": "x" * 60_000}) as answer:
        assert answer.status == 200
    assert len(house.remembered[0][1]["message"]) == MESSAGE_LENGTH


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"status=ok", "The body must be JSON, or empty."),
        (b"\xff", "The body must be JSON, or empty."),
        (b"[" * 60_000, "The body must be JSON, or empty."),
        (b'{"status": ' + b"1" * 5000 + b"}", "The body must be JSON, or empty."),
        (b"[]", "The body must be a JSON object"),
        (b"null", "The body must be a JSON object"),
        (b'"ok"', "The body must be a JSON object"),
        (b'{"state": "failed"}', "Unknown key 'state': there are status and message."),
        (json.dumps({"\x1b" * 100: 1}).encode(), "Unknown key ''"),
        (b'{"status": "OK"}', "status must be ok or failed."),
        (b'{"status": null}', "status must be ok or failed."),
        (b'{"status": ["ok"]}', "status must be ok or failed."),
        (b'{"status": true}', "status must be ok or failed."),
        (b'{"message": 7}', "message must be text."),
        (b'{"message": ["a"]}', "message must be text."),
        (b'{"message": {}}', "message must be text."),
        (b'{"message": false}', "message must be text."),
    ],
)
async def test_a_bad_ping_is_refused_with_a_sentence_and_changes_nothing(
    house: House, client: ClientSession, body: bytes, says: str
) -> None:
    async with client.post(PATH, data=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"].startswith(says)
    assert house.remembered == []


@pytest.mark.parametrize(
    "name",
    [
        "grand-harbour/backups/other",
        "grand-harbour/door_locks/gateway",
        "nowhere/backups/nightly",
        "grand-harbour/backups/nightly%00",
        "grand-harbour/..%2F/nightly",
        "x" * 5000 + "/y/z",
    ],
)
async def test_whatever_is_no_heartbeat_gets_the_same_answer(
    house: House, client: ClientSession, name: str
) -> None:
    async with client.post(f"/api/v1/heartbeats/{name}", data=b"nonsense") as answer:
        assert (answer.status, await answer.json()) == (404, {"error": "There is no heartbeat of this name."})
    assert house.remembered == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_other_methods_do_not_ping(house: House, client: ClientSession, method: str) -> None:
    async with client.request(method, PATH) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert house.remembered == []


async def test_too_large_a_ping_is_refused(house: House, client: ClientSession) -> None:
    async with client.post(PATH, data=b" " * 70_000) as answer:
        assert answer.status == 413
    assert house.remembered == []


async def test_a_ping_that_cannot_be_written_down_is_refused_with_the_reason(
    house: House, client: ClientSession
) -> None:
    house.forgetful = "state /var/lib/x: the disk is full"
    async with client.post(PATH) as answer:
        assert answer.status == 503
        said = (await answer.json())["error"]
    assert said == "The ping could not be written down: state /var/lib/x: the disk is full"


async def test_many_pings_at_once_all_count(house: House, client: ClientSession) -> None:
    async def ping(number: int) -> int:
        async with client.post(PATH, json={"message": str(number)}) as answer:
            return answer.status

    assert set(await asyncio.gather(*(ping(number) for number in range(50)))) == {200}
    assert sorted(int(what["message"]) for _, what in house.remembered) == list(range(50))


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "10.0.0.9"}, {"Host": "porter.example"}, {"Origin": "https://evil.example"}],
)
async def test_without_a_token_only_jobs_of_this_host_ping(
    house: House, client: ClientSession, headers: dict[str, Any]
) -> None:
    async with client.post(PATH, headers=headers) as answer:
        assert answer.status == 403
    assert house.remembered == []


async def test_with_a_token_a_ping_has_to_show_it() -> None:
    async with serving(token="s3cret") as house, ClientSession(house.url) as client:
        house.deps.board.watch([beating()], HOTELS)
        async with client.post(PATH) as answer:
            assert answer.status == 401
        assert house.remembered == []
        async with client.post(PATH, headers={"Authorization": "Bearer s3cret"}) as answer:
            assert answer.status == 200
        assert len(house.remembered) == 1


async def test_a_ping_is_stored_before_it_is_answered_and_kept_when_that_fails(tmp_path: Path) -> None:
    async with porter(tmp_path) as one:
        await one.app._remember_of(THIS, {"at": 1.0})
        assert await one.app._store.memories() == {THIS: {"at": 1.0}}
        await one.app._store.close()
        with pytest.raises(StateError):
            await one.app._remember_of(THIS, {"at": 2.0})
        assert one.app.memories.take() == {THIS: {"at": 2.0}}, "it is stored as soon as that can be done"
