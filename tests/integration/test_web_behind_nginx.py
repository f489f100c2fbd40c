"""A real nginx with HTTPS before the porter, set up as the guide says."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from daemon.web.pages.login import EACH
from daemon.web.sessions import Sessions
from tests.support.browser import Browser, browser
from tests.support.nginx import nginx
from tests.support.web import House, serving

GUIDE = Path(__file__).parents[2] / "docs" / "http.md"
TOKEN = "s3cret-Tök"
SILENT = "location / {{ proxy_pass http://127.0.0.1:{port}; }}"
"""A proxy that says nothing of who asks, and asks under another name."""


def as_in_the_guide(port: int) -> str:
    (block,) = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return str(block).replace("127.0.0.1:9187", f"127.0.0.1:{port}")


@asynccontextmanager
async def proxied(
    directory: Path, token: str | None, location: str = ""
) -> AsyncIterator[tuple[House, Browser]]:
    """Serve behind nginx; yield the house, and a browser that comes through it."""
    async with serving(token) as house:
        said = location.format(port=house.port) if location else as_in_the_guide(house.port)
        async with nginx(directory, said) as proxy:
            house.public_url = url = f"https://localhost:{proxy.port}"
            trust = TCPConnector(ssl=ssl.create_default_context(cafile=str(proxy.ca_file)))
            async with ClientSession(connector=trust, cookie_jar=DummyCookieJar()) as session:
                yield house, Browser(session, url)


@pytest.mark.parametrize("location", ["", SILENT], ids=["as in the guide", "silent"])
async def test_people_log_in_over_https_and_out_again(tmp_path: Path, location: str) -> None:
    async with proxied(tmp_path, TOKEN, location) as (house, ada):
        page = await ada.get("/")
        assert (page.status, page.to) == (303, "/login?next=/")
        assert (await ada.log_in(TOKEN, "Ada")).status == 303
        assert list(ada.jar) == ["__Host-nightporter"]
        page = await ada.get("/")
        assert "Log out Ada" in page.text
        house.clock.advance(3600)
        assert (await ada.get("/")).cookies["__Host-nightporter"]["secure"]
        assert (await ada.send("/logout", page.hidden)).status == 303
        assert ada.jar == {}
        assert (await ada.get("/")).status == 303


async def test_tries_are_counted_by_who_asks_the_proxy_and_not_by_what_they_say(tmp_path: Path) -> None:
    async with proxied(tmp_path, TOKEN) as (house, mallory):
        for number in range(EACH.tries):
            forged = {"X-Forwarded-For": f"198.51.100.{number}"}
            assert (await mallory.send("/login", {"token": "wrong"}, **forged)).status == 403
        assert (await mallory.log_in(TOKEN)).status == 429
        # The porter's own host has not tried anything.
        async with browser(house.url) as there:
            there.jar = {}
            page = await there.send("/login", {"token": TOKEN}, **{"X-Forwarded-For": "198.51.100.1"})
            assert page.status == 303


async def test_pages_are_told_of_changes_through_it(tmp_path: Path) -> None:
    async with proxied(tmp_path, TOKEN) as (_, ada):
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with asyncio.timeout(10), ada.session.get(ada.url + "/events", headers=headers) as answer:
            assert await answer.content.readline() == b"event: beat\n"


async def test_without_a_token_nothing_is_changed_through_it(tmp_path: Path) -> None:
    async with proxied(tmp_path, None) as (house, ada):
        assert (await ada.get("/")).status == 200
        csrf = Sessions(house.deps.links.key, lambda: None).csrf(None)
        page = await ada.send("/logout", {"csrf": csrf})
        assert page.status == 403
        assert "forwarded by a proxy" in page.text
        assert (await ada.send("/-/reload", {})).status == 403
        assert house.reloads == 0
