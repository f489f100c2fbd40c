"""An integration as it is shown among others: how it is, its figures, what fills up, and its last day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.incident import Incident, IncidentState
from checks.result import CheckId, State
from daemon.board import WORST_FIRST, IntegrationView
from daemon.web.api.status import integration
from daemon.web.pages.figures import Figure, figures
from daemon.web.pages.layout import SYMBOLS, TONES, WORDS
from daemon.web.pages.looks import Look, looks, tally
from daemon.web.pages.meters import Meter, meters
from daemon.web.pages.past import CARD, Past, Series, View, drawn, limit_of
from daemon.web.pages.saying import called

MOST_TROUBLES = 4
"""Checks that are not ok and shown on a card; its page shows all."""


@dataclass(frozen=True, slots=True)
class Card:
    """An integration as it is shown. `troubles` are checks that are not ok, `more` how many others."""

    hotel: str
    name: str
    called: str
    kind: str
    word: str
    symbol: str
    tone: str
    incidents: tuple[str, ...]
    troubles: tuple[Look, ...]
    more: int
    tally: str
    figures: tuple[Figure, ...]
    meters: tuple[Meter, ...]
    past: Past | None


def worst_first(views: Iterable[IntegrationView]) -> list[IntegrationView]:
    """Return integrations in the order in which they are looked at."""
    return sorted(views, key=lambda view: WORST_FIRST.index(view.status))


def incidents_of(view: IntegrationView, incidents: Iterable[Incident]) -> tuple[str, ...]:
    """Return the ids of the unresolved incidents that touch an integration."""
    return tuple(
        one.id
        for one in incidents
        if one.hotel == view.hotel
        and one.state is not IncidentState.RESOLVED
        and view.name in one.integrations
    )


async def card(
    view: IntegrationView,
    incidents: Iterable[Incident],
    own: Collection[CheckId],
    series: Series | None,
    *,
    over: View = CARD,
    monotonic: float,
    now: datetime,
    zone: ZoneInfo,
) -> Card:
    """Return an integration as it is shown; its past is that of a `series`, if there is one."""
    status, open_ = view.status, incidents_of(view, incidents)
    checks = [tile.check for tile in view.tiles]
    fields = await integration(view, open_[0] if open_ else None, monotonic)
    bad = [tile for tile in view.tiles if tile.standing and tile.standing.state is not State.OK]
    shown = looks(bad, own, now, zone)[0][:MOST_TROUBLES]
    return Card(
        hotel=view.hotel,
        name=view.name,
        called=called(view.name),
        kind="" if view.kind == view.name else called(view.kind),
        word=WORDS[status],
        symbol=SYMBOLS[status],
        tone=TONES[status],
        incidents=open_,
        troubles=shown,
        more=len(bad) - len(shown),
        tally=tally(view.tiles),
        figures=figures(view.kind, fields, limit_of(checks), now, zone),
        meters=tuple(meters(view.tiles, now, zone)),
        past=None if series is None else await drawn(series, checks, over, now, zone),
    )
