"""Silences over the API, over a real store and engine."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession

from alerts.silence import Recurring, Silence, Source, Span
from tests.support.clock import START
from tests.support.desk import TECH_LEAD
from tests.support.web import DOWN, HEALTH, Shift, on_shift

NIGHTLY = Silence(
    "configuration-1",
    {"integration": "payment"},
    Recurring("0 3 * * *", timedelta(minutes=30)),
    "nightly restart",
    "configuration",
    Source.CONFIGURATION,
)
WANTED = {
    "match": {"integration": "payment"},
    "from": None,
    "to": "2026-11-25T10:00:00+01:00",
    "by": "Ada",
    "reason": "the gateway moves",
}

FITTING: list[dict[str, str]] = [
    {"hotel": "h"},
    {"hotel": "new-*", "integration": "?pa"},
    {"check": "health"},
    {"check": "payment/health"},
    {"check": "h/payment/*"},
    {"cause": "vendor-*", "severity": "critical"},
]
WRONG: list[tuple[dict[str, object], str]] = [
    ({"match": None}, "match must be an object"),
    ({"from": "0001-01-01T00:00:00Z"}, "from is past for more than 30 days"),
    ({"match": {}}, "match must be an object"),
    ({"match": ["payment"]}, "match must be an object"),
    ({"match": {"level": "1"}}, "match must be an object"),
    ({"match": {"hotel": 7}}, "match.hotel must be a name"),
    ({"match": {"hotel": "x\x00"}}, "match.hotel must be a name"),
    ({"match": {"hotel": "other"}}, "match.hotel: there is no hotel 'other': there are h."),
    (
        {"match": {"integration": "expedia"}},
        "match.integration: there is no integration 'expedia': there are payment.",
    ),
    ({"match": {"integration": "payment", "hotel": "x*"}}, "match.integration: there is no"),
    ({"match": {"check": "tls"}}, "match.check: there is no check 'tls': there are h/payment/health."),
    ({"match": {"check": "health", "hotel": "x*"}}, "match.check: there is no check"),
    ({"match": {"cause": "bad-luck"}}, "match.cause: there is no cause 'bad-luck'"),
    (
        {"match": {"severity": "grave*"}},
        "match.severity: there is no severity 'grave*': there are critical, emergency, warning.",
    ),
    ({"to": None}, "to is missing"),
    ({"to": "2026-11-25T08:00:00Z"}, "to is past"),
    ({"to": "2026-12-25T08:03:01Z"}, "to is too late: a silence ends within 30 days."),
    ({"to": "tomorrow"}, "to must be a time with its offset"),
    ({"from": "2026-11-25T09:00:00Z"}, "from must be before to."),
    ({"from": 5}, "from must be a time with its offset"),
    ({"by": ""}, "by must be a name"),
    ({"reason": None}, "reason must be text of 1 to 2000"),
    ({"forever": True}, "There is no field 'forever': there are match, from, to, by, reason."),
]


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path) as one:
        yield one


@pytest.fixture
async def client(shift: Shift) -> AsyncIterator[ClientSession]:
    async with ClientSession(shift.house.url) as session:
        yield session


async def add(client: ClientSession, said: object, status: int = 201) -> dict[str, Any]:
    async with client.post("/api/v1/silences", json=said) as answer:
        document: dict[str, Any] = await answer.json()
        assert answer.status == status, document
        return document


async def listed(client: ClientSession) -> list[dict[str, Any]]:
    async with client.get("/api/v1/silences") as answer:
        assert answer.status == 200
        found: list[dict[str, Any]] = (await answer.json())["silences"]
        return found


async def test_a_silence_holds_from_now_until_its_end(client: ClientSession, shift: Shift) -> None:
    silence = await add(client, WANTED)
    assert silence == {
        "id": "new1",
        "match": {"integration": "payment"},
        "from": "2026-11-25T08:03:00.000Z",
        "to": "2026-11-25T09:00:00.000Z",
        "cron": None,
        "for_seconds": None,
        "by": "Ada",
        "reason": "the gateway moves",
        "source": "person",
        "active": True,
        "ends_at": "2026-11-25T09:00:00.000Z",
        "next": None,
    }
    assert await listed(client) == [silence]
    await shift.night.see(HEALTH, *[DOWN] * 56)
    assert TECH_LEAD not in {row.recipient for row in await shift.night.letters()}
    await shift.night.see(HEALTH, DOWN)
    assert TECH_LEAD in {row.recipient for row in await shift.night.letters()}
    assert await listed(client) == []


async def test_it_stands_in_the_timeline_of_what_it_covers(client: ClientSession) -> None:
    await add(client, WANTED)
    await add(client, WANTED | {"match": {"severity": "warning"}})
    async with client.get("/api/v1/incidents/id1") as answer:
        one = await answer.json()
    said = [line["text"] for line in one["timeline"] if line["kind"] == "silenced"]
    window = "from 25 Nov 2026, 08:03:00 UTC (UTC+00:00) until 25 Nov 2026, 09:00:00 UTC (UTC+00:00)"
    assert said == [f"silenced {window} by Ada: the gateway moves"]
    assert one["next_step"]["at"] >= "2026-11-25T08:15"


async def test_one_to_come_is_not_active_yet(client: ClientSession) -> None:
    silence = await add(client, WANTED | {"from": "2026-11-25T08:30:00Z"})
    assert (silence["active"], silence["ends_at"]) == (False, None)
    assert silence["next"] == {"from": "2026-11-25T08:30:00.000Z", "to": "2026-11-25T09:00:00.000Z"}


async def test_one_that_is_ended_holds_back_nothing_more(client: ClientSession, shift: Shift) -> None:
    await add(client, WANTED)
    async with client.delete("/api/v1/silences/new1") as answer:
        assert (answer.status, (await answer.json())["active"]) == (200, False)
    async with client.delete("/api/v1/silences/new1") as answer:
        assert (answer.status, await answer.json()) == (404, {"error": "There is no silence with this id."})
    assert await listed(client) == []
    await shift.night.see(HEALTH, *[DOWN] * 16)
    assert TECH_LEAD in {row.recipient for row in await shift.night.letters()}
    record = await shift.night.store.incident("id1")
    assert record is not None
    assert any(event.text.endswith("by Ada was ended") for event in record.events)


async def test_one_of_the_configuration_is_shown_and_stays(client: ClientSession, shift: Shift) -> None:
    over = Silence(
        "configuration-2",
        {"hotel": "h"},
        Span(START - timedelta(hours=2), START),
        "moved",
        "configuration",
        Source.CONFIGURATION,
    )
    shift.night.engine.quiet.configure([NIGHTLY, over], {"h": ZoneInfo("Europe/Rome")})
    (silence,) = await listed(client)
    assert (silence["source"], silence["cron"], silence["for_seconds"]) == (
        "configuration",
        "0 3 * * *",
        1800.0,
    )
    assert silence["next"] == {"from": "2026-11-26T02:00:00.000Z", "to": "2026-11-26T02:30:00.000Z"}
    async with client.delete("/api/v1/silences/configuration-1") as answer:
        assert answer.status == 409
        assert "stands in the configuration" in (await answer.json())["error"]
    shift.house.clock.advance(18 * 3600)
    (silence,) = await listed(client)
    assert (silence["active"], silence["ends_at"]) == (True, "2026-11-26T02:30:00.000Z")


async def test_what_is_there_or_may_come_can_be_matched(client: ClientSession) -> None:
    for match in FITTING:
        assert (await add(client, WANTED | {"match": match}))["match"] == match


async def test_what_is_wrong_is_named_with_what_would_be_right(client: ClientSession) -> None:
    for changes, says in WRONG:
        refused = await add(client, WANTED | changes, 400)
        assert refused["error"].startswith(says), changes
    assert await listed(client) == []


async def test_only_this_host_may_silence_without_a_token(client: ClientSession) -> None:
    headers = {"Origin": "https://evil.example"}
    async with client.post("/api/v1/silences", json=WANTED, headers=headers) as answer:
        assert answer.status == 403
    await add(client, WANTED)
    async with client.delete("/api/v1/silences/new1", headers=headers) as answer:
        assert answer.status == 403
    assert len(await listed(client)) == 1


async def test_a_silence_outlives_a_state_that_failed_meanwhile(client: ClientSession, shift: Shift) -> None:
    await shift.night.store.close()
    assert "is closed" in (await add(client, WANTED, 503))["error"]
    assert await listed(client) == []
