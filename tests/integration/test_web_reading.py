"""Looking at something changes nothing."""

import re
import sqlite3
from itertools import product
from pathlib import Path

from daemon.web.app import build
from tests.support.browser import Page, browser
from tests.support.web import HEALTH, Shift, on_shift

READ = {"GET", "HEAD"}
FORBIDDEN = re.compile(
    r"<script(?![^>]*\bsrc=)|<[a-z][^>]*\s(?:on[a-z]+|style)=|javascript:|<(?:script|img|link|iframe|form)[^>]*=\"(?:https?:)?//",
    re.IGNORECASE,
)
FILLED = {
    "id": "id1",
    "name": "porter.js",
    "hotel": HEALTH.id.hotel,
    "integration": HEALTH.id.integration,
    "task": "review-logs",
    "kind": "daily",
    "ends": "2026-11-30T06:00Z",
}
"""What stands for the parts of addresses; `id1` for others."""


def stored(directory: Path) -> list[str]:
    """Return all that is stored."""
    (file,) = directory.glob("*.db")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as state:
        return list(state.iterdump())


def addresses(shift: Shift, token: str) -> list[str]:
    """Return an address for each route that is looked at."""
    found, named = [], FILLED | {"token": token}
    for route in build(shift.house.deps).router.routes():
        if route.method == "GET" and route.resource is not None:
            path = re.sub(r"{(\w+)}", lambda part: named.get(part[1], "id1"), route.resource.canonical)
            found.append(path)
    return found


def outside(page: Page) -> list[str]:
    """Return what a page should not have: code or style in it, what comes from elsewhere, a lax policy."""
    if not page.headers["Content-Type"].startswith("text/html"):
        return []
    policy = page.headers["Content-Security-Policy"]
    lax = [word for word in ("'unsafe-", "*", "http:", "https:") if word in policy]
    strict = ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'")
    return lax + [word for word in strict if word not in policy] + FORBIDDEN.findall(page.text)


async def test_no_address_that_is_looked_at_changes_anything(tmp_path: Path) -> None:
    async with on_shift(tmp_path) as shift, browser(shift.house.url) as ada:
        token = shift.links.token(await shift.now(), "ada@hotel.example", shift.house.clock.now())
        paths = addresses(shift, token)
        assert {"/", "/login", "/events", f"/i/id1/{token}", "/api/v1/incidents/id1"} <= set(paths)
        before, open_before = stored(tmp_path), await shift.now()
        for path, query, method in product(paths, ("", "?by=Ada&until=4h&csrf=x"), sorted(READ)):
            if (path, method) != ("/events", "GET"):
                page = await ada.ask(method, path + query, None, {})
                assert page.status in ({200, 400, 404} if query else {200, 404}), (method, path, page.text)
                assert not page.cookies
                assert outside(page) == [], path
                assert method == "GET" or page.text == ""
        assert await shift.now() == open_before
        assert stored(tmp_path) == before
    assert shift.house.reloads == 0


async def test_every_address_that_changes_something_takes_no_get(tmp_path: Path) -> None:
    async with on_shift(tmp_path) as shift, browser(shift.house.url) as ada:
        routes = [route for route in build(shift.house.deps).router.routes() if route.resource is not None]
        read = {route.resource.canonical for route in routes if route.resource and route.method in READ}
        changing = {route.resource.canonical for route in routes if route.resource} - read
        assert {"/-/reload", "/logout", "/api/v1/incidents/{id}/ack"} <= changing
        for path in changing:
            assert (await ada.get(re.sub(r"{\w+}", "id1", path))).status == 405
