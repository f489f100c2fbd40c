"""The API and the metrics, as programs read them."""

import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from alerts.change import Event
from alerts.incident import Incident, IncidentState, Severity
from alerts.notification import MAIL, Delivery, Kind, Notification
from checks.result import CheckId
from tests.support.boards import shown
from tests.support.clock import START
from tests.support.letters import ROOT, incident
from tests.support.web import House, Stored, serving


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        yield running


@pytest.fixture
async def client(house: House) -> AsyncIterator[ClientSession]:
    async with ClientSession(house.url) as session:
        yield session


def row(state: Delivery = Delivery.SENT) -> Notification:
    return Notification(
        id="n1",
        key="k",
        incident="inc-7f3a9c",
        epoch=1,
        kind=Kind.PROBLEM,
        level="1",
        channel=MAIL,
        recipient="integration-support@hotel.example",
        message=b"secret words",
        message_id=ROOT,
        created_at=START,
        due_at=START,
        state=state,
        attempts=2,
        sent_at=START + timedelta(seconds=3),
    )


def numbered(number: int, **changes: object) -> Stored:
    plain: Incident = replace(incident(), id=f"inc-{number}", opened_at=START - timedelta(minutes=number))
    return Stored(replace(plain, **changes))  # type: ignore[arg-type]  # the tests name real fields


async def test_the_status_names_every_field_of_the_contract(house: House, client: ClientSession) -> None:
    shown(incident(), house.deps.board)
    async with client.get("/api/v1/status") as answer:
        assert answer.content_type == "application/json"
        status = await answer.json()
    assert status["status"] == status["hotels"]["grand-harbour"]["status"] == "unhealthy"
    payment = status["hotels"]["grand-harbour"]["integrations"]["payment"]
    health = payment["checks"]["health"]
    assert payment | {"checks": None} == {
        "status": "healthy",
        "success_rate": 100.0,
        "avg_response_time_ms": 100.0,
        "p95_response_time_ms": 120.0,
        "last_transaction": None,
        "delivery_rate": None,
        "bounce_rate": None,
        "queue": None,
        "quota": None,
        "incident": "inc-7f3a9c",
        "checks": None,
    }
    assert health == {
        "state": "ok",
        "reason": None,
        "message": "",
        "since": "2026-11-25T08:00:00.000Z",
        "last_run": "2026-11-25T08:00:00.000Z",
        "duration_ms": 120.0,
        "measurements": {"response_time_ms": 120.0},
    }


async def test_what_has_not_run_is_unknown_and_null(client: ClientSession) -> None:
    async with client.get("/api/v1/status") as answer:
        integrations = (await answer.json())["hotels"]["grand-harbour"]["integrations"]
    locks = integrations["door_locks"]
    assert (locks["status"], locks["success_rate"], locks["last_sync"]) == ("unknown", None, None)
    gateway = locks["checks"]["gateway"]
    assert (gateway["state"], gateway["since"], gateway["measurements"]) == ("unknown", None, {})
    assert integrations["expedia"]["checks"]["health"]["reason"] == "timeout"


async def test_a_measurement_that_is_no_number_is_null(house: House, client: ClientSession) -> None:
    tile = house.deps.board.tiles[CheckId("grand-harbour", "payment", "health")]
    assert tile.result is not None
    tile.result = replace(tile.result, measurements={"response_time_ms": float("nan")})
    async with client.get("/api/v1/status") as answer:
        text = await answer.text()
    assert "NaN" not in text
    checks = json.loads(text)["hotels"]["grand-harbour"]["integrations"]["payment"]["checks"]
    assert checks["health"]["measurements"] == {"response_time_ms": None}


async def test_nothing_watched_is_unknown(house: House, client: ClientSession) -> None:
    house.deps.board.watch([], {"grand-harbour": "Grand Harbour Hotel"})
    async with client.get("/api/v1/status") as answer:
        hotels = {"grand-harbour": {"status": "unknown", "integrations": {}}}
        waiting: dict[str, Any] = {"pending": 0, "held": 0, "oldest": None, "last_error": None, "relays": []}
        assert await answer.json() == {"status": "unknown", "hotels": hotels, "notifications": waiting}


async def test_an_incident_names_every_field_of_the_contract(house: House, client: ClientSession) -> None:
    house.shelf.records = [Stored(replace(incident(), opened_at=START), [row()])]
    async with client.get("/api/v1/incidents") as answer:
        found = await answer.json()
    assert found == {
        "incidents": [
            {
                "id": "inc-7f3a9c",
                "hotel": "grand-harbour",
                "integrations": ["payment"],
                "checks": ["grand-harbour/payment/health"],
                "state": "open",
                "severity": "critical",
                "criteria": ["critical-system-down"],
                "cause": "api-credentials-invalid",
                "confidence": "likely",
                "title": "payment: refuses our credentials (401)",
                "opened_at": "2026-11-25T08:00:00.000Z",
                "acknowledged_at": None,
                "acknowledged_by": None,
                "acknowledged_until": None,
                "resolved_at": None,
                "outcome": None,
                "epoch": 1,
                "parent": None,
                "next_step": None,
                "standstill": None,
                "notifications": [
                    {
                        "id": "n1",
                        "kind": "problem",
                        "level": "1",
                        "channel": "email",
                        "recipient": "integration-support@hotel.example",
                        "state": "sent",
                        "attempts": 2,
                        "created_at": "2026-11-25T08:00:00.000Z",
                        "due_at": None,
                        "held": False,
                        "sent_at": "2026-11-25T08:00:03.000Z",
                        "delivery_seconds": 3.0,
                        "message_id": ROOT,
                        "last_error": None,
                    }
                ],
            }
        ],
        "next": None,
    }


async def test_a_mail_being_sent_is_shown_as_pending(house: House, client: ClientSession) -> None:
    house.shelf.records = [Stored(incident(), [row(Delivery.SENDING)])]
    async with client.get("/api/v1/incidents") as answer:
        assert (await answer.json())["incidents"][0]["notifications"][0]["state"] == "pending"


async def test_a_mail_that_waits_says_until_when_or_that_it_waits_for_others(
    house: House, client: ClientSession
) -> None:
    later = replace(row(Delivery.PENDING), sent_at=None, due_at=START + timedelta(seconds=30))
    house.shelf.records = [Stored(incident(), [later, replace(later, held=True)])]
    async with client.get("/api/v1/incidents") as answer:
        shown = (await answer.json())["incidents"][0]["notifications"]
    facts = [(one["state"], one["due_at"], one["held"], one["delivery_seconds"]) for one in shown]
    assert facts == [
        ("pending", "2026-11-25T08:00:30.000Z", False, None),
        ("pending", None, True, None),
    ]


async def test_a_clock_set_back_makes_no_delivery_take_less_than_no_time(
    house: House, client: ClientSession
) -> None:
    house.shelf.records = [Stored(incident(), [replace(row(), sent_at=START - timedelta(hours=2))])]
    async with client.get("/api/v1/incidents") as answer:
        assert (await answer.json())["incidents"][0]["notifications"][0]["delivery_seconds"] == 0.0


async def test_pages_follow_each_other_without_gap_or_repeat(house: House, client: ClientSession) -> None:
    house.shelf.records = [numbered(number) for number in range(5)]
    seen: list[str] = []
    query, pages = {"limit": "2"}, 0
    while "before" not in query or query["before"]:
        async with client.get("/api/v1/incidents", params=query) as answer:
            page = await answer.json()
        seen += [one["id"] for one in page["incidents"]]
        query["before"] = page["next"] or ""
        pages += 1
    assert seen == [f"inc-{number}" for number in range(5)]
    assert pages == 3


async def test_incidents_are_chosen_by_state_and_hotel(house: House, client: ClientSession) -> None:
    house.shelf.records = [
        numbered(1),
        numbered(2, state=IncidentState.RESOLVED, resolved_at=START),
        numbered(3, hotel="sea-view", severity=Severity.WARNING),
    ]
    for query, ids in (
        ("state=open", ["inc-1", "inc-3"]),
        ("state=resolved", ["inc-2"]),
        ("hotel=sea-view", ["inc-3"]),
        ("state=acknowledged", []),
    ):
        async with client.get(f"/api/v1/incidents?{query}") as answer:
            assert [one["id"] for one in (await answer.json())["incidents"]] == ids


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("state=closed", "state must be"),
        ("limit=0", "limit must be"),
        ("limit=501", "limit must be"),
        ("limit=-1", "limit must be"),
        ("limit=%D9%A3", "limit must be"),
        ("limit=99999999999999999999", "limit must be"),
        ("hotel=", "hotel must be"),
        ("before=" + "x" * 65, "before must be"),
        ("before=a%00b", "before must be"),
        ("severity=critical", "Unknown parameter 'severity'"),
    ],
)
async def test_a_bad_parameter_is_refused_with_a_sentence(
    client: ClientSession, query: str, says: str
) -> None:
    async with client.get(f"/api/v1/incidents?{query}") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"].startswith(says)


async def test_one_incident_comes_with_its_story(house: House, client: ClientSession) -> None:
    events = [Event("inc-7f3a9c", START, "opened", "opened: payment: refuses our credentials (401)")]
    house.shelf.records = [Stored(incident(), [row()], events)]
    async with client.get("/api/v1/incidents/inc-7f3a9c") as answer:
        found = await answer.json()
    assert found["timeline"] == [{"at": "2026-11-25T08:00:00.000Z", "kind": "opened", "text": events[0].text}]
    assert found["evidence"][0]["check"] == "grand-harbour/payment/health"
    assert found["evidence"][0]["reason"] == "credentials"
    assert found["diagnosis"]["fault"] == "us"
    assert len(found["diagnosis"]["steps"]) == 3
    assert "secret words" not in json.dumps(found)


async def test_an_unknown_incident_is_not_found(client: ClientSession) -> None:
    async with client.get("/api/v1/incidents/nothing") as answer:
        assert (answer.status, await answer.json()) == (404, {"error": "There is no incident with this id."})


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,*/*;q=0.1",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        ("application/openmetrics-text;version=0.0.1", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;q=0", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;q=0.3,text/plain;q=0.5", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
async def test_metrics_come_in_the_format_asked_for(client: ClientSession, accept: str, kind: str) -> None:
    async with client.get("/metrics", headers={"Accept": accept}) as answer:
        assert answer.headers["Content-Type"] == kind
        assert (await answer.text()).endswith("# EOF\n") is ("openmetrics" in kind)


async def test_metrics_are_compressed_for_those_who_take_it(house: House) -> None:
    async with ClientSession(auto_decompress=False) as client:
        async with client.get(house.url + "/metrics", headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert b"nightporter_check_success{" in gzip.decompress(await answer.read())
        async with client.get(house.url + "/metrics", headers={"Accept-Encoding": "gzip;q=0"}) as answer:
            assert "Content-Encoding" not in answer.headers
            assert b"nightporter_check_success{" in await answer.read()
