"""`/`: the status page. One look tells whether all is well."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from alerts.incident import Incident, IncidentState
from alerts.message_text import clean, lasting
from checks.result import RESPONSE_TIME, State
from daemon.board import Board, IntegrationView, Post, Tile, worst
from daemon.web.api.status import NOT_YET, by_hotel
from daemon.web.deps import DEPS
from daemon.web.pages.layout import SYMBOLS, TONES, WORDS, html

MOST_CHECKS = 1000
"""Checks shown one by one; beyond it only those that are not ok are."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check as it is shown."""

    name: str
    state: str
    symbol: str
    tone: str
    message: str
    seen: str


@dataclass(frozen=True, slots=True)
class IntegrationCard:
    """An integration as it is shown; `left_out` are checks that are ok and not shown one by one."""

    name: str
    kind: str
    word: str
    symbol: str
    tone: str
    checks: tuple[CheckRow, ...]
    left_out: int
    open: bool


@dataclass(frozen=True, slots=True)
class HotelSection:
    """A hotel as it is shown."""

    id: str
    name: str
    cards: tuple[IntegrationCard, ...]


@dataclass(frozen=True, slots=True)
class IncidentCard:
    """An open incident as it is shown."""

    id: str
    title: str
    hotel: str
    severity: str
    state: str
    since: str
    summary: str


async def status(request: web.Request) -> web.Response:
    """Answer the status page."""
    deps = request.app[DEPS]
    board, now = await deps.whole(), deps.clock.now()
    hotels = by_hotel(board)
    few = len(board.tiles) <= MOST_CHECKS
    sections = []
    for hotel, views in hotels.items():
        cards = tuple(_card(view, now, few=few) for view in views)
        sections.append(HotelSection(hotel, clean(board.hotels.get(hotel, hotel), 200), cards))
        await asyncio.sleep(0)
    statuses = [view.status for views in hotels.values() for view in views]
    return await html(
        request,
        "overview.html.j2",
        tone=TONES[worst(statuses)],
        symbol=SYMBOLS[worst(statuses)],
        verdict=_verdict(statuses),
        post=_post(board.post, now),
        incidents=[_incident(one, board, now) for one in _newest(board)],
        hotels=sections,
    )


def _verdict(statuses: list[str]) -> str:
    """Say in one sentence how things are."""
    if not statuses:
        return "Nothing is watched yet"
    counts = {status: statuses.count(status) for status in WORDS}
    if counts["healthy"] == len(statuses):
        return "All is well"
    parts = [
        f"{counts[status]} {WORDS[status]}"
        for status in ("unhealthy", "degraded", "unknown")
        if counts[status]
    ]
    return f"{', '.join(parts)} of {len(statuses)} integration{'s' if len(statuses) != 1 else ''}"


def _post(post: Post, now: datetime) -> str:
    """Say that letters do not get out, or only over another relay, if so."""
    said = [clean(relay) for relay in post.relays]
    if post.waiting and post.trouble and post.oldest is not None:
        letters = "1 mail has" if post.waiting == 1 else f"{post.waiting} mails have"
        when = _ago(post.oldest, now)
        said.insert(0, f"{letters} not gone out, the oldest written {when}: {clean(post.trouble)}")
    return "; ".join(said)


def _newest(board: Board) -> Iterator[Incident]:
    for one in sorted(board.incidents.values(), key=lambda incident: incident.opened_at, reverse=True):
        if one.state is not IncidentState.RESOLVED:
            yield one


def _incident(one: Incident, board: Board, now: datetime) -> IncidentCard:
    return IncidentCard(
        id=one.id,
        title=clean(one.title),
        hotel=clean(board.hotels.get(one.hotel, one.hotel), 200),
        severity=one.severity,
        state=_state(one),
        since=_ago(one.opened_at, now),
        summary=clean(one.diagnosis.summary),
    )


def _state(one: Incident) -> str:
    promise = one.acknowledgement
    if one.state is not IncidentState.ACKNOWLEDGED or promise is None:
        return one.state
    return f"{one.state} by {clean(promise.by, 200)} until {promise.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _card(view: IntegrationView, now: datetime, *, few: bool) -> IntegrationCard:
    shown = [tile for tile in view.tiles if few or not _ok(tile)][:MOST_CHECKS]
    status = view.status
    return IntegrationCard(
        name=view.name,
        kind="" if view.kind == view.name else view.kind.replace("_", " "),
        word=WORDS[status],
        symbol=SYMBOLS[status],
        tone=TONES[status],
        checks=tuple(_rows(shown, now)),
        left_out=len(view.tiles) - len(shown),
        open=status in {"unhealthy", "degraded"},
    )


def _rows(tiles: Iterable[Tile], now: datetime) -> Iterator[CheckRow]:
    for tile in tiles:
        standing = tile.standing
        state = standing.state if standing else State.UNKNOWN
        said = clean(standing.message) if standing else NOT_YET
        yield CheckRow(
            name=tile.check.id.check,
            state="silenced" if tile.silenced else state,
            symbol=SYMBOLS[state],
            tone=TONES[state],
            message=said or _answer_time(tile),
            seen=_ago(standing.last_run, now) if standing else "",
        )


def _answer_time(tile: Tile) -> str:
    taken = tile.result.measurements.get(RESPONSE_TIME) if tile.result else None
    return "" if taken is None else f"answered in {taken:.0f} ms"


def _ok(tile: Tile) -> bool:
    return tile.standing is not None and tile.standing.state is State.OK


def _ago(moment: datetime, now: datetime) -> str:
    return f"{lasting(now - moment)} ago"
