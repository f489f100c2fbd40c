"""The hotels that other replicas look after, as the state knows them: for whoever asks this one."""

from collections.abc import Iterable
from contextlib import suppress

from checks.check import Check
from daemon.board import Board
from daemon.clock import Clock
from daemon.store import StateError, Store

FRESH = 5.0
"""Seconds that what is shown of other replicas' hotels may be old."""


class Elsewhere:
    """Shows all hotels: those of the own board as they are, the others as they are stored."""

    def __init__(self, own: Board, store: Store, clock: Clock) -> None:
        self._own = own
        self._store = store
        self._clock = clock
        self._others = Board()
        self._seen_at = float("-inf")

    def watch(self, checks: Iterable[Check], names: dict[str, str]) -> None:
        """Show these checks of hotels that others look after. `names` maps the hotels' ids to names."""
        self._others.watch(checks, names)
        self._others.incidents.clear()
        self._seen_at = float("-inf")

    def hotels(self) -> dict[str, str]:
        """Return the names of all hotels, by their ids."""
        return dict(sorted({**self._own.hotels, **self._others.hotels}.items()))

    async def whole(self) -> Board:
        """Return a board that shows all hotels."""
        own, others = self._own, self._others
        if not others.hotels:
            return own
        if self._clock.monotonic() - self._seen_at > FRESH:
            # While the state is away, what was seen last is the best there is; readiness says so. Whether it
            # is back is not asked at once: who is shown this has waited long enough.
            with suppress(StateError):
                await self._look()
            self._seen_at = self._clock.monotonic()
        shown = Board()
        shown.tiles = {**own.tiles, **others.tiles}
        shown.integrations = {**own.integrations, **others.integrations}
        shown.hotels = self.hotels()
        shown.incidents = {**own.incidents, **others.incidents}
        shown.post = own.post
        return shown

    async def _look(self) -> None:
        others = self._others
        standings = await self._store.standings(others.hotels)
        incidents = await self._store.open_incidents(others.hotels)
        for standing in standings:
            tile = others.tiles.get(standing.check)
            if tile is not None:
                tile.standing, tile.last_ok = standing, standing.last_ok
        others.incidents = {one.id: one for one in incidents}
