"""Every page in a real browser: nothing to complain of, on a phone, in the dark, for who cannot see it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.chromium import DESKTOP, PHONE, chromium, tab
from tests.support.reporting import several
from tests.support.web import Shift, on_shift

REPORTS = ("/reports", "/reports/h/daily", "/reports/h/weekly/2026-11-30T06:00Z")
PAGES = ("/", "/login", "/maintenance", "/maintenance/h/test-backups", *REPORTS, "/nowhere")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path) as running:
        running.house.reporter.made += several()
        yield running


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_no_page_has_anything_to_complain_of(browser: Browser, shift: Shift, colours: str) -> None:
    found = []
    for size in (PHONE, DESKTOP):
        async with tab(browser, size, color_scheme=colours) as one:
            for path in PAGES:
                answer = await one.page.goto(shift.house.url + path)
                assert answer is not None
                if path != "/nowhere":
                    assert answer.status == 200, path
                    found += [f"{path} {size['width']}: {wrong}" for wrong in await one.scan()]
                if await one.overflows():
                    found.append(f"{path} {size['width']}: is wider than the window")
            found += [wrong for wrong in one.complaints if "404" not in wrong]
    assert found == []
