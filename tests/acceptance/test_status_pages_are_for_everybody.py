"""The status pages in a real browser, with all that can be on them: on a phone, in the dark, by keyboard."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from alerts.incident import IncidentState, NextStep, Severity
from checks.result import QUEUE_PENDING, SYNC_DELAY, Quota, Reason, Result, State, ok
from daemon.board import Board, Post
from tests.support.boards import answered, check, put, shown, timed_out
from tests.support.chromium import DESKTOP, PHONE, chromium, tab
from tests.support.clock import START, FakeClock
from tests.support.letters import incident
from tests.support.pages import past_of
from tests.support.web import House, Stored, serving

HOTELS = {"grand-harbour": "Grand Harbour Hotel", "palace": "Palace Hotel", "villa": "Villa Rosa"}
PAGES = ("/", "/?status=unwell", "/hotels/grand-harbour", "/hotels/grand-harbour/payment", "/no/such/page")

MOST_OPEN = 8
"""More pages than a browser opens connections to one host."""

SEEN = """
(seen) => {
    Object.defineProperty(document, "hidden", {value: !seen, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}
"""
"""Brings a page to the front, or puts it behind others: without a screen a browser takes all for seen."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        fill(running.deps.board, running.clock)
        board = running.deps.board
        failed = {one: {2, 20} if one.check == "health" else set() for one in board.tiles}
        start = START - timedelta(hours=30)
        running.past.checks = {one: past_of(start, 30, hours) for one, hours in failed.items()}
        yield running


def fill(board: Board, clock: FakeClock) -> None:
    """Put up three hotels: one with everything that can be wrong, one that is well, one not seen yet."""
    checks = {
        (hotel, kind, name): check(kind, name, kind, hotel)
        for hotel in HOTELS
        for kind, names in (("payment", ("health", "queue", "log")), ("email", ("provider", "quota")))
        for name in names
    }
    board.watch(checks.values(), HOTELS)
    for (hotel, _, _), one in checks.items():
        if hotel != "villa":
            put(board, one, answered(), clock)
    ends = (START + timedelta(hours=3)).timestamp()
    quota = Result(State.OK, quotas={"messages": Quota(1900.0, 2000.0, ends)})
    put(board, checks["grand-harbour", "payment", "health"], timed_out(), clock)
    put(
        board,
        checks["grand-harbour", "payment", "queue"],
        ok("", {QUEUE_PENDING: 9.0, SYNC_DELAY: 9.0}),
        clock,
    )
    put(board, checks["grand-harbour", "email", "quota"], quota, clock)
    put(
        board, checks["grand-harbour", "email", "provider"], Result(State.WARNING, Reason.STALE, "old"), clock
    )
    board.tiles[checks["grand-harbour", "payment", "log"].id].silenced = True
    step = NextStep("2", START + timedelta(minutes=8), "If nobody has acknowledged it within 15 min.")
    for number, severity in enumerate(Severity):
        shown(replace(incident(), id=f"inc-{number}", severity=severity, next_step=step), board)
    board.post = Post(2, START, "relay.example: connection refused")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_no_status_page_has_anything_to_complain_of(
    browser: Browser, house: House, colours: str, size: ViewportSize
) -> None:
    found = []
    async with tab(browser, size, color_scheme=colours) as one:
        for path in PAGES:
            await one.page.goto(house.url + path)
            for folded in await one.page.query_selector_all("details:not([open]) > summary"):
                await folded.click()
            found += [f"{path}: {wrong}" for wrong in await one.scan()]
            if await one.overflows():
                found.append(f"{path}: is wider than the window")
        found += [wrong for wrong in one.complaints if "404" not in wrong]
    assert found == []


async def test_a_failure_appears_by_itself_and_what_is_folded_out_stays(
    browser: Browser, house: House
) -> None:
    board, one = house.deps.board, check("payment", "health", "payment", "palace")
    async with tab(browser) as looking:
        page = looking.page
        await page.goto(house.url + "/hotels/palace/payment")
        assert await page.title() == "✓ Payment working, Palace Hotel · Night Porter"
        await page.click("#look-queue > summary")
        put(board, one, timed_out(), house.clock)
        await expect(page.locator("h1")).to_contain_text("not working")
        await expect(page).to_have_title("✕ Payment not working, Palace Hotel · Night Porter")
        assert await page.get_attribute("#look-queue", "open") is not None
        assert looking.complaints == []


async def test_pages_that_nobody_sees_hold_up_no_further_one(browser: Browser, house: House) -> None:
    async with tab(browser) as looking:
        first, board = looking.page, house.deps.board
        await first.goto(house.url + "/hotels/palace/payment")
        await first.evaluate(SEEN, False)
        for _ in range(MOST_OPEN):
            page = await first.context.new_page()
            await page.goto(house.url + "/")
            await page.evaluate(SEEN, False)
        put(board, check("payment", "health", "payment", "palace"), timed_out(), house.clock)
        await first.evaluate(SEEN, True)
        await expect(first.locator("h1")).to_contain_text("not working")
        assert looking.complaints == []


async def test_without_a_script_hotels_are_found_by_keyboard(browser: Browser, house: House) -> None:
    async with tab(browser, java_script_enabled=False) as looking:
        page = looking.page
        await page.goto(house.url + "/")
        await page.focus("input[name=q]")
        await page.keyboard.type("villa")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/?q=villa&status=")
        assert "Villa Rosa" in await page.inner_text("#hotel-list")
        assert "Palace" not in await page.inner_text("#hotel-list")


async def test_on_a_phone_a_table_is_scrolled_and_no_word_of_it_is_broken(
    browser: Browser, house: House
) -> None:
    over = replace(incident(), state=IncidentState.RESOLVED, resolved_at=START + timedelta(hours=1))
    house.shelf.records.append(Stored(over))
    async with tab(browser, PHONE) as looking:
        await looking.page.goto(house.url + "/hotels/grand-harbour/payment")
        heads = looking.page.get_by_role("region", name="Incidents that are over").locator("th[scope=col]")
        assert await heads.all_inner_texts() == [
            "Opened",
            "What it was",
            "Severity",
            "Lasted",
            "How it ended",
        ]
        assert max([(await one.bounding_box() or {"height": 99})["height"] for one in await heads.all()]) < 50
        assert not await looking.overflows()


async def test_a_page_is_printed_without_what_can_only_be_pressed(browser: Browser, house: House) -> None:
    async with tab(browser, color_scheme="dark") as looking:
        await looking.page.goto(house.url + "/")
        await looking.page.emulate_media(media="print")
        assert not await looking.page.is_visible("form")
        assert not await looking.page.is_visible("nav")
        colour = "getComputedStyle(document.body).color"
        assert await looking.page.evaluate(colour) == "rgb(27, 31, 36)"
