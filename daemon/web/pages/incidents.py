"""`/incidents`: what there is, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDict

from alerts.incident import Incident, IncidentState
from alerts.message_text import clean, hotel_time
from daemon.store import StateError
from daemon.web import cases
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS, Deps
from daemon.web.pages import incident_views as views
from daemon.web.pages.incident_views import Local
from daemon.web.pages.layout import SYMBOLS, TONES, html

HERE = "/incidents"


@dataclass(frozen=True, slots=True)
class Row:
    """An incident as it stands in the list."""

    id: str
    title: str
    severity: str
    symbol: str
    tone: str
    state: str
    hotel: str
    opened: str
    lasts: str
    owed: bool


async def several(request: web.Request) -> web.Response:
    """Answer the list of incidents, newest first."""
    deps = request.app[DEPS]
    asked = MultiDict((key, value) for key, value in request.query.items() if value)
    query = cases.parse(asked)
    try:
        page = await cases.page_of(deps, query)
    except StateError as error:
        raise RefusedError(503, f"The state cannot be read now: {error}.") from None
    hotels = deps.hotels()
    rows = [_row(record.incident, hotels, deps, page.owed) for record in page.records]
    older = [*((key, value) for key, value in asked.items() if key != "before"), ("before", page.next or "")]
    return await html(
        request,
        "incidents.html.j2",
        rows=rows,
        states=tuple(IncidentState),
        query=query,
        hotels=_offered(hotels, query.hotel),
        older=f"{HERE}?{urlencode(older)}" if page.next else "",
        newest=f"{HERE}?{urlencode(older[:-1])}" if query.before else "",
    )


def _offered(hotels: Mapping[str, str], chosen: str | None) -> list[tuple[str, str]]:
    """Return the hotels that can be chosen; one that is asked for may be configured no more."""
    found = {**hotels, **({chosen: chosen} if chosen and chosen not in hotels else {})}
    return sorted(((name, clean(shown, 200)) for name, shown in found.items()), key=lambda one: one[1])


def _row(one: Incident, hotels: Mapping[str, str], deps: Deps, owed: frozenset[str]) -> Row:
    local = Local(deps.clock.now(), deps.desk.quiet.zone(one.hotel))
    over = one.state is IncidentState.RESOLVED
    return Row(
        id=one.id,
        title=clean(one.title),
        severity=one.severity,
        symbol="✓" if over else SYMBOLS[one.severity],
        tone="good" if over else TONES[one.severity],
        state=views.state_of(one, local),
        hotel=clean(hotels.get(one.hotel, one.hotel), 200),
        opened=hotel_time(one.opened_at, local.now, local.zone),
        lasts=views.duration(one, local.now),
        owed=one.id in owed,
    )
