"""The pages of reports: which there are, one as it was made or as of now, and the form to mail it."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import ClientSession

from alerts.reports.report import Kind
from tests.support.outline import Outline
from tests.support.reporting import several
from tests.support.reports import empty, hostile
from tests.support.web import House, serving

HOTEL = "/reports/grand-harbour"
MADE = f"{HOTEL}/daily/2026-11-30T06:00Z"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as one:
        one.reporter.made += several("grand-harbour")
        yield one


@pytest.fixture
async def client(house: House) -> AsyncIterator[ClientSession]:
    async with ClientSession(house.url) as session:
        yield session


async def page(client: ClientSession, path: str, status: int = 200) -> str:
    async with client.get(path, headers={"Accept": "text/html"}) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return text


async def mail(client: ClientSession, by: str, **marks: str) -> tuple[int, str]:
    """Send the form of a page; return the status, and where it leads or what it shows."""
    found = dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', await page(client, f"{HOTEL}/daily")))
    said = {**found, **marks, "by": by}
    async with client.post(f"{HOTEL}/daily", data=said, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "") or await answer.text()


def words(text: str) -> str:
    """Return what can be read on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def test_a_single_hotel_is_shown_at_once_with_what_was_made(client: ClientSession) -> None:
    text = await page(client, "/reports")
    assert "All hotels" not in text
    assert re.findall(rf'href="({HOTEL}/[^"]*)"', text) == [
        f"{HOTEL}/daily",
        f"{HOTEL}/weekly",
        f"{HOTEL}/monthly",
        MADE,
        f"{HOTEL}/weekly/2026-11-30T06:00Z",
        f"{HOTEL}/daily/2026-11-29T06:00Z",
        f"{HOTEL}/daily/2026-11-28T06:00Z",
        f"{HOTEL}/monthly/2026-11-01T06:00Z",
    ]
    assert "▲ Daily: Sunday 29 Nov 2 incidents, nothing is open" in words(text)


async def test_of_several_hotels_one_is_chosen(house: House, client: ClientSession) -> None:
    house.deps.board.hotels["annexe"] = "Annexe <b>"
    text = await page(client, "/reports")
    assert re.findall(r'href="(/reports/[^"]*)">([^<]*)<', text) == [
        ("/reports/annexe", "Annexe &lt;b&gt;"),
        (HOTEL, "Grand Harbour Hotel"),
    ]
    assert "None was made yet" in await page(client, "/reports/annexe")


async def test_what_does_not_fit_on_a_page_is_on_the_next(house: House, client: ClientSession) -> None:
    house.reporter.made[:] = several("grand-harbour", 40)
    first = await page(client, HOTEL)
    assert len(re.findall(r"/2026-\d\d-\d\dT06:00Z", first)) == 30
    assert 'href="?page=2"' in first
    second = await page(client, f"{HOTEL}?page=2")
    assert len(re.findall(r"/2026-\d\d-\d\dT06:00Z", second)) == 12
    assert "Older ones" not in second
    assert "There is nothing older." in await page(client, f"{HOTEL}?page=3")
    await page(client, f"{HOTEL}?page=x", 400)


async def test_a_report_is_shown_as_it_was_made_with_its_pictures(client: ClientSession) -> None:
    text = await page(client, MADE)
    said = words(text)
    assert (
        "Daily report of Hotel: Sunday 29 Nov Sunday 29 Nov 2026, 06:00 to Monday 30 Nov 2026, 06:00" in said
    )
    assert "channel_manager waited" not in said
    assert (
        len(
            re.findall(
                r'<img src="data:image/png;base64,[^"]+" width="556" height="96" alt="\w+ answered', text
            )
        )
        == 4
    )
    assert 'href="/incidents/inc-7f3a9c"' in text
    assert "Mail it now" not in text
    assert 'http-equiv="refresh"' not in text
    assert "porter.js" not in text


async def test_a_report_as_of_now_can_be_mailed(house: House, client: ClientSession) -> None:
    text = await page(client, f"{HOTEL}/daily")
    assert "Sunday 29 Nov so far" in text
    status, location = await mail(client, "Ada")
    assert (status, location) == (303, f"{HOTEL}/daily?mailed=2#mail")
    assert house.reporter.asked == [("grand-harbour", Kind.DAILY, "Ada")]
    assert "It is on its way to 2 recipients." in words(await page(client, location))


async def test_a_form_that_is_sent_twice_mails_once(house: House, client: ClientSession) -> None:
    first = await mail(client, "Ada", once="this-one")
    second = await mail(client, "Ada", once="this-one")
    assert (first[0], second[0]) == (303, 303)
    assert len(house.reporter.asked) == 1
    assert "It is on its way." in words(await page(client, second[1]))


async def test_what_keeps_it_from_being_mailed_is_said_in_the_form(
    house: House, client: ClientSession
) -> None:
    status, text = await mail(client, "")
    assert status == 400
    assert "Your name must be a name" in text
    house.reporter.people = ()
    status, text = await mail(client, "Ada")
    assert status == 409
    assert "There is nobody to mail it to" in text
    assert 'value="Ada"' in text


async def test_nothing_is_mailed_from_elsewhere(house: House, client: ClientSession) -> None:
    async with client.post(f"{HOTEL}/daily", data={"by": "Ada", "csrf": "x"}) as answer:
        assert answer.status == 403
    assert house.reporter.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/reports/nowhere",
        "/reports/nowhere/daily",
        f"{HOTEL}/hourly",
        f"{HOTEL}/daily/2026-11-30T07:00Z",
        f"{HOTEL}/daily/yesterday",
        f"{HOTEL}/daily/2026-99-30T06:00Z",
    ],
)
async def test_what_is_not_there_is_said(client: ClientSession, path: str) -> None:
    assert "There " in words(await page(client, path, 404))


async def test_a_state_that_is_away_is_said(house: House, client: ClientSession) -> None:
    house.reporter.away = True
    for path in (HOTEL, f"{HOTEL}/daily", MADE):
        assert "The reports cannot be read now" in await page(client, path, 503)


async def test_hostile_and_empty_reports_are_pages_like_others(house: House, client: ClientSession) -> None:
    house.reporter.made[:] = [hostile(), replace(empty(), kind=Kind.WEEKLY)]
    text = await page(client, MADE)
    outline = Outline(text)
    assert not outline.all("script")
    assert not [name for _, found in outline.found for name in found if name.startswith("on")]
    assert "\u202e" not in text
    assert "Nothing is recorded of this time." in await page(client, f"{HOTEL}/weekly/2026-11-30T06:00Z")
    await page(client, HOTEL)
