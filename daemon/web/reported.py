"""The reports that an address names: for the API and the pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from alerts.reports.report import Kind, Report
from daemon.web.answer import RefusedError
from daemon.web.deps import DEPS, Reporting
from daemon.web.patience import patiently

NOBODY = "There is nobody to mail it to: the configuration names no recipients of this report."
MAILING = 30.0
"""Seconds to wait for a report to be made and written to the outbox."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The report that a path names: whose, and of what time."""

    hotel: str
    kind: Kind
    reports: Reporting


def asked(request: web.Request) -> Asked:
    """Return what a path names, or refuse it."""
    name = hotel(request)
    try:
        kind = Kind(request.match_info["kind"])
    except ValueError:
        raise RefusedError(404, "There are daily, weekly and monthly reports.") from None
    return Asked(name, kind, reporting(request))


def hotel(request: web.Request) -> str:
    """Return the id of the hotel that a path names, or refuse it."""
    name = request.match_info["hotel"]
    if name not in request.app[DEPS].hotels():
        raise RefusedError(404, "There is no hotel with this id.")
    return name


def reporting(request: web.Request) -> Reporting:
    """Return where reports are made, or refuse to."""
    found = request.app[DEPS].reports
    if found is None:
        raise RefusedError(404, "No reports are made here.")
    return found


async def stored(one: Asked, ends: datetime | None) -> Report:
    """Return the report that was made of a time that ends then, or refuse it."""
    found = await one.reports.stored.one(one.hotel, one.kind, ends) if ends else None
    if found is None:
        raise RefusedError(404, "There is no report that ends then: none was made, or it is no longer kept.")
    return found


async def mailed(one: Asked, by: str) -> Sequence[str]:
    """Have the report as of now mailed; return to whom, or refuse it where there is nobody."""
    people = await patiently(_mail(one, by), MAILING)
    if not people:
        raise RefusedError(409, NOBODY)
    return people


async def _mail(one: Asked, by: str) -> Sequence[str]:
    return await one.reports.mail(one.hotel, one.kind, by)
