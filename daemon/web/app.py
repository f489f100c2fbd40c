"""The web application: every address and what answers there."""

from functools import partial

from aiohttp import web

from daemon.web import assets, body, door, guard, health, live, scrape
from daemon.web.api import bounces, heartbeats, incidents, maintenance, silences, status
from daemon.web.deps import DEPS, Deps, ReloadOutcome
from daemon.web.front import heard
from daemon.web.openapi.document import describe
from daemon.web.pages import acknowledge, login, overview
from daemon.web.pages.layout import LAYOUT, Layout
from daemon.web.sessions import Sessions
from daemon.web.strikes import Strikes

__all__ = ["Deps", "ReloadOutcome", "build"]

BODY = 65_536
"""Bytes of a request's body that are read at the most."""


def build(deps: Deps, *, patience: float = body.ARRIVES_WITHIN) -> web.Application:
    """Return the application. `patience` is how many seconds a body may take to arrive."""
    app = web.Application(middlewares=[heard, guard.deadline, guard.errors, door.guard], client_max_size=BODY)
    app[DEPS] = deps
    app[body.PATIENCE] = patience
    app[door.SESSIONS] = Sessions(deps.links.key, deps.token)
    app[door.WRONG_BEARERS] = Strikes(door.BEARERS)
    app[login.WRONG_TOKENS] = Strikes(login.EACH, login.TOGETHER)
    app[LAYOUT] = Layout()
    app[live.PULSE] = live.Pulse(partial(live.stamp, deps))
    app[assets.ASSETS] = assets.Assets()
    app.on_response_prepare.append(guard.furnish)
    app.on_shutdown.append(live.hush)
    app.router.add_get("/", overview.status)
    app.router.add_get("/login", login.show)
    app.router.add_post("/login", login.log_in)
    app.router.add_post("/logout", login.log_out)
    app.router.add_get("/events", live.events)
    app.router.add_get("/static/{name}", assets.file)
    app.router.add_get("/metrics", scrape.metrics)
    app.router.add_get("/-/healthy", health.healthy)
    app.router.add_get("/-/ready", health.ready)
    app.router.add_post("/-/reload", health.reload)
    app.router.add_get("/api/v1/status", status.status)
    app.router.add_get("/api/v1/incidents", incidents.several)
    app.router.add_get("/api/v1/incidents/{id}", incidents.one)
    app.router.add_post("/api/v1/incidents/{id}/ack", incidents.ack)
    app.router.add_post("/api/v1/incidents/{id}/resolve", incidents.resolve)
    app.router.add_post("/api/v1/incidents/{id}/note", incidents.note)
    app.router.add_get("/api/v1/silences", silences.several)
    app.router.add_post("/api/v1/silences", silences.add)
    app.router.add_delete("/api/v1/silences/{id}", silences.end)
    app.router.add_get("/api/v1/maintenance", maintenance.several)
    app.router.add_get("/api/v1/maintenance/{hotel}/{task}", maintenance.one)
    app.router.add_post("/api/v1/maintenance/{hotel}/{task}/done", maintenance.done)
    app.router.add_post("/api/v1/heartbeats/{hotel}/{integration}/{check}", heartbeats.ping)
    app.router.add_post("/api/v1/bounces", bounces.take)
    app.router.add_get("/api/v1/openapi.json", describe)
    app.router.add_get("/i/{id}/{token}", acknowledge.show)
    app.router.add_post("/i/{id}/{token}", acknowledge.act)
    return app
