"""`/api/v1/reports`: what was reported of days, weeks and months, and what there is to report now."""

import re
from datetime import datetime
from typing import Any

from aiohttp import web

from alerts.message_text import clean
from alerts.reports.address import path
from alerts.reports.report import Kind, Report
from alerts.reports.report_json import as_json
from alerts.reports.tidy import tidied
from daemon.web import body, query
from daemon.web.answer import RefusedError, document, instant
from daemon.web.deps import DEPS
from daemon.web.reported import asked, mailed, reporting, stored

LIMIT, MOST = 30, 100
PARAMETERS = ("hotel", "kind", "limit")
_LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)", re.ASCII)
"""What becomes of a `+` that nobody has escaped."""


async def several(request: web.Request) -> web.Response:
    """Answer which reports were made, the latest first."""
    wanted = query.parameters(request, PARAMETERS)
    hotel, limit = query.name(wanted, "hotel"), query.number(wanted, "limit", LIMIT, MOST)
    kind, found = _kind(wanted.get("kind")), reporting(request).stored
    hotels = [one for one in request.app[DEPS].hotels() if hotel in {None, one}]
    ends = [(when, one, which) for one in hotels for which, when in await found.ends(one, kind, limit)]
    shown = sorted(ends, key=lambda row: row[0], reverse=True)[:limit]
    reports = [await found.one(one, which, when) for when, one, which in shown]
    return document({"reports": [_line(one) for one in reports if one is not None]})


async def one(request: web.Request) -> web.Response:
    """Answer a report: as it was made, or as of now."""
    found = asked(request)
    given = query.parameters(request, ("to",))
    ends = _to(given.get("to"))
    if ends is None:
        return document(as_json(tidied(await found.reports.now(found.hotel, found.kind))))
    return document(as_json(tidied(await stored(found, ends))))


async def mail(request: web.Request) -> web.Response:
    """Have the report as of now mailed to whom it usually goes, and answer who that is."""
    said = await body.fields(request, ("by",))
    by, found = body.name(said, "by"), asked(request)
    people = await mailed(found, by)
    return document({"hotel": found.hotel, "kind": found.kind, "recipients": list(people)}, 202)


def _kind(word: str | None) -> Kind | None:
    if word is None:
        return None
    try:
        return Kind(word)
    except ValueError:
        raise RefusedError(400, f"kind must be one of {', '.join(Kind)}.") from None


def _to(given: str | None) -> datetime | None:
    return None if given is None else body.instant({"to": _LOST_PLUS.sub("+", given)}, "to")


def _line(one: Report) -> dict[str, Any]:
    return {
        "hotel": one.hotel,
        "kind": one.kind,
        "from": instant(one.begins),
        "to": instant(one.ends),
        "made_at": instant(one.made_at),
        "headline": clean(one.headline, 2000),
        "tone": one.tone,
        "url": path(one.hotel, one.kind, one.ends),
    }
