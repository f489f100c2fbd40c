"""A PMS's webhook with a verifier of its own, as the vendors describe one, that errs where a test wants."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

SECRET = "pms-secret"
PATH = "/api/webhooks/payment"
HEADERS = ("X-Webhook-Signature", "x-square-hmacsha256-signature", "Stripe-Signature")


@dataclass(frozen=True)
class Event:
    """What was posted, and what the verifier thinks of it."""

    kind: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """Takes events that are signed and new, and refuses all others, but for the `statuses` of a kind.

    Several statuses of a kind are given one after the other; the last one stays, and 0 is no answer but a
    closed connection. Answers take `pause` seconds, and never come to the kind `hangs`; after `allowed` of
    them there are only 429s.
    """

    secret: str = SECRET
    statuses: dict[str, tuple[int, ...]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    body: str = ""
    pause: float = 0.0
    hangs: str = ""
    allowed: int = 1_000_000
    url: str = ""
    events: list[Event] = field(default_factory=list)

    def forget(self) -> None:
        """Begin to count anew what was tried."""
        self.events.clear()

    def kinds(self) -> list[str]:
        """Return what was tried, in order."""
        return [event.kind for event in self.events]

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        event = Event(self._kind(request.headers, body), request.headers, body)
        self.events.append(event)
        usual = (200 if event.kind == "signed" else 401,)
        queue = deque(self.statuses.get(event.kind, usual))
        queue.rotate(1 - min(self.kinds().count(event.kind), len(queue)))
        await asyncio.sleep(60 if event.kind == self.hangs else self.pause)
        self.allowed -= 1
        if queue[0] == 0 and request.transport is not None:
            request.transport.abort()
        status = 429 if self.allowed < 0 else queue[0] or 500
        return web.Response(status=status, headers=self.fields, text=self.body)

    def _kind(self, headers: Mapping[str, str], body: bytes) -> str:
        name = next((one for one in HEADERS if one in headers), None)
        if name is None:
            return "unsigned"
        told, signed, at = headers[name], body, time.time()
        if name == "Stripe-Signature":
            parts = dict(part.split("=", 1) for part in told.split(","))
            told, at, signed = parts["v1"], float(parts["t"]), parts["t"].encode() + b"." + body
        if name == "x-square-hmacsha256-signature":
            signed = self.url.encode() + body
        digest = hmac.new(self.secret.encode(), signed, hashlib.sha256).digest()
        right = base64.b64encode(digest).decode() if "square" in name else digest.hex()
        if len(told) != len(right):
            return "short"
        if told != right:
            return "forged"
        return "old" if time.time() - at > 300 else "signed"


@asynccontextmanager
async def receiver(
    statuses: Mapping[str, int | tuple[int, ...]] | None = None,
    *,
    secret: str = SECRET,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Receiver]:
    """Serve a webhook on a free port while the context lasts."""
    given = {kind: (one,) if isinstance(one, int) else one for kind, one in (statuses or {}).items()}
    found = Receiver(secret, given)
    app = web.Application()
    app.router.add_post(PATH, found.answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        scheme = "http" if tls is None else "https"
        found.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}{PATH}"
        yield found
    finally:
        await runner.cleanup()
