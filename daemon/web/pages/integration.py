"""`/hotels/HOTEL/INTEGRATION`: all that is known of one integration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web

from alerts.incident import Incident, IncidentState
from alerts.message_mail import Vendor
from alerts.message_text import clean, hotel_time, lasting, moment
from checks.check import Check
from daemon.store import StateError
from daemon.web.deps import DEPS, Deps
from daemon.web.owed import first_page
from daemon.web.pages.cards import card, incidents_of
from daemon.web.pages.dismissed import still_failing
from daemon.web.pages.layout import html
from daemon.web.pages.looks import looks
from daemon.web.pages.lost import nothing_here
from daemon.web.pages.past import VIEWS, Line, Past, View, drawn, table
from daemon.web.pages.record import record_of
from daemon.web.pages.troubles import MOST, PAGE, records, troubles, urgent

MOST_PAST = 10
"""Incidents that are over and shown."""


@dataclass(frozen=True, slots=True)
class Over:
    """An incident that is over, as it is shown."""

    id: str
    title: str
    severity: str
    opened: str
    lasted: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Spell:
    """A record with its table; `past` is None where it cannot be read now."""

    view: View
    past: Past | None
    lines: tuple[Line, ...]


async def integration(request: web.Request) -> web.Response:
    """Answer the page of an integration."""
    deps = request.app[DEPS]
    board, hotel, name = await deps.whole(), request.match_info["hotel"], request.match_info["integration"]
    view = board.integrations.get((hotel, name))
    if view is None or hotel not in board.hotels:
        raise nothing_here()
    now, zone = deps.clock.now(), deps.directory.zone(hotel)
    touching = incidents_of(view, board.incidents.values())
    incidents = urgent(board.incidents[one] for one in touching)
    told = await records(deps, hotel) if incidents else {}
    shown, left_out = looks(view.tiles, board.own, now, zone)
    return await html(
        request,
        "integration.html.j2",
        hotel=hotel,
        hotel_name=clean(board.hotels[hotel], 200),
        elsewhere=hotel not in deps.board.hotels,
        card=await card(
            view, incidents, board.own, None, monotonic=deps.clock.monotonic(), now=now, zone=zone
        ),
        troubles=list(
            troubles(incidents[:MOST], board.hotels, deps.directory.zone, now, told, quiet=deps.desk.quiet)
        ),
        untold=told is None,
        ended=await still_failing(deps, board, hotel, name),
        spells=await _spells(deps, hotel, name, [tile.check for tile in view.tiles], now=now, zone=zone),
        looks=shown,
        left_out=left_out,
        over=await _over(deps, hotel, name, now, zone),
        unwatched=deps.directory.unwatched(hotel, name),
        vendor=_vendor(deps, hotel, name),
        docs=_docs(deps, hotel, name),
        time=moment(now, now, zone),
        zone=str(zone),
    )


async def _spells(
    deps: Deps, hotel: str, name: str, checks: list[Check], *, now: datetime, zone: ZoneInfo
) -> list[Spell]:
    found = []
    for view in VIEWS:
        series = await record_of(deps, hotel, name, view, now)
        one = None if series is None else await drawn(series, checks, view, now, zone)
        found.append(Spell(view, one, tuple(table(one, now, zone)) if one else ()))
    return found


async def _over(deps: Deps, hotel: str, name: str, now: datetime, zone: ZoneInfo) -> list[Over] | None:
    """Return the newest incidents of an integration that are over; None while the state is away."""
    resolved = IncidentState.RESOLVED
    try:
        stored = await deps.store.list_incidents(state=resolved, hotel=hotel, limit=PAGE)
    except StateError:
        return None
    known = (record.incident for record in first_page(stored, deps.owed(), state=resolved, hotel=hotel))
    return [_ended(one, now, zone) for one in known if name in one.integrations][:MOST_PAST]


def _ended(one: Incident, now: datetime, zone: ZoneInfo) -> Over:
    return Over(
        id=one.id,
        title=clean(one.title),
        severity=one.severity,
        opened=hotel_time(one.opened_at, now, zone),
        lasted=lasting(one.resolved_at - one.opened_at) if one.resolved_at else "",
        outcome=clean(one.outcome),
    )


def _vendor(deps: Deps, hotel: str, name: str) -> Mapping[str, str]:
    """Return how the vendor is reached, by what it is."""
    desk = deps.directory.desk(hotel)
    vendor = (desk.vendors.get(name) if desk else None) or Vendor()
    found = {
        "Support": vendor.support,
        "Phone": vendor.phone,
        "Our account": vendor.account,
        "Status page": vendor.status_url,
    }
    return {word: clean(value, 300) for word, value in found.items() if value}


def _docs(deps: Deps, hotel: str, name: str) -> str:
    desk = deps.directory.desk(hotel)
    found = desk.docs.get(name, "") if desk else ""
    return found if urlsplit(found).scheme in {"http", "https"} else ""
