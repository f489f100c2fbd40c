"""Probe of a channel manager's status: what it says of itself and of each channel, and of their last sync."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from checks import health, http
from checks.check import CheckType
from checks.context import Context
from checks.expectation import excerpt
from checks.http_exchange import Response
from checks.result import LAST, RESPONSE_TIME, SYNC_DELAY, Reason, Result, State, failed, ok
from checks.status_json import AHEAD, MalformedError, duration, fields_of, shown, time_of

MOST_NAMED = 5
"""Channels that a message names at the most."""

SWITCHED_OFF = frozenset({"paused", "disabled", "inactive"})
"""What a channel says of itself that somebody does not want just now."""


class Options(http.Options):
    """Whom to ask; `sync_delay` is how many seconds ago a synchronisation may have been at the most."""

    sync_delay: float = 1800.0


async def probe(options: Options, context: Context) -> Result:
    """Ask, and believe what the answer says of the whole and of each channel."""
    return await http.ask(
        options, context, lambda response: _judge(response, options.sync_delay, context.tools.now())
    )


@dataclass(frozen=True, slots=True)
class Channel:
    """What is said of a channel; `sick` is its status where that is no healthy one.

    `off` is its status where somebody switched it off: it is shown, and not counted.
    """

    name: str
    sick: str | None
    synced: datetime | None
    off: str | None = None

    def age(self, now: datetime) -> float:
        """Return how many seconds ago it was synchronised; 0 when that is not told."""
        return (now - self.synced).total_seconds() if self.synced else 0.0

    def named(self, now: datetime) -> str:
        """Return its name, and when it was synchronised."""
        return f"{self.name} ({duration(self.age(now))} ago)"


def _judge(response: Response, sync_delay: float, now: datetime) -> Result:
    said = health.judge(response)
    try:
        fields = fields_of(response)
    except MalformedError:
        # What need not be JSON tells nothing of channels.
        return said
    try:
        whole = Channel("", None if said.state is State.OK else said.message, _synced("last_sync", fields))
        channels = tuple(_channels(fields.get("channels")))
    except MalformedError as error:
        return said if said.state is not State.OK else failed(Reason.CONTENT, str(error))
    return replace(
        _verdict(whole, channels, sync_delay, now), measurements=_measurements(whole, channels, now)
    )


def _channels(value: object) -> Iterator[Channel]:
    if value is None:
        return
    if not isinstance(value, list):
        raise MalformedError(f"channels is {shown(value)}, expected a list")
    for number, one in enumerate(value, 1):
        if not isinstance(one, dict):
            raise MalformedError(f"channel {number} is {shown(one)}, expected an object")
        name = one.get("name")
        name = excerpt(name)[:40] if isinstance(name, str) and name.strip() else f"channel {number}"
        status = one.get("status", "ok")
        word = status.strip().lower() if isinstance(status, str) else None
        if word in SWITCHED_OFF:
            yield Channel(name, None, None, word)
            continue
        sick = None if word in health.HEALTHY else shown(status)[:40]
        yield Channel(name, sick, _synced(f"last_sync of {name}", one))


def _synced(name: str, fields: Mapping[str, Any]) -> datetime | None:
    value = fields.get("last_sync")
    return None if value is None else time_of(name, value)


def _verdict(whole: Channel, channels: Sequence[Channel], sync_delay: float, now: datetime) -> Result:
    live = [one for one in channels if not one.off]
    sick = [f"{one.name} ({one.sick})" for one in live if one.sick]
    if sick:
        count = f"{len(sick)} of {len(live)} channels are not healthy: {_named(sick)}"
        return failed(Reason.CONTENT, f"{whole.sick}; {count}" if whole.sick else count)
    if whole.sick:
        return failed(Reason.CONTENT, whole.sick)
    late = [one for one in live if one.age(now) > sync_delay]
    if whole.age(now) > sync_delay or (late and whole.synced is None):
        return _stale(whole, late, sync_delay, now)
    ahead = [one.name or "it" for one in (whole, *live) if one.age(now) < -AHEAD]
    if ahead:
        return failed(Reason.MISMATCH, f"last_sync of {_named(ahead)} lies in the future: a clock is wrong")
    return ok("; ".join(_well(live, late, [one for one in channels if one.off], now)))


def _well(
    live: Sequence[Channel], late: Sequence[Channel], off: Sequence[Channel], now: datetime
) -> Iterator[str]:
    """Give what is said of a healthy whole; a channel that nothing had to be sent to is old, and well."""
    channels = f", {len(live)} channel{'s' if len(live) > 1 else ''} too" if live else ""
    yield f"says that it is healthy{channels}"
    if late:
        yield f"last synchronised a while ago: {_named([one.named(now) for one in late])}"
    if off:
        yield f"not counted: {_named([f'{one.name} ({one.off})' for one in off])}"


def _stale(whole: Channel, late: Sequence[Channel], sync_delay: float, now: datetime) -> Result:
    """Return that it is late; channels alone may just have had nothing to be told, and do not decide."""
    decisive = whole.synced is not None
    age = whole.age(now) if decisive else max(one.age(now) for one in late)
    if decisive:
        message = f"last synchronised {duration(age)} ago"
    else:
        who = _named([one.named(now) for one in late])
        message = f"these channels were last synchronised too long ago: {who}"
    result = failed(Reason.STALE, f"{message}; the limit is {duration(sync_delay)}")
    return replace(result, decisive=decisive, observed=round(age, 1), limit=sync_delay, unit="s")


def _named(what: Sequence[str]) -> str:
    more = len(what) - MOST_NAMED
    return ", ".join(what[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _measurements(whole: Channel, channels: Sequence[Channel], now: datetime) -> dict[str, float]:
    """Return when it last synchronised: by its own word, or else by its channels'."""
    found = {
        "channels": float(sum(not one.off for one in channels)),
        "channels_off": float(sum(bool(one.off) for one in channels)),
        "channels_unhealthy": float(sum(bool(one.sick) for one in channels)),
    }
    times = [whole.synced] if whole.synced else [one.synced for one in channels if one.synced]
    if times:
        found[SYNC_DELAY] = max((now - min(times)).total_seconds(), 0.0)
        found[LAST] = max(times).timestamp()
    return found


CHECK = CheckType("channels", Options, RESPONSE_TIME, probe, http.target)
