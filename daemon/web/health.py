"""Is the porter alive, can it work, and: read the configuration again."""

from aiohttp import web

from daemon.web.answer import text
from daemon.web.deps import DEPS


async def healthy(_request: web.Request) -> web.Response:
    """Answer: the process serves."""
    return text("healthy")


async def ready(request: web.Request) -> web.Response:
    """Answer 200 when configured, scheduled and able to write the state, else 503 with the reason."""
    reason = await request.app[DEPS].ready()
    return text("ready") if reason is None else text(f"not ready: {reason}", 503)


async def reload(request: web.Request) -> web.Response:
    """Apply the configuration anew; answer 500 and its problems when that cannot be done."""
    outcome = await request.app[DEPS].reload()
    if outcome.ok:
        return text("\n".join(["The configuration is applied.", *outcome.lines]))
    return text("\n".join([*outcome.lines, "The configuration that was in force stays in force."]), 500)
