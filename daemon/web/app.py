"""The web application: every address and what answers there."""

from aiohttp import web

from daemon.web import api, guard, health, heartbeats, page, scrape
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
    app.on_response_prepare.append(guard.furnish)
    app.router.add_get("/", page.status)
    app.router.add_get("/metrics", scrape.metrics)
    app.router.add_get("/-/healthy", health.healthy)
    app.router.add_get("/-/ready", health.ready)
    app.router.add_post("/-/reload", health.reload)
    app.router.add_get("/api/v1/status", api.status)
    app.router.add_get("/api/v1/incidents", api.incidents)
    app.router.add_get("/api/v1/incidents/{id}", api.incident)
    app.router.add_post("/api/v1/heartbeats/{hotel}/{integration}/{check}", heartbeats.ping)
    return app
