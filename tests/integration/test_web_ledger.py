"""The pages of the ledger: what is due, who did what when, and the form to tick it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession

from alerts.maintenance import Task
from alerts.recurrence import Rhythm
from tests.support.upkeep import Place
from tests.support.web import Shift, on_shift

DAY = 86_400
HOTEL, BACKUPS = "/maintenance/h", "/maintenance/h/test-backups"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path) as one:
        await one.house.deps.maintenance.ask()
        yield one


@pytest.fixture
async def client(shift: Shift) -> AsyncIterator[ClientSession]:
    async with ClientSession(shift.house.url) as session:
        yield session


async def page(client: ClientSession, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return text


async def tick(client: ClientSession, path: str = BACKUPS, **said: str) -> tuple[int, str]:
    """Send the form of a page; return the status, and where it leads or what it shows."""
    marks = dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', await page(client, path)))
    async with client.post(path, data={**marks, **said}, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "") or await answer.text()


def task(text: str, name: str) -> str:
    """Return the words of a task on its hotel's page."""
    found = re.search(rf'<details[^>]*id="task-{name}"[^>]*>(.*?)</summary>', text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


async def test_a_single_hotel_is_shown_at_once(client: ClientSession) -> None:
    text = await page(client, "/maintenance")
    assert "Hotel: 12 due" in text
    assert "All hotels" not in text
    assert task(text, "test-backups") == (
        "▲ Test backup procedures Never done yet. due by the end of Sun 6 Dec 2026"
    )
    assert task(text, "review-logs").endswith("due by the end of Thu 26 Nov 2026")
    assert [text.index(one) for one in ("Every day", "Every week", "Every month")] == sorted(
        text.index(one) for one in ("Every day", "Every week", "Every month")
    )


async def test_a_task_is_ticked_with_a_name_and_a_note(client: ClientSession, shift: Shift) -> None:
    status, leads = await tick(client, by="Ada", note="restored the one of Monday")
    assert (status, leads) == (303, f"{HOTEL}?ticked=test-backups#task-test-backups")
    text = await page(client, leads.partition("#")[0])
    assert "It is written down." in text
    assert task(text, "test-backups") == (
        "✓ Test backup procedures Last done Wed 25 Nov 2026, 08:03 by Ada : restored the one of Monday "
        "done again by the end of Sun 6 Dec 2026"
    )
    shift.house.clock.advance(12 * DAY)
    text = await page(client, HOTEL)
    assert "Hotel: 8 overdue, 4 due" in text
    assert task(text, "test-backups").startswith("✕ Test backup procedures")
    assert task(text, "test-backups").endswith("overdue was to be done by Sun 6 Dec 2026")
    assert "restored the one of Monday" in await page(client, BACKUPS)


async def test_a_form_that_is_sent_twice_acts_once(client: ClientSession, shift: Shift) -> None:
    marks = dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', await page(client, BACKUPS)))
    for _ in range(2):
        async with client.post(BACKUPS, data={**marks, "by": "Ada"}, allow_redirects=False) as answer:
            assert answer.status == 303
    assert len(await shift.house.deps.maintenance.entries("h", "test-backups", 10)) == 1


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    client: ClientSession, shift: Shift
) -> None:
    status, text = await tick(client, by=" ", note=f"{HOSTILE} kept")
    assert status == 400
    assert "Your name must be a name" in text
    assert re.search(r'<input[^>]*name="by"[^>]*aria-invalid="true"', text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; kept</textarea>" in text
    assert HOSTILE not in text
    status, text = await tick(client, by="Ada", note="x" * 2001)
    assert (status, "The note must be text of at most 2000" in text) == (400, True)
    async with client.post(BACKUPS, data={"by": "Ada"}) as answer:
        assert answer.status == 403
    assert await shift.house.deps.maintenance.entries("h", "test-backups", 10) == []


async def test_entries_are_read_page_by_page(client: ClientSession, shift: Shift) -> None:
    for number in range(60):
        shift.house.clock.advance(DAY)
        await shift.house.deps.maintenance.enter("h", "test-backups", by=f"Ada {number}", note=HOSTILE)
    first = await page(client, BACKUPS)
    assert HOSTILE not in first
    older = re.search(r'href="(\?before=[^"]+)"', first)
    assert older is not None
    second = await page(client, BACKUPS + older[1])
    names = [re.findall(r"<strong>Ada (\d+)</strong>", text) for text in (first, second)]
    assert names == [[str(n) for n in range(59, 9, -1)], [str(n) for n in range(9, -1, -1)]]
    assert "?before" not in second


async def test_of_many_hotels_those_with_something_overdue_stand_first(
    client: ClientSession, shift: Shift
) -> None:
    own = (Task("pool", Rhythm.DAILY, "Look at the pool", own=True),)
    lisbon = ZoneInfo("Europe/Lisbon")
    many = [Place(f"h{number}", f"House {number:03}", lisbon, own) for number in range(500)]
    shift.house.deps.maintenance.configure([*many, Place("none", HOSTILE, lisbon, ())])
    await shift.house.deps.maintenance.ask()
    shift.house.clock.advance(3 * DAY)
    for place in many[100:]:
        await shift.house.deps.maintenance.enter(place.id, "pool", by="Ada", note="")
    text = await page(client, "/maintenance")
    assert "In 100 hotels something is overdue" in text
    order = re.findall(r'<a href="/maintenance/(\w+)">', text)
    assert order[:100] == [place.id for place in many[:100]]
    assert len(order) == 501
    assert text.index("Something to do") < text.index("All done") < text.index("House 100")
    assert HOSTILE not in text
    assert "1 overdue" in text
    assert "This hotel has no tasks." in await page(client, "/maintenance/none")
    assert "All hotels" in await page(client, "/maintenance/h1")


async def test_what_is_not_there_is_said(client: ClientSession) -> None:
    for path in ("/maintenance/x", "/maintenance/x/test-backups", f"{HOTEL}/nothing"):
        assert re.search(r"with this id[.;]", await page(client, path, 404))
    assert "must be an id" in await page(client, f"{BACKUPS}?before=<", 400)


async def test_a_state_that_is_away_is_said(client: ClientSession, shift: Shift) -> None:
    marks = dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', await page(client, BACKUPS)))
    await shift.night.store.close()
    for path in ("/maintenance", HOTEL, BACKUPS):
        assert "cannot be read now" in await page(client, path, 503)
    async with client.post(BACKUPS, data={**marks, "by": "Ada"}) as answer:
        assert answer.status == 503
