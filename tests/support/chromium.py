"""A real browser: Debian's Chromium, headless, and what it thinks of a page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright

from tests.support.nginx import needed

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1440, "height": 900}

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = files("axe_playwright_python") / "axe.min.js"
"""Deque's axe-core, as a package of the index brings it."""

STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
SCAN = """
async (standards) => (await axe.run(document, {runOnly: standards}))
    .violations.map(one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.html).join(" | ")}`)
"""


@dataclass
class Tab:
    """A page that is looked at. `complaints` are what the browser found wrong with it."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def scan(self) -> list[str]:
        """Return what axe finds wrong for those who do not see, or not well, or have no mouse."""
        # The page's own policy lets no other script in; a debugger may bring one.
        await self.page.evaluate(await asyncio.to_thread(AXE.read_text))
        found: list[str] = await self.page.evaluate(SCAN, list(STANDARDS))
        return found

    async def overflows(self) -> bool:
        """Say whether the page is wider than its window."""
        wide: bool = await self.page.evaluate(
            "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run a browser while the context lasts."""
    program = needed("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab(browser: Browser, size: ViewportSize = DESKTOP, **more: Any) -> AsyncIterator[Tab]:
    """Open a page in a profile of its own while the context lasts."""
    context = await browser.new_context(viewport=size, reduced_motion="reduce", **more)
    page = await context.new_page()
    found = Tab(page)

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            found.complaints.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: found.complaints.append(f"{page.url}: {error}"))
    try:
        yield found
    finally:
        await context.close()
