"""What the porter has seen of a task, what it ticked, and credentials: on the page and in the API."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from alerts.change import Change
from alerts.credentials import Credential
from alerts.maintenance import OWNERS
from alerts.reports.report import Kind, Report
from daemon.store.errors import StateError
from daemon.store.maintenance import enter_all
from tests.integration.test_web_ledger import page, tick
from tests.integration.test_web_maintenance import do, get
from tests.support.upkeep import Place
from tests.support.web import Shift, on_shift
from tests.unit.test_maintenance_ticks import DAILY

LOGS = "/api/v1/maintenance/h/review-logs"
SEEN = "2 new kinds of error\nERROR <b>#</b> failed"
KEYS = (
    Credential("google", "App password", "Ada", "email", date(2026, 5, 1), rotate_every=180, note="ask IT"),
    Credential("ota", "OTA <i>password</i>", "Revenue", expires=date(2026, 12, 1)),
    Credential("cm", "Channel manager", "Revenue", expires=date(2027, 12, 1)),
)


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path) as one:
        ledger = one.house.deps.maintenance

        async def look(hotel: str, kind: Kind) -> Report:
            return replace(
                DAILY, hotel=hotel, kind=kind, evidence={"review-logs": SEEN} if kind == "daily" else {}
            )

        ledger.look = look
        ledger.configure([Place("h", "Hotel", credentials=KEYS)])
        await ledger.ask()
        yield one


@pytest.fixture
async def client(shift: Shift) -> AsyncIterator[ClientSession]:
    async with ClientSession(shift.house.url) as session:
        yield session


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


async def test_what_was_seen_stands_on_the_page_and_is_kept_with_the_tick(client: ClientSession) -> None:
    text = await page(client, "/maintenance/h/review-logs")
    assert "Seen by itself so far" in text
    assert "ERROR &lt;b&gt;#&lt;/b&gt; failed" in text
    assert "Seen by itself so far" not in await page(client, "/maintenance/h/test-backups")
    assert (await tick(client, "/maintenance/h/review-logs", by="Ada"))[0] == 303
    entry = (await get(client, LOGS))["entries"][0]
    assert (entry["by"], entry["evidence"], entry["by_itself"]) == ("Ada", SEEN, False)
    assert "What was seen" in await page(client, "/maintenance/h/review-logs")


async def test_the_api_tells_what_was_seen_and_keeps_it_with_the_tick(client: ClientSession) -> None:
    hotel = (await get(client, "/api/v1/maintenance"))["hotels"]["h"]
    assert {one["task"]: one["seen"] for one in hotel["tasks"] if one["seen"]} == {
        "review-logs": SEEN.splitlines()
    }
    assert (await get(client, LOGS))["seen"] == SEEN.splitlines()
    done = await do(client, {"by": "Ada"}, LOGS)
    assert (done["seen"], done["last"]["evidence"]) == (SEEN.splitlines(), SEEN)


async def test_a_report_that_cannot_be_made_keeps_nobody_from_ticking(
    client: ClientSession, shift: Shift
) -> None:
    async def away(hotel: str, kind: Kind) -> Report:
        raise StateError("the state is away")

    shift.house.deps.maintenance.look = away
    done = await do(client, {"by": "Ada"}, LOGS)
    assert (done["state"], done["last"]["evidence"]) == ("done", "")


async def test_what_the_porter_ticked_is_told_apart(client: ClientSession, shift: Shift) -> None:
    report = replace(DAILY, made_at=shift.house.deps.clock.now())
    ticked = shift.house.deps.maintenance.tick_by_report(report)
    assert len(ticked) == 4
    await shift.night.store.commit_with(Change(), partial(enter_all, found=ticked))
    last = (await get(client, LOGS))["last"]
    assert (last["by"], last["by_itself"], last["evidence"]) == ("Night Porter", True, "seen of review-logs")
    assert "Seen to by itself" in words(await page(client, "/maintenance/h"))
    text = words(await page(client, "/maintenance/h/review-logs"))
    assert "Ticked by itself: all of it was seen." in text
    assert "seen of review-logs" in text
    hotel = (await get(client, "/api/v1/maintenance"))["hotels"]["h"]
    assert (hotel["done"], hotel["due"]) == (4, len(OWNERS) - 4)


async def test_credentials_stand_on_the_page_and_in_the_api_the_next_that_is_due_first(
    client: ClientSession,
) -> None:
    hotel = (await get(client, "/api/v1/maintenance"))["hotels"]["h"]
    found: list[dict[str, Any]] = hotel["credentials"]
    assert [(one["credential"], one["state"], one["due"]) for one in found] == [
        ("google", "overdue", "2026-10-28"),
        ("ota", "soon", "2026-12-01"),
        ("cm", "fine", "2027-12-01"),
    ]
    assert found[0] == {
        "credential": "google",
        "title": "App password",
        "owner": "Ada",
        "integration": "email",
        "created": "2026-05-01",
        "age_days": 208,
        "due": "2026-10-28",
        "state": "overdue",
        "note": "ask IT",
    }
    text = await page(client, "/maintenance/h")
    assert "OTA &lt;i&gt;password&lt;/i&gt;" in text
    assert (
        "App password looked after by Ada, for email, 208 days old: ask IT overdue was to be changed by"
        " Wed 28 Oct 2026" in words(text)
    )


async def test_the_status_page_says_how_much_is_overdue_and_leads_there(
    client: ClientSession, shift: Shift
) -> None:
    clock, link, key = shift.house.clock, '<a href="/maintenance/h">', "1 credential is overdue"
    assert ": 1 credential overdue, 12 due</span>" in await page(client, "/maintenance/h")
    assert f"{link}{key}, 12 tasks are due</a>" in await page(client, "/")
    clock.advance(3 * 86_400)
    assert f"{link}{key}, 4 tasks are overdue, 8 due</a>" in await page(client, "/")
    await do(client, {"by": "Ada"}, LOGS)
    assert f"{link}{key}, 3 tasks are overdue, 8 due</a>" in await page(client, "/hotels/h")
