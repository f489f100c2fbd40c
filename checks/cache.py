"""Probe of a cache that a vendor keeps of the hotel's data: whether it is refreshed in time."""

from dataclasses import replace
from datetime import datetime

from checks import http
from checks.check import CheckType
from checks.context import Context
from checks.expectation import MISSING
from checks.http_exchange import Response
from checks.result import LAST, SYNC_DELAY, Reason, Result, failed, ok
from checks.status_json import AHEAD, MalformedError, duration, fields_of, seconds_of, time_of

MISSED, GRACE = 1.1, 10.0
"""How far beyond its lifetime, as a factor and in seconds, a refresh is not late any more but missed."""


async def probe(options: http.Options, context: Context) -> Result:
    """Ask, and hold the age of the cache against the time it says it lives."""
    return await http.ask(options, context, lambda response: _judge(response, context.tools.now()))


def _judge(response: Response, now: datetime) -> Result:
    try:
        fields = fields_of(response)
        if _keeps_nothing(fields.get("ttl_seconds")):
            return ok("keeps nothing (ttl_seconds is 0), so nothing is out of date", {SYNC_DELAY: 0.0})
        refreshed = time_of("last_refresh", fields.get("last_refresh", MISSING))
        lifetime = seconds_of("ttl_seconds", fields.get("ttl_seconds", MISSING))
    except MalformedError as error:
        return failed(Reason.CONTENT, str(error))
    return judge(refreshed, lifetime, now)


def _keeps_nothing(lifetime: object) -> bool:
    return isinstance(lifetime, int | float) and not isinstance(lifetime, bool) and lifetime == 0


def judge(refreshed: datetime, lifetime: float, now: datetime) -> Result:
    """Return whether a cache refreshed then, and good for `lifetime` seconds, is still good."""
    age = (now - refreshed).total_seconds()
    found = {SYNC_DELAY: max(age, 0.0), LAST: refreshed.timestamp()}
    if age < -AHEAD:
        message = f"last_refresh lies {duration(-age)} in the future: a clock is wrong"
        return failed(Reason.MISMATCH, message, found)
    if age <= lifetime:
        return ok(f"refreshed {duration(max(age, 0.0))} ago, good for {duration(lifetime)}", found)
    message = f"last refreshed {duration(age)} ago, and good for {duration(lifetime)} only"
    result = failed(Reason.STALE, message, found)
    # One refreshed once in its lifetime is a moment late every time: only a missed refresh decides at once.
    missed = age > max(lifetime * MISSED, lifetime + GRACE)
    return replace(result, decisive=missed, observed=round(age, 1), limit=lifetime, unit="s")


CHECK = CheckType("cache", http.Options, SYNC_DELAY, probe, http.target)
