"""The five vendors, as the owner's document names their endpoints, and what else can be reached."""

import base64
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from aiohttp import web

from daemon.clock import SystemClock
from daemon.demo.authority import Authority
from daemon.demo.web_host import Handler, WebHost

KINDS = ("booking_engine", "ota", "payment", "email", "channel_manager")
KEYS: Mapping[str, str] = {kind: f"demo-key-of-{kind.replace('_', '-')}" for kind in KINDS}
USER, PASSWORD = "grand-harbour", "demo-password-of-the-ota"
CHANNELS = ("booking.com", "expedia", "agoda")
PLENTY = {"X-RateLimit-Limit": "10000", "X-RateLimit-Remaining": "9871"}
CACHE_TTL = 300

PAGE: Mapping[str, Any] = {
    "page": {"name": "Vendor", "time_zone": "Etc/UTC"},
    "status": {"indicator": "none", "description": "All Systems Operational"},
    "components": [{"name": "API", "status": "operational"}],
    "incidents": [],
    "scheduled_maintenances": [],
}
"""What a vendor's public status page says, as most of them are made."""

SUCCESS = """\
<?xml version="1.0" encoding="UTF-8"?>
<OTA_PingRS xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" TimeStamp="{now}">
  <Success/>
</OTA_PingRS>
"""


class Vendors:
    """The vendors by kind, the world `outside` that control targets name, and the door locks in the house.

    `cache_age` is that of the booking engine's cache, `channels` how each of the channels is doing.
    """

    def __init__(self, authority: Authority) -> None:
        self.cache_age = 20.0
        self.channels = dict.fromkeys(CHANNELS, "ok")
        self.keys = dict(KEYS)
        self.password = PASSWORD
        status = self._bearer("payment", lambda: {"status": "operational"})
        mail = self._bearer("email", lambda: {"status": "ok"})
        own: dict[str, dict[str, Handler]] = {
            "booking_engine": {
                "/api/health": self._bearer("booking_engine", lambda: {"status": "healthy"}),
                "/api/cache/status": self._bearer("booking_engine", self._cache),
            },
            "ota": {"/health": _says({"status": "ok"}), "/test": self._test},
            "payment": {"/v1/status": status},
            "email": {"/v1/status": mail},
            "channel_manager": {"/api/sync/status": self._bearer("channel_manager", self._sync)},
        }
        self.hosts = {
            kind: WebHost({("GET", path): handler for path, handler in paths.items()}, authority)
            for kind, paths in own.items()
        }
        pages = {("GET", f"/{kind}/api/v2/summary.json"): _says(PAGE) for kind in KINDS}
        self.outside = WebHost({("GET", "/"): _says({"status": "ok"}), **pages})
        self.locks = WebHost({("GET", "/health"): _says({"status": "ok"})})

    def _bearer(self, kind: str, document: Callable[[], Mapping[str, Any]]) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            given = request.headers.get("Authorization", "")
            if not _same(given, f"Bearer {self.keys[kind]}"):
                return web.json_response({"error": "invalid API key"}, status=401, headers=PLENTY)
            return web.json_response(document(), headers=PLENTY)

        return answer

    async def _test(self, request: web.Request) -> web.Response:
        pair = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        if not _same(request.headers.get("Authorization", ""), f"Basic {pair}"):
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="ota"'})
        return web.Response(text=SUCCESS.format(now=_ago(0)), content_type="application/xml", headers=PLENTY)

    def _cache(self) -> Mapping[str, Any]:
        return {"status": "ok", "last_refresh": _ago(self.cache_age), "ttl_seconds": CACHE_TTL}

    def _sync(self) -> Mapping[str, Any]:
        channels = [
            {"name": name, "status": status, "last_sync": _ago(6)} for name, status in self.channels.items()
        ]
        return {"status": "ok", "last_sync": _ago(4), "channels": channels}


@asynccontextmanager
async def vendors(authority: Authority) -> AsyncIterator[Vendors]:
    """Serve the vendors on free ports while the context lasts."""
    found = Vendors(authority)
    async with AsyncExitStack() as stack:
        for host in (*found.hosts.values(), found.outside, found.locks):
            await host.start()
            stack.push_async_callback(host.stop)
        yield found


def _says(document: Mapping[str, Any]) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(document)

    return answer


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def _ago(seconds: float) -> str:
    return (SystemClock().now() - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
