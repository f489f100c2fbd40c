"""Pages that are looked at, in a real browser: they show what is so, and disturb nobody who uses them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from alerts.incident import Severity
from checks.result import ok
from tests.support.boards import check, put, shown, timed_out
from tests.support.chromium import chromium, tab
from tests.support.clock import START
from tests.support.letters import incident
from tests.support.pages import past_of
from tests.support.web import House, serving

SOON = 15_000
PAYMENT, LOCKS = check("payment", "health", "payment"), check("door_locks", "gateway")
AT = "/hotels/grand-harbour/payment"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        board = running.deps.board
        board.watch([PAYMENT, LOCKS], {"grand-harbour": "Grand Harbour Hotel"})
        for one in (PAYMENT, LOCKS):
            put(board, one, ok(), running.clock)
        running.past.checks = {PAYMENT.id: past_of(START - timedelta(hours=30), 30)}
        yield running


def fail(house: House) -> None:
    put(house.deps.board, PAYMENT, timed_out(), house.clock)


async def focused(page: Page) -> str:
    found: str = await page.evaluate(
        "document.activeElement.getAttribute('href') ?? document.activeElement.id"
    )
    return found


async def test_more_pages_of_one_browser_than_it_opens_connections_are_all_told(
    browser: Browser, house: House
) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(tab(browser))
        pages = [first.page, *[await first.page.context.new_page() for _ in range(7)]]
        for page in pages:
            await page.goto(house.url + AT, timeout=SOON)
        fail(house)
        for page in pages:
            await expect(page.locator("h1")).to_contain_text("not working", timeout=SOON)
        await pages[0].close()
        put(house.deps.board, PAYMENT, ok(), house.clock)
        for page in pages[1:]:
            await expect(page.locator("h1")).to_contain_text(": working", timeout=SOON)


async def test_where_pages_may_not_agree_each_listens_for_itself(browser: Browser, house: House) -> None:
    async with tab(browser) as one:
        await one.page.add_init_script("Object.defineProperty(navigator, 'locks', {value: undefined})")
        await one.page.goto(house.url + AT)
        fail(house)
        await expect(one.page.locator("h1")).to_contain_text("not working", timeout=SOON)
        assert one.complaints == []


async def test_what_somebody_is_at_stays_as_it_is_when_a_page_changes(browser: Browser, house: House) -> None:
    async with tab(browser) as one:
        page = one.page
        await page.goto(house.url + AT)
        await page.click("#table-24h > summary")
        table = page.locator("#table-24h .scroll")
        await table.evaluate("one => { one.scrollTop = 120 }")
        await page.focus("#table-24h > summary")
        await page.evaluate("getSelection().selectAllChildren(document.querySelector('#checks'))")
        fail(house)
        await expect(page.locator("h1")).to_contain_text("not working", timeout=SOON)
        assert await page.evaluate("document.activeElement.parentElement.id") == "table-24h"
        assert await page.evaluate("String(getSelection())") == "Checks"
        assert await table.evaluate("one => one.scrollTop") == 120
        await expect(page.get_by_role("status")).to_have_text("Payment: not working", timeout=SOON)


async def test_what_comes_above_a_focused_link_does_not_take_its_place(
    browser: Browser, house: House
) -> None:
    board = house.deps.board
    mild = replace(incident(), id="mild", severity=Severity.WARNING)
    shown(mild, board)
    async with tab(browser) as one:
        await one.page.goto(house.url + "/")
        await one.page.focus('a[href="/incidents/mild"]')
        shown(replace(incident(), id="grave", severity=Severity.EMERGENCY), board)
        await expect(one.page.locator("#standing article.incident").first).to_contain_text(
            "grave", timeout=SOON
        )
        assert await focused(one.page) == "/incidents/mild"
        del board.incidents["mild"]
        await expect(one.page.locator("#standing article.incident")).to_have_count(1, timeout=SOON)
        assert await one.page.locator('a[href="/incidents/mild"]').count() == 0


async def test_a_page_that_nobody_answers_says_so_until_somebody_does(browser: Browser, house: House) -> None:
    async with tab(browser) as one:
        page = one.page
        await page.clock.install()
        await page.goto(house.url + AT)
        stood = await page.inner_text("#now")
        await page.context.set_offline(True)
        await page.clock.run_for(90_000)
        sign = page.get_by_role("alert")
        await expect(sign).to_contain_text(
            f"does not answer. What stands here is from {stood[:10]}", timeout=SOON
        )
        assert await one.scan() == []
        await page.context.set_offline(False)
        async with asyncio.timeout(SOON / 1000):
            while await sign.count():
                await page.clock.run_for(5_000)
