"""Looking at something changes nothing."""

import re
import sqlite3
from pathlib import Path

from daemon.web.app import build
from tests.support.browser import browser
from tests.support.web import Shift, on_shift

READ = {"GET", "HEAD"}
FILLED = {"{id}": "id1", "{name}": "porter.js", "{hotel}": "grand-harbour", "{task}": "review-logs"}


def stored(directory: Path) -> list[str]:
    """Return all that is stored."""
    (file,) = directory.glob("*.db")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as state:
        return list(state.iterdump())


def addresses(shift: Shift, token: str) -> list[str]:
    """Return an address for each route that is looked at."""
    found = []
    for route in build(shift.house.deps).router.routes():
        if route.method == "GET" and route.resource is not None:
            path = route.resource.canonical.replace("{token}", token)
            for part, value in FILLED.items():
                path = path.replace(part, value)
            found.append(path)
    return found


async def test_no_address_that_is_looked_at_changes_anything(tmp_path: Path) -> None:
    async with on_shift(tmp_path) as shift, browser(shift.house.url) as ada:
        token = shift.links.token(await shift.now(), "ada@hotel.example", shift.house.clock.now())
        paths = addresses(shift, token)
        assert {"/", "/login", "/events", f"/i/id1/{token}", "/api/v1/incidents/id1"} <= set(paths)
        before, open_before = stored(tmp_path), await shift.now()
        for path in paths:
            assert "{" not in path, f"what stands for a part of {path}?"
            for method in sorted(READ):
                if (path, method) != ("/events", "GET"):
                    page = await ada.ask(method, f"{path}?by=Ada&until=4h&csrf=x", None, {})
                    assert page.status in {200, 400}, (method, path, page.text)
                    assert not page.cookies
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
