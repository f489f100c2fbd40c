"""Checks as pages show them, the worst first."""

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from alerts.message_text import clean, hotel_time, lasting, number
from alerts.standing import NOT_YET
from checks.result import RESPONSE_TIME, CheckId, Result, State
from daemon.board import Tile
from daemon.web.api.status import LATEST
from daemon.web.pages.layout import SYMBOLS, TONES

MOST_CHECKS = 200
"""Checks shown one by one; beyond it only those that are not ok are."""

MOST_NUMBERS = 30
"""Measurements shown of one check."""

UNIX = "_timestamp_seconds"
ORDER = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)


@dataclass(frozen=True, slots=True)
class Look:
    """A check as it is shown; `facts` are names and values of its last run."""

    name: str
    type: str
    state: str
    symbol: str
    tone: str
    reason: str
    message: str
    since: str
    seen: str
    every: str
    silenced: bool
    own: bool
    facts: tuple[tuple[str, str], ...]


def looks(
    tiles: Collection[Tile], own: Collection[CheckId], now: datetime, zone: ZoneInfo, most: int = MOST_CHECKS
) -> tuple[tuple[Look, ...], int]:
    """Return checks as they are shown, and how many that are ok are left out; `own` are the porter's own."""
    few = len(tiles) <= most
    shown = [tile for tile in tiles if few or state_of(tile) is not State.OK]
    worst = sorted(shown, key=lambda tile: ORDER.index(state_of(tile)))[:MOST_CHECKS]
    return tuple(_look(tile, own, now, zone) for tile in worst), len(tiles) - len(worst)


def state_of(tile: Tile) -> State:
    """Return how a check stands; before its first run that is not known."""
    return tile.standing.state if tile.standing else State.UNKNOWN


def tally(tiles: Iterable[Tile]) -> str:
    """Say how many checks stand how, such as `12 checks: 10 ok, 2 critical, 1 silenced`."""
    found = list(tiles)
    states = [state_of(tile) for tile in found]
    silenced = sum(tile.silenced for tile in found)
    parts = [f"{states.count(state)} {state}" for state in reversed(ORDER) if state in states]
    parts += [f"{silenced} silenced"] if silenced else []
    return f"{len(found)} check{'s' if len(found) != 1 else ''}: {', '.join(parts)}"


def _look(tile: Tile, own: Collection[CheckId], now: datetime, zone: ZoneInfo) -> Look:
    standing, state = tile.standing, state_of(tile)
    said = clean(standing.message) if standing else NOT_YET
    return Look(
        name=tile.check.id.check,
        type=tile.check.type.name,
        state=state,
        symbol=SYMBOLS[state],
        tone=TONES[state],
        reason=str(standing.reason or "").replace("_", " ") if standing else "",
        message=said or (_answer_time(tile.result) if tile.result else ""),
        since=f"{hotel_time(standing.since, now, zone)}, {lasting(now - standing.since)}" if standing else "",
        seen=f"{lasting(now - standing.last_run)} ago" if standing else "",
        every=_every(tile.check.interval),
        silenced=tile.silenced,
        own=tile.check.id in own,
        facts=tuple(_facts(tile.result, now, zone)) if tile.result else (),
    )


def _answer_time(result: Result) -> str:
    taken = result.measurements.get(RESPONSE_TIME)
    return "" if taken is None or not math.isfinite(taken) else f"answered in {taken:.0f} ms"


def _every(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:g} s"


def _facts(result: Result, now: datetime, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """Yield how long the run took, where that went, and what it measured."""
    yield "took", number(1000 * result.duration, "ms")
    for phase, seconds in result.phases.items():
        yield f"… {phase}", number(1000 * seconds, "ms")
    if result.observed is not None and result.limit is not None:
        unit = clean(result.unit, 20)
        yield "held against its limit", f"{_value(result.observed)} of {_value(result.limit)} {unit}".strip()
    for name, value in list(result.measurements.items())[:MOST_NUMBERS]:
        yield _number(name, value, now, zone)


def _number(name: str, value: float, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return a measurement with its name; Unix times are told as times."""
    if name.endswith(UNIX) and 0 < value < LATEST:
        at = datetime.fromtimestamp(value, UTC)
        return clean(name.removesuffix(UNIX), 60).replace("_", " "), hotel_time(at, now, zone)
    return clean(name, 60).replace("_", " "), _value(value)


def _value(value: float) -> str:
    if not math.isfinite(value):
        return "not a number"
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"
