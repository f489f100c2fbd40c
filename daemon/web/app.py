"""The web application: every address and what answers there."""

import asyncio
from functools import partial

from aiohttp import web

from daemon.web import assets, body, door, guard, health, live, scrape
from daemon.web.api import (
    bounces,
    drills,
    heartbeats,
    history,
    incidents,
    maintenance,
    reports,
    silences,
    status,
)
from daemon.web.deps import DEPS, Deps, ReloadOutcome
from daemon.web.front import heard
from daemon.web.openapi.document import describe
from daemon.web.pages import (
    acknowledge,
    acknowledge_drill,
    hotel,
    incident,
    incident_acts,
    incident_export,
    integration,
    login,
    lost,
    overview,
)
from daemon.web.pages import drills as drill_pages
from daemon.web.pages import incidents as incident_pages
from daemon.web.pages import maintenance as ledger
from daemon.web.pages import reports as report_pages
from daemon.web.pages import silences as silence_pages
from daemon.web.pages.layout import LAYOUT, Layout
from daemon.web.sessions import Sessions
from daemon.web.sheets import ONCE, Once
from daemon.web.strikes import Strikes

__all__ = ["Deps", "ReloadOutcome", "build"]

BODY = 65_536
"""Bytes of a request's body that are read at the most."""


def build(deps: Deps, *, patience: float = body.ARRIVES_WITHIN) -> web.Application:
    """Return the application. `patience` is how many seconds a body may take to arrive."""
    app = web.Application(
        middlewares=[heard, guard.deadline, guard.errors, door.guard, lost.sorry], client_max_size=BODY
    )
    app[DEPS] = deps
    app[body.PATIENCE] = patience
    app[door.SESSIONS] = Sessions(deps.links.key, deps.token)
    app[door.WRONG_BEARERS] = Strikes(door.BEARERS)
    app[login.WRONG_TOKENS] = Strikes(login.EACH, login.TOGETHER)
    app[history.TELLING] = asyncio.Semaphore(history.PLACES)
    app[LAYOUT] = Layout()
    app[ONCE] = Once()
    app[live.PULSE] = live.Pulse(partial(live.stamp, deps))
    app[assets.ASSETS] = assets.Assets()
    app.on_response_prepare.append(guard.furnish)
    app.on_shutdown.append(live.hush)
    _lay_out_pages(app.router)
    _lay_out_work(app.router)
    _lay_out_api(app.router)
    return app


def _lay_out_pages(to: web.UrlDispatcher) -> None:
    """Add what people look at, and what looks after the process."""
    to.add_get("/", overview.status)
    to.add_get("/hotels/{hotel}", hotel.hotel)
    to.add_get("/hotels/{hotel}/{integration}", integration.integration)
    to.add_get("/login", login.show)
    to.add_post("/login", login.log_in)
    to.add_post("/logout", login.log_out)
    to.add_get("/events", live.events)
    to.add_get("/static/{name}", assets.file)
    to.add_get("/metrics", scrape.metrics)
    to.add_get("/-/healthy", health.healthy)
    to.add_get("/-/ready", health.ready)
    to.add_post("/-/reload", health.reload)
    to.add_get("/i/{id:d-[^/]+}/{token}", acknowledge_drill.show)
    to.add_post("/i/{id:d-[^/]+}/{token}", acknowledge_drill.act)
    to.add_get("/i/{id}/{token}", acknowledge.show)
    to.add_post("/i/{id}/{token}", acknowledge.act)


def _lay_out_work(to: web.UrlDispatcher) -> None:
    """Add the pages on which people work. The address of a form shows its page to who loads it again."""
    to.add_get("/incidents", incident_pages.several)
    to.add_get("/incidents/{id}", incident.one)
    to.add_get("/incidents/{id}/export", incident_export.note)
    for name, act in incident_acts.ACTS.items():
        to.add_get(f"/incidents/{{id}}/{name}", incident.one)
        to.add_post(f"/incidents/{{id}}/{name}", act)
    to.add_get("/silences", silence_pages.several)
    to.add_post("/silences", silence_pages.add)
    to.add_get("/silences/preview", silence_pages.several)
    to.add_post("/silences/preview", silence_pages.look)
    to.add_get("/silences/{id}/end", silence_pages.several)
    to.add_post("/silences/{id}/end", silence_pages.end)
    to.add_get("/maintenance", ledger.every)
    to.add_get("/maintenance/{hotel}", ledger.hotel)
    to.add_get("/maintenance/{hotel}/{task}", ledger.task)
    to.add_post("/maintenance/{hotel}/{task}", ledger.tick)
    to.add_get("/reports", report_pages.every)
    to.add_get("/reports/{hotel}", report_pages.hotel)
    to.add_get("/reports/{hotel}/{kind}", report_pages.now)
    to.add_post("/reports/{hotel}/{kind}", report_pages.mail)
    to.add_get("/reports/{hotel}/{kind}/{ends}", report_pages.one)
    to.add_get("/drills", drill_pages.several)
    to.add_post("/drills", drill_pages.hold)
    to.add_get("/drills/{id}", drill_pages.one)
    to.add_get("/drills/{id}/ack", drill_pages.one)
    to.add_post("/drills/{id}/ack", drill_pages.ack)


def _lay_out_api(to: web.UrlDispatcher) -> None:
    """Add what `daemon/web/openapi/` describes."""
    to.add_get("/api/v1/status", status.status)
    to.add_get("/api/v1/history", history.history)
    to.add_get("/api/v1/incidents", incidents.several)
    to.add_get("/api/v1/incidents/{id}", incidents.one)
    to.add_post("/api/v1/incidents/{id}/ack", incidents.ack)
    to.add_post("/api/v1/incidents/{id}/resolve", incidents.resolve)
    to.add_post("/api/v1/incidents/{id}/note", incidents.note)
    to.add_get("/api/v1/silences", silences.several)
    to.add_post("/api/v1/silences", silences.add)
    to.add_delete("/api/v1/silences/{id}", silences.end)
    to.add_get("/api/v1/maintenance", maintenance.several)
    to.add_get("/api/v1/maintenance/{hotel}/{task}", maintenance.one)
    to.add_post("/api/v1/maintenance/{hotel}/{task}/done", maintenance.done)
    to.add_get("/api/v1/reports", reports.several)
    to.add_get("/api/v1/reports/{hotel}/{kind}", reports.one)
    to.add_post("/api/v1/reports/{hotel}/{kind}", reports.mail)
    to.add_get("/api/v1/drills", drills.several)
    to.add_post("/api/v1/drills", drills.hold)
    to.add_get("/api/v1/drills/{id}", drills.one)
    to.add_post("/api/v1/drills/{id}/ack", drills.ack)
    to.add_post("/api/v1/heartbeats/{hotel}/{integration}/{check}", heartbeats.ping)
    to.add_post("/api/v1/bounces", bounces.take)
    to.add_get("/api/v1/openapi.json", describe)
