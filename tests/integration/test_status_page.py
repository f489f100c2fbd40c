"""A vendor's status page: what it admits is passed on, and never an alarm."""

import json
from typing import Any

import pytest

from checks import http, status_page
from checks.integrations import built_in
from checks.integrations.built_in import Tuning
from checks.result import Result, State
from tests.support.hotel import site
from tests.support.probing import given, look
from tests.support.servers import free_port, raw, server
from tests.support.servers import http as answer


def summary(indicator: Any = "none", **fields: Any) -> dict[str, Any]:
    return {"page": {"name": "Vendor"}, "status": {"indicator": indicator, "description": "…"}, **fields}


async def told(body: Any) -> Result:
    whole = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with server(answer("200 OK", whole, "Content-Type: application/json")) as one:
        return await look(status_page.CHECK, url=one.url())


async def test_a_quiet_page_reports_no_trouble() -> None:
    result = await told(summary(incidents=[], components=[{"name": "API", "status": "operational"}]))
    assert (result.state, result.message) == (State.OK, "reports: no trouble")
    assert result.measurements == {"vendor_incidents": 0, "vendor_indicator": 0}


@pytest.mark.parametrize(
    ("indicator", "number"), [("none", 0), ("maintenance", 0), ("minor", 1), ("major", 2), ("critical", 3)]
)
async def test_trouble_is_counted_and_told_but_no_alarm(indicator: str, number: int) -> None:
    incidents = [
        {"name": "API errors", "impact": "major", "status": "investigating"},
        {"name": "Slow webhooks", "impact": None, "status": "monitoring"},
        {"name": "Old", "impact": "major", "status": "resolved"},
        {"name": "Older", "impact": "major", "status": "postmortem"},
    ]
    components = [
        {"name": "All", "status": "major_outage", "group": True},
        {"name": "Payments", "status": "major_outage"},
        {"name": "Site", "status": "operational"},
    ]
    result = await told(summary(indicator, incidents=incidents, components=components))
    assert result.state is State.OK
    said = "no trouble" if indicator == "none" else indicator
    assert result.message == (
        f"reports: {said}; incidents: API errors (major), Slow webhooks; affected: Payments"
    )
    assert result.measurements == {"vendor_incidents": 2, "vendor_indicator": number}


async def test_of_many_incidents_three_are_named_each_in_short() -> None:
    incidents = [{"name": f"{number} " + "x" * 5000, "status": "investigating"} for number in range(20)]
    result = await told(summary("major", incidents=incidents))
    assert result.measurements["vendor_incidents"] == 20
    assert result.message.endswith(" and 17 more")
    assert len(result.message) <= 300


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "the page cannot be read: status.indicator is null"),
        ({"status": "none"}, "the page cannot be read: status.indicator is null"),
        (summary("fine"), 'the page cannot be read: status.indicator is "fine"'),
        (summary(["none"]), "the page cannot be read: status.indicator is a list"),
        (
            summary(incidents="none"),
            'the page cannot be read: incidents is "none", expected a list of objects',
        ),
        (
            summary(incidents=["one"]),
            "the page cannot be read: incidents is a list, expected a list of objects",
        ),
        (summary(components={}), "the page cannot be read: components is an object"),
        (b"", "the page cannot be read: the body is not JSON but nothing"),
        (b"<html>all is well", "the page cannot be read: the body is not JSON but a page"),
        (b"[" * 50_000, "the page cannot be read: the body is not JSON"),
        (b"x" * 300_000, "the page cannot be read: the answer is larger than 262144 bytes"),
    ],
)
async def test_a_page_that_is_not_understood_raises_nothing(body: Any, said: str) -> None:
    result = await told(body)
    assert (result.state, result.reason, result.decisive) == (State.OK, None, False)
    assert result.message.startswith(said)
    assert result.measurements == {}


@pytest.mark.parametrize("status", ["301 Moved", "401 No", "404 No", "429 Slow", "500 Oops", "503 Away"])
async def test_a_page_that_is_not_shown_raises_nothing(status: str) -> None:
    async with server(answer(status, b"{}", "Retry-After: 60")) as one:
        result = await look(status_page.CHECK, url=one.url())
    assert (result.state, result.reason, result.measurements) == (State.OK, None, {})
    assert result.retry_after == 60


async def test_a_page_that_cannot_be_reached_raises_nothing() -> None:
    gone = await look(status_page.CHECK, url=f"http://127.0.0.1:{free_port()}/")
    nameless = await look(status_page.CHECK, url="http://status.invalid/")
    async with server(raw(b"SSH-2.0-x\r\n")) as one:
        other = await look(status_page.CHECK, url=one.url())
    for result in (gone, nameless, other):
        assert (result.state, result.reason) == (State.OK, None)
    assert gone.message.startswith("the page cannot be read: cannot connect to 127.0.0.1:")


async def test_a_page_that_hangs_raises_nothing() -> None:
    async with server() as one:
        result = await look(status_page.CHECK, url=one.url(), deadline=0.2)
        await one.all_closed()
    assert (result.state, result.reason) == (State.OK, None)
    assert result.message == "the page cannot be read: no answer within 0.16 s"


async def test_the_look_takes_the_url_of_the_vendor_and_follows_it_when_it_moves() -> None:
    body = json.dumps(summary()).encode()
    async with server(answer("200 OK", body)) as there:
        async with server(answer("302 Found", b"", f"Location: {there.url()}")) as one:
            vendor = {"status_url": one.url("/api/v2/summary.json")}
            kind, options = built_in.vendor_status(site("payment", vendor=vendor, api_key="k3y"), Tuning())
            assert kind is status_page.CHECK
            assert isinstance(options, http.Options)
            result = await look(kind, **given(options))
        requests = [*one.requests, *there.requests]
    assert result.state is State.OK
    assert len(requests) == 2
    assert not any(b"k3y" in request for request in requests)
