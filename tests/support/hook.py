"""A program that incidents are posted to, and remembers what came."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web

from alerts.attempt import Claim
from alerts.channel_options import WebhookChannel
from alerts.notification import DeliveryError, Notification
from alerts.notifiers.reaching import Resolve
from alerts.notifiers.webhook import Webhook
from checks.lookup import Lookups
from tests.support.polling import until
from tests.support.sending import Noted
from tests.support.stored import notification

SECRET = "hook-s3cret"
BODY = b'{"id": "a", "kind": "problem"}'


@dataclass(frozen=True, slots=True)
class Posted:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Hook:
    """Answers with `statuses`, one after the other, and then with 200."""

    url: str = ""
    port: int = 0
    statuses: list[int] = field(default_factory=list)
    posts: list[Posted] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.posts.append(Posted(request.path, request.headers, await request.read()))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status // 100 == 3 else None)

    async def has(self, count: int, within: float = 20.0) -> list[Posted]:
        """Return what was posted once there is so much."""
        await until(lambda: len(self.posts) >= count, within, f"{count} posts, of {len(self.posts)}")
        return self.posts


@asynccontextmanager
async def hook(*, tls: ssl.SSLContext | None = None) -> AsyncIterator[Hook]:
    """Serve on a free port while the context lasts."""
    found = Hook()
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        found.port = runner.addresses[0][1]
        found.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{found.port}/hook"
        yield found
    finally:
        await runner.cleanup()


def letter(body: bytes = BODY) -> Notification:
    """Return a notification that is to be posted."""
    return replace(notification("n1", channel="bridge", recipient="bridge"), message=body)


async def post(
    url: str,
    *,
    resolve: Resolve | None = None,
    progress: Noted | None = None,
    deadline: float = 10.0,
    **options: Any,
) -> Noted:
    """Post a letter, and return how far that came."""
    channel = WebhookChannel.model_validate({"type": "webhook", "url": url, "secret": SECRET, **options})
    noted = progress or Noted()
    await Webhook(channel, resolve or Lookups(), "nightporter/1.2", deadline)(Claim(letter(), "token"), noted)
    return noted


async def refused(url: str, **how: Any) -> DeliveryError:
    """Return why a letter cannot be posted."""
    with pytest.raises(DeliveryError) as caught:
        await post(url, **how)
    return caught.value
