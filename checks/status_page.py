"""Probe of a vendor's public status page: what it admits. A hint for people, never an alarm by itself."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from checks import http
from checks.check import CheckType
from checks.context import Context
from checks.expectation import excerpt
from checks.http_exchange import Response
from checks.result import NO_QUOTAS, Reason, Result, State, failed, ok
from checks.status_json import MalformedError, fields_of, shown

INCIDENTS, INDICATOR = "vendor_incidents", "vendor_indicator"

OVER = frozenset({"resolved", "postmortem", "completed"})
"""What an incident's status is when it is over."""

INDICATORS: Mapping[str, float] = MappingProxyType(
    {"none": 0.0, "maintenance": 0.0, "minor": 1.0, "major": 2.0, "critical": 3.0}
)

PATIENCE = 0.8
"""The part of a run's time that the page has: no answer in time must not become an alarm."""

MAX_BYTES = 524_288

MOST_NAMED = 3


async def probe(options: http.Options, context: Context) -> Result:
    """Fetch the page's summary, in the form of Statuspage.

    That it cannot be had is told and raises nothing: it is a hint about somebody else's house.
    """
    seconds = PATIENCE * context.timeout
    try:
        async with asyncio.timeout(seconds):
            result = await http.ask(options, context, _judge)
    except TimeoutError:
        context.trace.end()
        return ok(f"the page cannot be read: no answer within {seconds:g} s")
    if result.state is not State.OK:
        unread = ok(f"the page cannot be read: {result.message}")
        result = replace(unread, retry_after=result.retry_after)
    # How fast the page is says nothing of the vendor, and must not count among its response times.
    kept = {name: result.measurements[name] for name in (INCIDENTS, INDICATOR) if name in result.measurements}
    return replace(result, measurements=kept, certificate_expiry=None, quotas=NO_QUOTAS)


def _judge(response: Response) -> Result:
    try:
        return judge(fields_of(response))
    except MalformedError as error:
        return failed(Reason.QUERY, str(error))


def judge(fields: Mapping[str, object]) -> Result:
    """Return what a summary reports; raise MalformedError when it is none."""
    status = fields.get("status")
    indicator = status.get("indicator") if isinstance(status, dict) else None
    if not isinstance(indicator, str) or indicator not in INDICATORS:
        raise MalformedError(
            f"status.indicator is {shown(indicator)}, expected none, minor, major or critical"
        )
    incidents = [_told(one) for one in _objects(fields, "incidents") if one.get("status") not in OVER]
    parts = [
        str(one.get("name"))
        for one in _objects(fields, "components")
        if one.get("status") not in {None, "operational"} and not one.get("group")
    ]
    said = "no trouble" if indicator == "none" else indicator
    if incidents:
        said += f"; incidents: {_named(incidents)}"
    if parts:
        said += f"; affected: {_named(parts)}"
    found = {INCIDENTS: float(len(incidents)), INDICATOR: INDICATORS[indicator]}
    return ok(f"reports: {said}", found)


def _objects(fields: Mapping[str, object], name: str) -> list[dict[str, object]]:
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise MalformedError(f"{name} is {shown(value)}, expected a list of objects")
    return value


def _told(incident: Mapping[str, object]) -> str:
    impact = incident.get("impact")
    return f"{incident.get('name')} ({impact})" if isinstance(impact, str) else str(incident.get("name"))


def _named(what: Sequence[str]) -> str:
    more = len(what) - MOST_NAMED
    return ", ".join(map(excerpt, what[:MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


CHECK = CheckType("status_page", http.Options, INCIDENTS, probe, http.target)
