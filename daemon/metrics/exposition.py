"""The whole exposition, in slices: between two of them the event loop has its turn."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry

from checks.result import CheckId
from daemon.board import Board, Tile
from daemon.metrics.business import BUSINESS
from daemon.metrics.families import CHECKS, INCIDENT, INTEGRATIONS, Family, Of, Row, Sums, open_incidents
from daemon.metrics.text import END, head, labels, registered

SLICE = 500
"""Rows rendered without giving way: about a millisecond's work."""


class Exposition:
    """Renders a registry and a board. Labels are written once, and kept while the same checks are watched."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._tiles: Mapping[CheckId, Tile] = {}
        self._rows: list[Row] = []

    async def chunks(self, board: Board, monotonic: float, *, openmetrics: bool) -> AsyncIterator[str]:
        """Yield the exposition family by family, as pieces of text; `monotonic` closes the windows."""
        for family in registered(self._registry, openmetrics=openmetrics):
            yield family
        rows = await self._labelled(board)
        for check_family in (*CHECKS, *BUSINESS):
            async for text in _slices(check_family, rows, openmetrics=openmetrics):
                yield text
        sums = await _survey(board, rows, monotonic)
        for integration_family in INTEGRATIONS:
            async for text in _slices(integration_family, sums, openmetrics=openmetrics):
                yield text
        incidents = list(board.incidents.values())
        documentation = "Incidents that are not resolved."
        yield head("nightporter_incidents_open", "gauge", documentation, openmetrics=openmetrics)
        yield "".join(open_incidents(list(board.hotels), incidents))
        async for text in _slices(INCIDENT, incidents, openmetrics=openmetrics):
            yield text
        if openmetrics:
            yield END

    async def _labelled(self, board: Board) -> list[Row]:
        """Return the checks with their labels, kept as long as the board has the same dictionary of tiles."""
        tiles = board.tiles
        if tiles is self._tiles:
            return self._rows
        rows: list[Row] = []
        for some in _cut(list(tiles.values())):
            rows.extend(Row(_labels_of(tile.check.id), tile) for tile in some)
            await asyncio.sleep(0)
        self._tiles, self._rows = tiles, rows
        return rows


def _labels_of(check: CheckId) -> str:
    return labels({"hotel": check.hotel, "integration": check.integration, "check": check.check})


async def _survey(board: Board, rows: Sequence[Row], monotonic: float) -> list[Sums]:
    """Add up the windows of every integration."""
    sums = {
        key: Sums(labels({"hotel": view.hotel, "integration": view.name}), view)
        for key, view in board.integrations.items()
    }
    for some in _cut(rows):
        for _, tile in some:
            entry = sums.get((tile.check.id.hotel, tile.check.id.integration))
            if entry is None:
                continue
            ok, runs = tile.window.outcomes(monotonic)
            entry.ok += ok
            entry.runs += runs
            if tile.last_ok is not None:
                entry.last_ok = max(entry.last_ok, tile.last_ok.timestamp())
        await asyncio.sleep(0)
    return list(sums.values())


async def _slices(family: Family[Of], rows: Sequence[Of], *, openmetrics: bool) -> AsyncIterator[str]:
    """Yield a family in pieces; nothing of it when it has no series."""
    begun = False
    for some in _cut(rows):
        lines = family.render(some)
        if lines:
            start = (
                "" if begun else head(family.name, family.kind, family.documentation, openmetrics=openmetrics)
            )
            begun = True
            yield start + "".join(lines)
        await asyncio.sleep(0)


def _cut(rows: Sequence[Of]) -> Iterator[Sequence[Of]]:
    return (rows[start : start + SLICE] for start in range(0, len(rows), SLICE))
