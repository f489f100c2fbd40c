"""The web application: every address and what answers there."""

from aiohttp import web

from daemon.web import (
    ack_page,
    api,
    bounces,
    guard,
    health,
    heartbeats,
    incidents_api,
    page,
    scrape,
    silences_api,
)
from daemon.web.ack_views import AckPage
from daemon.web.deps import DEPS, Deps, ReloadOutcome
from daemon.web.front import UNHEARD, heard

__all__ = ["Deps", "ReloadOutcome", "build"]

BODY = 65_536
"""Bytes of a request's body that are read at the most."""


def build(deps: Deps) -> web.Application:
    """Return the application."""
    app = web.Application(
        middlewares=[heard, guard.deadline, guard.errors, guard.guard], client_max_size=BODY
    )
    app[DEPS] = deps
    app[UNHEARD] = {}
    app[page.PAGE] = page.StatusPage()
    app[ack_page.PAGE] = AckPage()
    app.on_response_prepare.append(guard.furnish)
    app.router.add_get("/", page.status)
    app.router.add_get("/metrics", scrape.metrics)
    app.router.add_get("/-/healthy", health.healthy)
    app.router.add_get("/-/ready", health.ready)
    app.router.add_post("/-/reload", health.reload)
    app.router.add_get("/api/v1/status", api.status)
    app.router.add_get("/api/v1/incidents", incidents_api.several)
    app.router.add_get("/api/v1/incidents/{id}", incidents_api.one)
    app.router.add_post("/api/v1/incidents/{id}/ack", incidents_api.ack)
    app.router.add_post("/api/v1/incidents/{id}/resolve", incidents_api.resolve)
    app.router.add_post("/api/v1/incidents/{id}/note", incidents_api.note)
    app.router.add_get("/api/v1/silences", silences_api.several)
    app.router.add_post("/api/v1/silences", silences_api.add)
    app.router.add_delete("/api/v1/silences/{id}", silences_api.end)
    app.router.add_post("/api/v1/heartbeats/{hotel}/{integration}/{check}", heartbeats.ping)
    app.router.add_post("/api/v1/bounces", bounces.take)
    app.router.add_get("/i/{id}/{token}", ack_page.show)
    app.router.add_post("/i/{id}/{token}", ack_page.act)
    return app
