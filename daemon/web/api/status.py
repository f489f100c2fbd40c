"""`/api/v1/status`: how everything is, as programs read it, written in pieces."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import hdrs, web

from alerts.incident import IncidentState
from alerts.standing import NOT_YET
from alerts.window import percentile
from checks.result import (
    BOUNCED_RATIO,
    DELIVERED_RATIO,
    LAST,
    QUEUE_FAILED,
    QUEUE_OLDEST,
    QUEUE_PENDING,
    QUEUE_PROCESSING,
    SUCCESS_RATIO,
    Quota,
    State,
)
from daemon.board import Board, IntegrationView, Post, Tile, worst
from daemon.web.answer import instant, stream
from daemon.web.deps import DEPS

SLICE = 200
"""Checks written without giving way to the event loop."""

MOST_SAMPLES = 20_000
"""Response times that a percentile is taken over at the most."""

LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()

LASTS = {"payment": "last_transaction", "email": "last_sent"}
"""What a kind calls the last time that business went through; the others call it `last_sync`."""


async def status(request: web.Request) -> web.StreamResponse:
    """Answer how everything is."""
    deps = request.app[DEPS]
    pieces = document(await deps.whole(), deps.clock.monotonic())
    return await stream(
        request, {hdrs.CONTENT_TYPE: "application/json"}, (one.encode("ascii") async for one in pieces)
    )


def by_hotel(board: Board) -> dict[str, list[IntegrationView]]:
    """Return the integrations of every hotel."""
    hotels: dict[str, list[IntegrationView]] = {hotel: [] for hotel in board.hotels}
    for view in board.integrations.values():
        hotels.setdefault(view.hotel, []).append(view)
    return hotels


def incidents_by_integration(board: Board) -> dict[tuple[str, str], str]:
    """Return the id of the unresolved incident of each integration that has one."""
    return {
        (one.hotel, integration): one.id
        for one in board.incidents.values()
        if one.state is not IncidentState.RESOLVED
        for integration in one.integrations
    }


async def document(board: Board, monotonic: float) -> AsyncIterator[str]:
    """Yield the status document as pieces of JSON."""
    hotels, incidents = by_hotel(board), incidents_by_integration(board)
    overall = worst(view.status for views in hotels.values() for view in views)
    yield f'{{"status": "{overall}", "hotels": {{'
    for number, (hotel, views) in enumerate(hotels.items()):
        status = worst(view.status for view in views)
        comma = ", " if number else ""
        yield f'{comma}{json.dumps(hotel)}: {{"status": "{status}", "integrations": {{'
        for place, view in enumerate(views):
            comma = ", " if place else ""
            fields = await integration(view, incidents.get((hotel, view.name)), monotonic)
            yield f'{comma}{json.dumps(view.name)}: {json.dumps(fields)[:-1]}, "checks": {{'
            async for piece in _checks(view.tiles):
                yield piece
            yield "}}"
        yield "}}"
    yield f'}}, "notifications": {json.dumps(notifications(board.post))}}}\n'


def notifications(post: Post) -> dict[str, Any]:
    """Return how many letters have not gone out, and why, and which relays are out of order.

    `held` of them wait for a bundle, since there are too many for one mail each.
    """
    return {
        "pending": post.waiting,
        "held": post.held,
        "oldest": instant(post.oldest),
        "last_error": post.trouble or None,
        "relays": list(post.relays),
    }


async def _checks(tiles: list[Tile]) -> AsyncIterator[str]:
    comma = ""
    for some in _cut(tiles):
        pieces = (f"{json.dumps(tile.check.id.check)}: {json.dumps(check(tile))}" for tile in some)
        yield comma + ", ".join(pieces)
        comma = ", "
        await asyncio.sleep(0)


def _cut(tiles: list[Tile]) -> Iterator[list[Tile]]:
    return (tiles[start : start + SLICE] for start in range(0, len(tiles), SLICE))


async def integration(view: IntegrationView, incident: str | None, monotonic: float) -> dict[str, Any]:
    """Return what is known of an integration, but for its checks; what is not known yet is None."""
    ok = runs = 0
    for some in _cut(view.tiles):
        outcomes = [tile.window.outcomes(monotonic) for tile in some]
        ok, runs = ok + sum(good for good, _ in outcomes), runs + sum(made for _, made in outcomes)
        await asyncio.sleep(0)
    # Every n-th sample tells the percentile of very many as well as all of them would.
    step = max(1, runs // MOST_SAMPLES)
    samples: list[float] = []
    for some in _cut(view.tiles):
        for tile in some:
            samples.extend(tile.window.responses(monotonic)[::step])
        await asyncio.sleep(0)
    high = percentile(samples, 0.95)
    return {
        "status": view.status,
        "success_rate": round(100 * ok / runs, 1) if runs else None,
        "avg_response_time_ms": round(1000 * sum(samples) / len(samples), 1) if samples else None,
        "p95_response_time_ms": None if high is None else round(1000 * high, 1),
        **business(view),
        "incident": incident,
    }


def business(view: IntegrationView) -> dict[str, Any]:
    """Return how business goes, as the checks of an integration last saw it."""
    seen: dict[str, float] = {}
    quotas: dict[str, Quota] = {}
    for tile in view.tiles:
        if tile.result is not None:
            newest = max(seen.get(LAST, 0.0), tile.result.measurements.get(LAST, 0.0))
            seen |= tile.result.measurements
            seen |= {LAST: newest} if newest else {}
            quotas |= tile.result.quotas
    fields: dict[str, Any] = {
        LASTS.get(view.kind, "last_sync"): _moment(seen.get(LAST)),
        "delivery_rate": _percent(seen.get(DELIVERED_RATIO)),
        "bounce_rate": _percent(seen.get(BOUNCED_RATIO)),
        "queue": _queue(seen),
        "quota": {name: _quota(one) for name, one in quotas.items()} or None,
    }
    if SUCCESS_RATIO in seen:
        fields["success_rate"] = _percent(seen[SUCCESS_RATIO])
    return fields


def _queue(seen: Mapping[str, float]) -> dict[str, Any] | None:
    if QUEUE_PENDING not in seen:
        return None
    counts = {"pending": QUEUE_PENDING, "processing": QUEUE_PROCESSING, "failed": QUEUE_FAILED}
    return {name: seen.get(key) for name, key in counts.items()} | {"oldest": _moment(seen.get(QUEUE_OLDEST))}


def _quota(one: Quota) -> dict[str, Any]:
    return {
        "used": one.used,
        "limit": one.limit,
        "remaining": max(0.0, one.limit - one.used),
        "exhausted_at": _moment(one.exhausted_at),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _moment(unix: float | None) -> str | None:
    return instant(datetime.fromtimestamp(unix, UTC)) if unix is not None and 0 < unix < LATEST else None


def check(tile: Tile) -> dict[str, Any]:
    """Return how a check stands and what its last run saw."""
    standing, result = tile.standing, tile.result
    return {
        "state": standing.state if standing else State.UNKNOWN,
        "reason": standing.reason if standing else None,
        "message": standing.message if standing else NOT_YET,
        "since": instant(standing.since) if standing else None,
        "last_run": instant(standing.last_run) if standing else None,
        "duration_ms": round(result.duration * 1000, 1) if result else None,
        "measurements": dict(_finite(result.measurements.items())) if result else {},
    }


def _finite(measurements: Any) -> Iterator[tuple[str, float | None]]:
    for name, value in measurements:
        yield name, value if math.isfinite(value) else None
