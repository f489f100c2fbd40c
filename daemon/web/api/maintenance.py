"""`/api/v1/maintenance`: what people do again and again, and who did it when."""

import asyncio
from typing import Any

from aiohttp import web

from alerts.credentials import Keeping
from alerts.maintenance import Entry, Standing
from alerts.recurrence import Due
from daemon.maintenance import Maintenance, Sheet
from daemon.web import body, query
from daemon.web.answer import document, instant
from daemon.web.deps import DEPS
from daemon.web.patience import patiently
from daemon.web.ticked import found

FIELDS = ("by", "note")
LIMIT, MOST = 100, 500
SLICE = 20
"""Hotels told without giving way to the event loop."""


async def several(request: web.Request) -> web.Response:
    """Answer how the tasks of every hotel stand, or of one."""
    asked = query.parameters(request, ("hotel",))
    ledger = request.app[DEPS].maintenance
    wanted = query.name(asked, "hotel")
    one = None if wanted is None else await ledger.sheet(wanted)
    sheets = await ledger.sheets() if wanted is None else [] if one is None else [one]
    hotels = {}
    for number, sheet in enumerate(sheets):
        hotels[sheet.hotel] = await _sheet(ledger, sheet, detailed=len(sheets) == 1)
        if number % SLICE == SLICE - 1:
            await asyncio.sleep(0)
    return document({"hotels": hotels})


async def one(request: web.Request) -> web.Response:
    """Answer how a task stands, and who did it when, the latest first."""
    asked = query.parameters(request, ("limit", "before"))
    limit, before = query.number(asked, "limit", LIMIT, MOST), query.name(asked, "before")
    sheet, standing = await found(request)
    ledger = request.app[DEPS].maintenance
    page = await ledger.entries(sheet.hotel, standing.task.id, limit + 1, before)
    shown, more = page[:limit], len(page) > limit
    entries = {"entries": [_entry(entry) for entry in shown], "next": shown[-1].id if more else None}
    seen = await ledger.evidence(sheet.hotel, standing.task.id)
    return document({"hotel": sheet.hotel, **_task(standing, seen), **entries})


async def done(request: web.Request) -> web.Response:
    """Write down that somebody has just done a task, and answer how it stands then."""
    said = await body.fields(request, FIELDS)
    by, note = body.name(said, "by"), body.note(said, "note")
    sheet, standing = await found(request)
    ledger, task = request.app[DEPS].maintenance, standing.task.id
    await patiently(ledger.enter(sheet.hotel, task, by=by, note=note))
    _, standing = await found(request)
    seen = standing.last.evidence if standing.last else ""
    return document({"hotel": sheet.hotel, **_task(standing, seen)}, 201)


async def _sheet(ledger: Maintenance, sheet: Sheet, *, detailed: bool) -> dict[str, Any]:
    """Return a hotel's page; `detailed` with what was seen of each task, which takes a while."""
    seen = {
        one.task.id: await ledger.evidence(sheet.hotel, one.task.id) if detailed else ""
        for one in sheet.tasks
    }
    return {
        "name": sheet.name,
        "timezone": str(sheet.zone),
        **{state.value: sheet.count(state) for state in Due},
        "tasks": [_task(one, seen[one.task.id]) for one in sheet.tasks],
        "credentials": [_credential(one) for one in sheet.credentials],
    }


def _task(one: Standing, seen: str) -> dict[str, Any]:
    return {
        "task": one.task.id,
        "title": one.task.title,
        "what": one.task.what,
        "every": one.task.every,
        "own": one.task.own,
        "evidence": one.task.evidence,
        "seen": seen.splitlines(),
        "state": one.state,
        "due_by": instant(one.due_by),
        "last": _entry(one.last) if one.last else None,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": instant(entry.at),
        "by": entry.by,
        "note": entry.note,
        "evidence": entry.evidence,
        "by_itself": entry.by_itself,
    }


def _credential(one: Keeping) -> dict[str, Any]:
    known = one.credential
    return {
        "credential": known.id,
        "title": known.title,
        "owner": known.owner,
        "integration": known.integration or None,
        "created": known.created.isoformat() if known.created else None,
        "age_days": one.age,
        "due": one.due.isoformat(),
        "state": one.need,
        "note": known.note,
    }
