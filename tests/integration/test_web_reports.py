"""The reports over the API: those that were made, one as of now, and mailing it."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from alerts.reports.report import Kind
from alerts.reports.report_json import written_report
from tests.support.reporting import several
from tests.support.reports import hostile, report
from tests.support.web import House, serving

HERE = "/api/v1/reports"
HOTEL = "grand-harbour"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as one:
        one.reporter.made += several(HOTEL)
        yield one


@pytest.fixture
async def client(house: House) -> AsyncIterator[ClientSession]:
    async with ClientSession(house.url) as session:
        yield session


async def get(client: ClientSession, path: str, status: int = 200) -> dict[str, Any]:
    async with client.get(HERE + path) as answer:
        document: dict[str, Any] = await answer.json()
        assert answer.status == status, document
        return document


async def mail(client: ClientSession, path: str, said: object, status: int = 202) -> dict[str, Any]:
    async with client.post(HERE + path, json=said) as answer:
        document: dict[str, Any] = await answer.json()
        assert answer.status == status, document
        return document


async def test_those_that_were_made_are_listed_the_latest_first(client: ClientSession) -> None:
    found = (await get(client, ""))["reports"]
    assert [one["kind"] for one in found] == ["daily", "weekly", "daily", "daily", "monthly"]
    assert found[0] == {
        "hotel": HOTEL,
        "kind": "daily",
        "from": "2026-11-29T06:00:00.000Z",
        "to": "2026-11-30T06:00:00.000Z",
        "made_at": "2026-11-30T06:00:12.000Z",
        "headline": "2 incidents, nothing is open, the certificate of payment expires in 6 days.",
        "tone": "fair",
        "url": f"/reports/{HOTEL}/daily/2026-11-30T06:00Z",
    }


async def test_a_list_is_of_a_kind_a_hotel_and_so_many(client: ClientSession) -> None:
    assert [one["kind"] for one in (await get(client, "?kind=monthly"))["reports"]] == ["monthly"]
    assert len((await get(client, f"?hotel={HOTEL}&limit=2"))["reports"]) == 2
    assert (await get(client, "?hotel=elsewhere"))["reports"] == []


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("?kind=hourly", "kind must be one of daily, weekly, monthly."),
        ("?limit=0", "limit must be a whole number from 1 to 100."),
        ("?sort=up", "Unknown parameter 'sort': there are hotel, kind and limit."),
        (f"/{HOTEL}/daily?to=yesterday", "to must be a time with its offset from UTC"),
        (f"/{HOTEL}/daily?since=2026-11-30T06:00:00Z", "Unknown parameter 'since': there is to."),
    ],
)
async def test_what_cannot_be_asked_is_said(client: ClientSession, path: str, wrong: str) -> None:
    assert (await get(client, path, 400))["error"].startswith(wrong)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/nowhere/daily", "There is no hotel with this id."),
        (f"/{HOTEL}/hourly", "There are daily, weekly and monthly reports."),
        (f"/{HOTEL}/daily?to=2026-11-30T07:00:00Z", "There is no report that ends then"),
    ],
)
async def test_what_is_not_there_is_said(client: ClientSession, path: str, wrong: str) -> None:
    assert (await get(client, path, 404))["error"].startswith(wrong)


@pytest.mark.parametrize(
    "to", ["2026-11-30T06:00:00Z", "2026-11-30T07:00:00%2B01:00", "2026-11-30T07:00:00+01:00"]
)
async def test_a_report_is_told_as_it_was_made(house: House, client: ClientSession, to: str) -> None:
    found = await get(client, f"/{HOTEL}/daily?to={to}")
    assert found == json.loads(written_report(house.reporter.made[0]))


@pytest.mark.parametrize("kind", Kind)
async def test_without_a_time_it_is_made_now(client: ClientSession, kind: Kind) -> None:
    found = await get(client, f"/{HOTEL}/{kind}")
    ends = datetime.fromisoformat(found["to"])
    assert (found["kind"], ends) == (kind, report(kind=kind).ends - timedelta(hours=9))


async def test_a_hostile_report_is_told_as_json(house: House, client: ClientSession) -> None:
    house.reporter.made[:] = [hostile()]
    assert len((await get(client, ""))["reports"]) == 1


async def test_it_is_mailed_to_whom_it_usually_goes(house: House, client: ClientSession) -> None:
    found = await mail(client, f"/{HOTEL}/weekly", {"by": "Ada"})
    assert found == {"hotel": HOTEL, "kind": "weekly", "recipients": ["a@hotel.example", "b@hotel.example"]}
    assert house.reporter.asked == [(HOTEL, Kind.WEEKLY, "Ada")]


async def test_nothing_is_mailed_for_nobody_or_to_nobody(house: House, client: ClientSession) -> None:
    assert "by must be a name" in (await mail(client, f"/{HOTEL}/daily", {}, 400))["error"]
    assert "no hotel" in (await mail(client, "/nowhere/daily", {"by": "Ada"}, 404))["error"]
    assert house.reporter.asked == []
    house.reporter.people = ()
    assert "nobody to mail it to" in (await mail(client, f"/{HOTEL}/daily", {"by": "Ada"}, 409))["error"]


async def test_a_state_that_is_away_is_said(house: House, client: ClientSession) -> None:
    house.reporter.away = True
    for path in ("", f"/{HOTEL}/daily", f"/{HOTEL}/daily?to=2026-11-30T06:00:00Z"):
        assert "cannot be read" in (await get(client, path, 503))["error"]
    assert "cannot be" in (await mail(client, f"/{HOTEL}/daily", {"by": "Ada"}, 503))["error"]
