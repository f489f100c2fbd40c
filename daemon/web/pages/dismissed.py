"""What a person has resolved and still fails: told of again after a while, and meanwhile no open incident."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.dismissal import EVENTS, TRUSTED, Dismissals
from alerts.incident import Incident, IncidentState
from alerts.message_text import capital, clean, hotel_time
from alerts.thresholds import breach
from checks.result import CheckId
from daemon.board import Board
from daemon.store import StateError
from daemon.web.deps import Deps
from daemon.web.owed import first_page
from daemon.web.pages.troubles import PAGE

MOST_NAMED = 8
"""Checks that are named."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An incident that a person has resolved while its checks fail."""

    id: str
    title: str
    said: str


def failing(one: Incident, board: Board, now: datetime) -> list[CheckId]:
    """Return the checks of an incident resolved by hand that fail on as they did then."""
    if not one.dismissed or one.state is not IncidentState.RESOLVED:
        return []
    tiles = ((board.tiles.get(known.check), known.check) for known in one.breaches)
    standing = ((tile.standing, tile.result, check) for tile, check in tiles if tile and tile.standing)
    found = ((breach(each, result), check) for each, result, check in standing)
    believed = Dismissals([one])
    return [check for seen, check in found if seen is not None and believed.cover(seen, now)]


def said_of(one: Incident, checks: Iterable[CheckId], now: datetime, zone: ZoneInfo) -> str:
    """Say who has resolved an incident, which of its checks still fail, and when it is told of again."""
    names = [clean(check.check, 64) for check in checks]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    ended = one.resolved_at or now
    again = (
        "It is told of again when something new is seen"
        if one.diagnosis.cause in EVENTS
        else f"It is told of again after {hotel_time(ended + TRUSTED, now, zone)} if it goes on"
    )
    return (
        f"{capital(clean(one.outcome, 300))}, at {hotel_time(ended, now, zone)}. "
        f"Still failing: {', '.join(names[:MOST_NAMED])}{more}. {again}."
    )


async def still_failing(deps: Deps, board: Board, hotel: str, integration: str = "") -> list[Ended]:
    """Return what people have resolved of a hotel, or an integration, and fails on.

    The store is asked only when something fails without an open incident. While it is away, nothing is said.
    """
    told = {
        known.check
        for one in board.incidents.values()
        if one.state is not IncidentState.RESOLVED
        for known in one.breaches
    }
    views = (view for view in board.hotel(hotel) if integration in {"", view.name})
    tiles = (tile for view in views for tile in view.tiles)
    if not any(t.standing and t.standing.breached and t.check.id not in told for t in tiles):
        return []
    resolved = IncidentState.RESOLVED
    try:
        stored = await deps.store.list_incidents(state=resolved, hotel=hotel, limit=PAGE)
    except StateError:
        return []
    known = (record.incident for record in first_page(stored, deps.owed(), state=resolved, hotel=hotel))
    return list(_ended(known, board, integration, deps.clock.now(), deps.directory.zone(hotel)))


def _ended(
    known: Iterable[Incident], board: Board, integration: str, now: datetime, zone: ZoneInfo
) -> Iterator[Ended]:
    for one in known:
        checks = [check for check in failing(one, board, now) if integration in {"", check.integration}]
        if checks:
            yield Ended(one.id, clean(one.title), said_of(one, checks, now, zone))
