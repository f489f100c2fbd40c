"""The PMS's own web host: where the vendors call, with verifiers as they should be."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from daemon.demo.authority import Authority
from daemon.demo.web_host import WebHost

BOOKING, PAYMENT = "booking-engine", "payment"
PATHS = {name: f"/api/webhooks/{name}" for name in (BOOKING, PAYMENT)}
SECRETS = {name: f"demo-webhook-secret-of-{name}" for name in (BOOKING, PAYMENT)}
PROBE = "X-Monitor-Probe"

Log = Callable[[str, str, str], None]
"""Writes a line: whose webhook, at which level, and what."""


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook that was let in."""

    source: str
    name: str
    probe: bool


@dataclass(eq=False)
class PmsHost:
    """Takes webhooks. `events` were let in, `refused` counts the others, `bookings` is what came of them.

    `careless` names what it does not mind: "any" signature, or that a short one makes the verifier "crash".
    """

    log: Log
    secrets: dict[str, str] = field(default_factory=lambda: dict(SECRETS))
    careless: str = ""
    events: list[Event] = field(default_factory=list)
    bookings: list[str] = field(default_factory=list)
    refused: int = 0

    async def front(self, _request: web.Request) -> web.Response:
        """Greet a visitor."""
        return web.Response(text="Grand Harbour Hotel: property management system")

    async def booking(self, request: web.Request) -> web.Response:
        """Take an event of the booking engine: hex over the raw body."""
        body = await request.read()
        wanted = _digest(self.secrets[BOOKING], body).hex()
        return self._decide(BOOKING, request, body, "X-Webhook-Signature", wanted)

    async def payment(self, request: web.Request) -> web.Response:
        """Take an event of the payment gateway: base64 over its URL and the raw body."""
        body = await request.read()
        # The URL as it is registered at the gateway, whatever name we were called by.
        url = f"https://localhost:{request.url.port}{PATHS[PAYMENT]}"
        wanted = base64.b64encode(_digest(self.secrets[PAYMENT], url.encode() + body)).decode()
        return self._decide(PAYMENT, request, body, "x-square-hmacsha256-signature", wanted)

    def _decide(
        self, source: str, request: web.Request, body: bytes, header: str, wanted: str
    ) -> web.Response:
        given = request.headers.get(header, "")
        if self.careless == "crash" and len(given) != len(wanted):
            raise web.HTTPInternalServerError(text="RangeError: Input buffers must have the same byte length")
        same = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())
        if not same and self.careless != "any":
            self.refused += 1
            self.log(source, "ERROR", f"webhook signature verification failed{_mark(request)}")
            return web.json_response({"error": "invalid signature"}, status=401)
        return self._take(source, request, body)

    def _take(self, source: str, request: web.Request, body: bytes) -> web.Response:
        try:
            document = json.loads(body)
        except ValueError:
            return web.json_response({"error": "not JSON"}, status=400)
        found = document if isinstance(document, dict) else {}
        name = str(found.get("event") or found.get("type") or "unknown")[:80]
        self.events.append(Event(source, name, PROBE in request.headers))
        del self.events[:-1000]
        if name == "reservation.created":
            self.bookings.append(str(found.get("reservation_id", ""))[:80])
        self.log(source, "INFO", f"webhook {name} accepted{_mark(request)}")
        return web.json_response({"received": True})


@dataclass(frozen=True, slots=True)
class Pms:
    """The PMS's web host: what it decides, and where it serves."""

    decides: PmsHost
    host: WebHost

    def url(self, name: str) -> str:
        """Return where a vendor calls."""
        return self.host.url + PATHS[name]


@asynccontextmanager
async def pms_host(authority: Authority, log: Log) -> AsyncIterator[Pms]:
    """Serve the PMS on a free port while the context lasts."""
    decides = PmsHost(log)
    routes = {
        ("GET", "/"): decides.front,
        ("POST", PATHS[BOOKING]): decides.booking,
        ("POST", PATHS[PAYMENT]): decides.payment,
    }
    host = WebHost(routes, authority)
    await host.start()
    try:
        yield Pms(decides, host)
    finally:
        await host.stop()


def _digest(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def _mark(request: web.Request) -> str:
    """Return what lets a reader of the log tell a monitor's probes from events."""
    return f" {PROBE}={request.headers[PROBE][:40]}" if PROBE in request.headers else ""
