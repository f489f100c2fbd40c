"""`/api/v1/history`: how checks did over time, in buckets, written in pieces."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from aiohttp import hdrs, web

from checks.result import CheckId
from daemon.board import Board
from daemon.buckets import Bucket
from daemon.web import body, query
from daemon.web.answer import RefusedError, instant, stream
from daemon.web.deps import DEPS, HistorySource

NAMES = ("hotel", "integration", "check")
PARAMETERS = (*NAMES, "from", "to", "width", "by")

WIDTHS: Mapping[str, timedelta] = MappingProxyType(
    {
        "1m": timedelta(minutes=1),
        "5m": timedelta(minutes=5),
        "1h": timedelta(hours=1),
        "1d": timedelta(days=1),
    }
)
USUAL = timedelta(hours=24)
OLDEST = timedelta(days=400)

MANY, MOST = 400, 1_500
"""Buckets of a row unless a width is asked for, and at the most."""

TOGETHER = 50_000
"""Buckets of an answer at the most."""

PLACES = 8
"""Answers told at the same time: one may take 20 MB until it is taken, which may be never."""

WAIT = 5.0
"""Seconds that others wait for a place."""

TELLING = web.AppKey("telling", asyncio.Semaphore)

SLICE = 200
"""Buckets written without giving way to the event loop."""

_LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)", re.ASCII)
"""What a `+` becomes that was not written as `%2B`."""


class By(StrEnum):
    """What a row of buckets is about."""

    CHECK = "check"
    INTEGRATION = "integration"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: `checks` are those that are known."""

    hotel: str
    integration: str | None
    check: str | None
    by: By
    since: datetime
    until: datetime
    width: timedelta
    checks: tuple[CheckId, ...]


Rows = Sequence[tuple[Mapping[str, str | None], Sequence[Bucket]]]


async def history(request: web.Request) -> web.StreamResponse:
    """Answer how the checks of a hotel did, or its integrations, each as a whole."""
    deps = request.app[DEPS]
    asked = parse(request, await deps.whole(), deps.clock.now())
    async with _place(request.app[TELLING]):
        rows = await _rows(deps.history, asked)
        pieces = (piece.encode("ascii") async for piece in document(asked, rows))
        return await stream(request, {hdrs.CONTENT_TYPE: "application/json"}, pieces)


@asynccontextmanager
async def _place(places: asyncio.Semaphore) -> AsyncIterator[None]:
    """Hold one of the places, or refuse when none becomes free."""
    try:
        async with asyncio.timeout(WAIT):
            await places.acquire()
    except TimeoutError:
        sentence = "Too many ask for the history at once: ask again in a moment."
        raise RefusedError(503, sentence, {hdrs.RETRY_AFTER: "5"}) from None
    try:
        yield
    finally:
        places.release()


async def _rows(source: HistorySource, asked: Asked) -> Rows:
    span = {"since": asked.since, "until": asked.until}
    if asked.by is By.INTEGRATION:
        whole = await source.integrations(asked.hotel, asked.integration, width=asked.width, **span)
        names = sorted({one.integration for one in asked.checks} | whole.keys())
        return [
            ({"hotel": asked.hotel, "integration": one, "check": None}, whole.get(one, ())) for one in names
        ]
    found = await source.buckets(asked.hotel, asked.integration, asked.check, width=asked.width, **span)
    checks = sorted({*asked.checks, *found})
    return [(one._asdict(), found.get(one, ())) for one in checks]


async def document(asked: Asked, rows: Rows) -> AsyncIterator[str]:
    """Yield the answer as pieces of JSON; a time without a run has no bucket."""
    seconds = round(asked.width.total_seconds())
    span = {"from": instant(asked.since), "to": instant(asked.until), "width_seconds": seconds}
    yield f'{json.dumps(span)[:-1]}, "series": ['
    for number, (name, buckets) in enumerate(rows):
        yield f'{", " if number else ""}{json.dumps(name)[:-1]}, "buckets": ['
        comma = ""
        for start in range(0, len(buckets), SLICE):
            told = ", ".join(json.dumps(_bucket(one)) for one in buckets[start : start + SLICE] if one.runs)
            if told:
                yield comma + told
                comma = ", "
            await asyncio.sleep(0)
        yield "]}"
    yield "]}\n"


def _bucket(one: Bucket) -> dict[str, Any]:
    rate = one.success_rate
    return {
        "start": instant(one.start),
        "seconds": one.seconds,
        "runs": one.runs,
        "failures": one.failures,
        "warnings": one.warnings,
        "unknowns": one.unknowns,
        "success_rate": None if rate is None else round(rate, 3),
        "mean_ms": _milliseconds(one.mean),
        "p50_ms": _milliseconds(one.p50),
        "p95_ms": _milliseconds(one.p95),
        "peaks": dict(one.peaks),
    }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 3)


def parse(request: web.Request, board: Board, now: datetime) -> Asked:
    """Return what is asked for, or refuse it with a sentence."""
    given = query.parameters(request, PARAMETERS)
    hotel, integration, check = (query.name(given, name) for name in NAMES)
    hotel = hotel if hotel is not None else _only(board)
    checks = _known(board, hotel, integration, check)
    since, until = _span(given, now)
    by = given.get("by", By.CHECK)
    if by not in set(By):
        raise RefusedError(400, "by must be check or integration.")
    if by == By.INTEGRATION and check is not None:
        raise RefusedError(400, "by=integration tells of all checks together: leave check out.")
    width = _width(request.app[DEPS].history, given.get("width"), since, until, len(checks))
    return Asked(hotel, integration, check, By(by), since, until, width, checks)


def _only(board: Board) -> str:
    if len(board.hotels) != 1:
        raise RefusedError(400, "hotel must be given: there are several, or none.")
    return next(iter(board.hotels))


def _known(board: Board, hotel: str, integration: str | None, check: str | None) -> tuple[CheckId, ...]:
    """Return the checks that are meant."""
    if hotel not in board.hotels:
        raise RefusedError(404, "There is no hotel with this id.")
    views = [
        view
        for (house, name), view in board.integrations.items()
        if house == hotel and integration in {None, name}
    ]
    if integration is not None and not views:
        raise RefusedError(404, "This hotel has no integration with this name.")
    found = [tile.check.id for view in views for tile in view.tiles if check in {None, tile.check.id.check}]
    if check is not None and not found:
        raise RefusedError(404, "There is no check with this name there.")
    return tuple(found)


def _span(given: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    moments = {name: _LOST_PLUS.sub("+", given[name]) for name in ("from", "to") if name in given}
    until = body.instant(moments, "to") or now
    if until <= now - OLDEST:
        raise RefusedError(400, f"to must be within the last {OLDEST.days} days: nothing older is kept.")
    since = body.instant(moments, "from")
    if since is None:
        since = min(until, now) - USUAL
    if since >= until:
        raise RefusedError(400, "from must be before to.")
    if since >= now:
        raise RefusedError(400, "from must be in the past.")
    if since < now - OLDEST:
        raise RefusedError(400, f"from must be at most {OLDEST.days} days ago: nothing older is kept.")
    return since, min(until, now)


def _width(
    source: HistorySource, wanted: str | None, since: datetime, until: datetime, checks: int
) -> timedelta:
    """Return how wide the buckets are: as narrow as is sensible, unless it is asked for."""
    if wanted is not None and wanted not in WIDTHS:
        raise RefusedError(400, f"width must be {', '.join(list(WIDTHS)[:-1])} or {list(WIDTHS)[-1]}.")
    found, count = WIDTHS["1d"], 0
    for width in WIDTHS.values() if wanted is None else [WIDTHS[wanted]]:
        found = source.width_for(since, width)
        count = (until - since) // found + 2
        if count <= (MANY + 2 if wanted is None else MOST) and count * checks <= TOGETHER:
            return found
    raise RefusedError(
        400,
        f"That makes {count} buckets of each of {checks} checks: at most {MOST} of one and {TOGETHER} in all "
        "are told at once; ask for wider ones, a shorter time, or one integration.",
    )
