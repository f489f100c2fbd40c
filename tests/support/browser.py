"""What a browser does with a page, as far as the porter cares: cookies, forms, where it comes from."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie

from aiohttp import ClientSession, DummyCookieJar

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form that was on a page of the same site."""

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class Page:
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str]
    cookies: Mapping[str, Morsel[str]]

    @property
    def to(self) -> str:
        """Where it leads."""
        return self.headers.get("Location", "")

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of its forms."""
        return {name: html.unescape(value) for name, value in HIDDEN.findall(self.text)}


@dataclass
class Browser:
    """Keeps cookies by name, sends what a browser sends, and follows nothing."""

    session: ClientSession
    url: str
    jar: dict[str, str] = field(default_factory=dict)
    host: str = ""
    origin: str = ""

    async def get(self, path: str, **headers: str) -> Page:
        """Look at a page."""
        return await self.ask("GET", path, None, headers)

    async def send(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        """Send a form from a page of the same site."""
        said = {"Origin": self.origin or self.url, **FROM_HERE, **headers}
        return await self.ask("POST", path, fields, said)

    async def log_in(self, token: str, name: str = "", **rest: str) -> Page:
        """Send the form of the login."""
        return await self.send("/login", {"name": name, "token": token, **rest})

    async def ask(
        self, method: str, path: str, fields: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> Page:
        """Ask for something, and keep the cookies of the answer."""
        said = {"Accept": "text/html,*/*;q=0.8", **headers}
        if self.host:
            said["Host"] = self.host
        if self.jar:
            said["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        async with self.session.request(
            method, self.url + path, data=fields, headers=said, allow_redirects=False
        ) as answer:
            cookies = SimpleCookie()
            for line in answer.headers.getall("Set-Cookie", []):
                cookies.load(line)
            for name, morsel in cookies.items():
                self.jar[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.jar[name]
            return Page(answer.status, await answer.text(), answer.headers.copy(), cookies)


@asynccontextmanager
async def browser(url: str, host: str = "", origin: str = "") -> AsyncIterator[Browser]:
    """Open a browser without any cookies."""
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield Browser(session, url, host=host, origin=origin)
