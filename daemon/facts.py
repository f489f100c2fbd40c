"""The board -> facts: what is known of a hotel at this moment."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from alerts.dismissal import Dismissals
from alerts.facts import Fact, Facts
from alerts.incident import Incident
from alerts.thresholds import breach
from checks.findings import NO_FINDINGS
from checks.result import NO_PHASES, NO_SIGNS, NOTHING
from daemon.board import Board, Tile
from daemon.names import Names

OLD = 2
"""Intervals after which a run decides nothing any more."""


def facts_of(board: Board, hotel: str, names: Names, ended: Iterable[Incident], now: datetime) -> Facts:
    """Return all facts of a hotel; what a person has resolved in `ended` is no breach."""
    believed = Dismissals(ended)
    views = list(board.hotel(hotel))
    kinds = {view.name: view.kind for view in views}
    facts = (
        _fact(tile, names.get(tile.check.id) or tile.values, believed, now)
        for view in views
        for tile in view.tiles
    )
    return Facts(hotel, now, kinds, [fact for fact in facts if fact is not None])


def _fact(tile: Tile, values: Mapping[str, str], believed: Dismissals, now: datetime) -> Fact | None:
    standing, result = tile.standing, tile.result
    if standing is None:
        return None
    found = breach(standing, result)
    if found is not None and believed.cover(found, now):
        found = None
    seen = result or standing
    return Fact(
        check=tile.check.id,
        type=tile.check.type.name,
        state=seen.state,
        at=standing.last_run,
        reason=seen.reason,
        message=seen.message,
        signs=result.signs if result else found.signs if found else NO_SIGNS,
        failed_phase=result.failed_phase if result else None,
        measurements=result.measurements if result else NOTHING,
        breach=found,
        values=values,
        stale=found is None and now - standing.last_run > _patience(tile),
        phases=result.phases if result else NO_PHASES,
        findings=result.findings if result else NO_FINDINGS,
        failures=tile.lately,
    )


def _patience(tile: Tile) -> timedelta:
    return timedelta(seconds=OLD * tile.check.interval + tile.check.timeout)
