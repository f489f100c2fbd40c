"""Pages as a browser asks for them, and what holds for every one of them."""

import base64
import hashlib
import re
from collections.abc import Collection
from datetime import datetime, timedelta

from aiohttp import ClientSession

from daemon.buckets import Bucket
from tests.support.web import House

HOSTILE = '</style></p><script>alert(1)</script><img src=x onerror="alert(1)">\x1b[31m\u202e\x00 {{ 777*7 }}'
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


async def page(house: House, path: str = "/", status: int = 200) -> str:
    """Return a page as a browser gets it."""
    async with ClientSession(headers=BROWSER) as session, session.get(house.url + path) as answer:
        assert answer.status == status
        assert answer.content_type == "text/html"
        return await answer.text()


def past_of(start: datetime, hours: int, failed: Collection[int] = ()) -> list[Bucket]:
    """Return the record of a check that was looked at every minute, and failed in some of the hours."""
    return [
        Bucket(
            start + hour * timedelta(hours=1),
            3600,
            runs=60,
            failures=60 if hour in failed else 0,
            mean=None if hour in failed else 0.12,
            p95=None if hour in failed else 0.2,
        )
        for hour in range(hours)
    ]


def assert_nothing_comes_alive(text: str) -> None:
    """Say that nothing of a hostile text is more than text on a page."""
    assert re.findall("<script[^>]*>", text) == ['<script src="/static/porter.js" defer>']
    assert "<img" not in text
    assert "5439" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)
    assert text.count("</style>") == 1


def assert_only_its_own(text: str, policy: str) -> None:
    """Say that a page loads its own style and script and nothing else, and needs no more than it may have."""
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "script-src 'self'" in policy
    assert re.findall(r"""style="|\bsrc="[^"]*"|url\(|@import|<link rel="\w+""", text) == [
        '<link rel="icon',
        'src="/static/porter.js"',
    ]
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids)), "an id stands twice"
    for name in re.findall(r'aria-labelledby="([^"]+)"', text):
        assert set(name.split()) <= set(ids), f"nothing is called {name}"
