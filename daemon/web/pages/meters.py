"""Queues, lag and quotas held against their limits, with what is to be expected."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.message_text import hotel_time, lasting
from checks.findings import Budget
from checks.result import QUEUE_FAILED, QUEUE_PENDING, QUEUE_PROCESSING, SYNC_DELAY, Quota, Result
from checks.tables import queues
from daemon.board import Tile
from daemon.web.pages.saying import about

NEARLY = 0.8
"""Share of a limit from which on it is said to be near."""

LITTLE = 0.2
"""Share of a quota with which it is said when more comes back."""
RETURNS = 2
"""Moments of that which are named."""

FORESEEN = timedelta(days=2)
"""How far ahead anything is said."""


@dataclass(frozen=True, slots=True)
class Meter:
    """How full something is: `share` of its limit, from 0 to 1, None where there is no limit."""

    label: str
    said: str
    share: float | None
    tone: str
    forecast: str = ""

    @property
    def filled(self) -> float:
        """The share as a percentage, as far as a bar can be filled."""
        return round(100 * min(1.0, max(0.0, self.share or 0.0)), 1)


def meters(tiles: Iterable[Tile], now: datetime, zone: ZoneInfo) -> Iterator[Meter]:
    """Yield what the checks of an integration know of queues, lag and quotas.

    An allowance that several of them see is one: that by which most is used.
    """
    quotas: dict[str, Quota] = {}
    returns: dict[str, str] = {}
    for tile in tiles:
        result, name = tile.result, tile.check.id.check
        if result is None:
            continue
        if QUEUE_PENDING in result.measurements:
            yield _queue(name, tile, result)
        if SYNC_DELAY in result.measurements:
            yield from _lag(name, tile, result)
        returns |= {one.name: _returns(one, tile, now, zone) for one in result.findings.budgets}
        for allowance, quota in result.quotas.items():
            if allowance not in quotas or _used(quota) > _used(quotas[allowance]):
                quotas[allowance] = quota
    for allowance, quota in quotas.items():
        yield _quota(allowance, quota, returns.get(allowance, ""), now, zone)


def _used(quota: Quota) -> float:
    return _share(quota.used, quota.limit) or 0.0


def _queue(name: str, tile: Tile, result: Result) -> Meter:
    seen, options = result.measurements, tile.check.options
    pending = seen[QUEUE_PENDING]
    limit = float(options.limit) if isinstance(options, queues.Options) else None
    label, said = "Queue", _of(pending, limit, "waiting")
    if isinstance(options, queues.Options):
        label = f"Queue of {options.of}"
    parts = ((QUEUE_PROCESSING, "in work"), (QUEUE_FAILED, "failed in 24 h"))
    said = ", ".join([said, *(f"{count(seen[key])} {word}" for key, word in parts if seen.get(key))])
    pace = seen.get("arrivals_per_minute", 0.0) - seen.get("drained_per_minute", 0.0)
    return Meter(label, said, _share(pending, limit), _tone(pending, limit), _outlook(pending, limit, pace))


def _outlook(pending: float, limit: float | None, pace: float) -> str:
    """Say when a queue is full, or empty, if it goes on at this pace of rows a minute."""
    if pace > 0 and limit is not None and pending < limit:
        return _in("full", (limit - pending) / pace)
    return _in("empty", pending / -pace) if pace < 0 < pending else ""


def _in(what: str, minutes: float) -> str:
    if not math.isfinite(minutes) or minutes * 60 > FORESEEN.total_seconds():
        return ""
    return f"{what} in about {about(timedelta(minutes=minutes))}"


def _lag(name: str, tile: Tile, result: Result) -> Iterator[Meter]:
    behind = result.measurements[SYNC_DELAY]
    if not math.isfinite(behind):
        return
    limit = result.limit if result.unit == "s" else None
    if isinstance(tile.check.options, queues.Options):
        limit = tile.check.options.delay
    said = f"{span(behind)} behind"
    if limit is not None and math.isfinite(limit) and limit > 0:
        said += f", at most {span(limit)}"
    yield Meter(f"Lag of {name.replace('_', ' ')}", said, _share(behind, limit), _tone(behind, limit))


def _returns(one: Budget, tile: Tile, now: datetime, zone: ZoneInfo) -> str:
    """Say when there is room for how much more, if nothing is sent until then and little is left."""
    if tile.standing is None or one.left >= LITTLE * one.limit:
        return ""
    said = [
        f"{count(room)} from {hotel_time(tile.standing.last_run + timedelta(hours=hour), now, zone)}"
        for hour, room in one.returns()[:RETURNS]
    ]
    return f"room for {', '.join(said)} if nothing is sent until then" if said else ""


def _quota(name: str, quota: Quota, returns: str, now: datetime, zone: ZoneInfo) -> Meter:
    forecast = ""
    ends = quota.exhausted_at
    if ends is not None and now.timestamp() < ends < (now + FORESEEN).timestamp():
        at = datetime.fromtimestamp(ends, UTC)
        forecast = f"used up in about {about(at - now)} ({hotel_time(at, now, zone)})"
    forecast = "; ".join(part for part in (forecast, returns) if part)
    said, tone = _of(quota.used, quota.limit, "used"), _tone(quota.used, quota.limit)
    return Meter(f"Quota of {name.replace('_', ' ')}", said, _share(quota.used, quota.limit), tone, forecast)


def _of(value: float, limit: float | None, word: str) -> str:
    return f"{count(value)} {word}" if limit is None else f"{count(value)} of {count(limit)} {word}"


def _share(value: float, limit: float | None) -> float | None:
    if limit is None or not (math.isfinite(limit) and math.isfinite(value)) or limit <= 0:
        return None
    return value / limit


def _tone(value: float, limit: float | None) -> str:
    share = _share(value, limit)
    if share is None:
        return "dim"
    return "bad" if share > 1 else "fair" if share >= NEARLY else "good"


def count(value: float) -> str:
    """Return a number of things, such as `1,204`."""
    return f"{value:,.0f}" if math.isfinite(value) and abs(value) < 1e15 else "very many"


def span(seconds: float) -> str:
    """Return how long something lasts; of what lasts for years, that it does."""
    return lasting(timedelta(seconds=max(0.0, seconds))) if seconds < 1e9 else "years"
