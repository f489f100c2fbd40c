"""The ledger of recurring tasks over the API, over a real store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession

from alerts.maintenance import OWNERS, Task
from alerts.recurrence import Rhythm
from tests.support.upkeep import Place
from tests.support.web import Shift, on_shift

DAY = 86_400
BACKUPS = "/api/v1/maintenance/h/test-backups"
WRONG: list[tuple[dict[str, object], str]] = [
    ({}, "by must be a name"),
    ({"by": ""}, "by must be a name"),
    ({"by": "Ada\n"}, "by must be a name"),
    ({"by": 7}, "by must be a name"),
    ({"by": "Ada", "note": "x" * 2001}, "note must be text of at most 2000"),
    ({"by": "Ada", "at": "2026-11-25T08:00:00Z"}, "There is no field 'at': there are by, note."),
]


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path) as one:
        await one.house.deps.maintenance.ask()
        yield one


@pytest.fixture
async def client(shift: Shift) -> AsyncIterator[ClientSession]:
    async with ClientSession(shift.house.url) as session:
        yield session


async def get(client: ClientSession, path: str, status: int = 200) -> dict[str, Any]:
    async with client.get(path) as answer:
        document: dict[str, Any] = await answer.json()
        assert answer.status == status, document
        return document


async def do(client: ClientSession, said: object, path: str = BACKUPS, status: int = 201) -> dict[str, Any]:
    async with client.post(f"{path}/done", json=said) as answer:
        document: dict[str, Any] = await answer.json()
        assert answer.status == status, document
        return document


async def test_the_owners_tasks_are_due_by_the_end_of_the_first_whole_period(client: ClientSession) -> None:
    hotel = (await get(client, "/api/v1/maintenance"))["hotels"]["h"]
    assert (hotel["name"], hotel["timezone"]) == ("Hotel", "Europe/Lisbon")
    assert (hotel["done"], hotel["due"], hotel["overdue"]) == (0, 12, 0)
    assert [task["task"] for task in hotel["tasks"]] == [task.id for task in OWNERS]
    assert hotel["tasks"][7] == {
        "task": "test-backups",
        "title": "Test backup procedures",
        "what": "Restore a backup somewhere else and look into it; its age and size alone prove little.",
        "every": "weekly",
        "own": False,
        "evidence": "part",
        "seen": [],
        "state": "due",
        "due_by": "2026-12-07T00:00:00.000Z",
        "last": None,
    }


async def test_what_was_done_says_by_whom_and_is_due_again(client: ClientSession, shift: Shift) -> None:
    answered = await do(client, {"by": "Ada", "note": "restored the one of Monday"})
    last = {
        "id": "new1",
        "at": "2026-11-25T08:03:00.000Z",
        "by": "Ada",
        "note": "restored the one of Monday",
        "evidence": "",
        "by_itself": False,
    }
    assert (answered["hotel"], answered["task"]) == ("h", "test-backups")
    assert (answered["state"], answered["due_by"]) == ("done", "2026-12-07T00:00:00.000Z")
    assert answered["last"] == last
    hotel = (await get(client, "/api/v1/maintenance?hotel=h"))["hotels"]["h"]
    assert (hotel["done"], hotel["due"], hotel["overdue"]) == (1, 11, 0)
    shift.house.clock.advance(12 * DAY)
    found = await get(client, BACKUPS)
    assert (found["state"], found["entries"], found["next"]) == ("overdue", [last], None)
    hotel = (await get(client, "/api/v1/maintenance"))["hotels"]["h"]
    assert (hotel["done"], hotel["due"], hotel["overdue"]) == (0, 4, 8)
    assert (await do(client, {"by": "Bo"}))["state"] == "done"


async def test_who_did_it_when_is_read_page_by_page(client: ClientSession, shift: Shift) -> None:
    for number in range(5):
        shift.house.clock.advance(DAY)
        await do(client, {"by": f"Ada {number}"})
    names, before = [], ""
    while before is not None:
        page = await get(client, f"{BACKUPS}?limit=2{before and '&before=' + before}")
        names += [entry["by"] for entry in page["entries"]]
        before = page["next"]
    assert names == [f"Ada {number}" for number in (4, 3, 2, 1, 0)]


async def test_every_hotel_has_its_own_tasks_and_clocks(client: ClientSession, shift: Shift) -> None:
    own = Task("fire-panel", Rhythm.YEARLY, "Test the fire panel", own=True)
    far = Place("far", "Far", ZoneInfo("Pacific/Kiritimati"), (own,))
    shift.house.deps.maintenance.configure([Place("h", "Hotel"), far])
    await shift.house.deps.maintenance.ask()
    hotels = (await get(client, "/api/v1/maintenance"))["hotels"]
    assert list(hotels) == ["far", "h"]
    (task,) = hotels["far"]["tasks"]
    assert (task["own"], task["due_by"]) == (True, "2027-12-31T10:00:00.000Z")
    assert (await get(client, "/api/v1/maintenance?hotel=far"))["hotels"].keys() == {"far"}
    assert (await get(client, "/api/v1/maintenance?hotel=none"))["hotels"] == {}


async def test_what_is_wrong_is_named(client: ClientSession) -> None:
    for said, says in WRONG:
        assert (await do(client, said, status=400))["error"].startswith(says), said
    for path in ("/api/v1/maintenance/x/test-backups", "/api/v1/maintenance/h/nothing"):
        assert "with this id" in (await do(client, {"by": "Ada"}, path, 404))["error"]
        await get(client, path, 404)
    for ask in ("?task=x", "?hotel=", "?hotel=a&hotel=b"):
        await get(client, f"/api/v1/maintenance{ask}", 400)
    for ask in ("?limit=0", "?limit=501", "?limit=x", "?before="):
        await get(client, BACKUPS + ask, 400)
    assert (await get(client, BACKUPS))["entries"] == []


async def test_only_this_host_may_tick_without_a_token(client: ClientSession) -> None:
    headers = {"Origin": "https://evil.example"}
    async with client.post(f"{BACKUPS}/done", json={"by": "Ada"}, headers=headers) as answer:
        assert answer.status == 403
    assert (await get(client, BACKUPS))["entries"] == []


async def test_a_state_that_is_away_is_said(client: ClientSession, shift: Shift) -> None:
    await shift.night.store.close()
    assert "closed" in (await do(client, {"by": "Ada"}, status=503))["error"]
