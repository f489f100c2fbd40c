"""`/api/v1/incidents`: what there is, and what people do about it."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from alerts.act import Act, ActKind, ActRefusedError
from alerts.incident_document import summary
from daemon.web import body, cases
from daemon.web.answer import RefusedError, document, instant
from daemon.web.deps import DEPS

ASKED = ("by", "note", "until")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says about an incident."""

    by: str
    note: str
    until: datetime | None


async def several(request: web.Request) -> web.Response:
    """Answer the incidents asked for, newest first, and where to go on."""
    page = await cases.page_of(request.app[DEPS], cases.parse(request.query))
    shown = [summary(record.incident, record.notifications) for record in page.records]
    return document({"incidents": shown, "next": page.next})


async def one(request: web.Request) -> web.Response:
    """Answer one incident with its timeline, evidence and diagnosis, as it is believed to be."""
    deps = request.app[DEPS]
    return document(cases.told(deps, await cases.as_believed(deps, request.match_info["id"])))


async def ack(request: web.Request) -> web.Response:
    """Put an incident in somebody's care; a second time takes the place of the first."""
    asked = await _asked(request)
    act = Act(request.match_info["id"], ActKind.ACKNOWLEDGE, asked.by, asked.note, asked.until)
    return await _act(request, act, "there is nothing left to acknowledge")


async def resolve(request: web.Request) -> web.Response:
    """End an incident, whatever its checks say; those who were told of it are told."""
    asked = await _asked(request, anonymous=True)
    act = Act(request.match_info["id"], ActKind.RESOLVE, asked.by, asked.note)
    return await _act(request, act, "it cannot be resolved twice")


async def note(request: web.Request) -> web.Response:
    """Add a line to the timeline of an incident, be it resolved or not."""
    asked = await _asked(request, noted=True)
    await cases.note(request.app[DEPS], request.match_info["id"], asked.by, asked.note)
    return await _story(request)


async def _asked(request: web.Request, *, anonymous: bool = False, noted: bool = False) -> Asked:
    said = await body.fields(request, ASKED)
    return Asked(
        by=body.name(said, "by", required=not anonymous),
        note=body.note(said, "note", required=noted),
        until=body.instant(said, "until"),
    )


async def _act(request: web.Request, act: Act, too_late: str) -> web.Response:
    """Do something about an open incident, and answer how it is then."""
    try:
        await cases.act(request.app[DEPS], act)
    except ActRefusedError as refused:
        raise RefusedError(400, f"{refused.refusal} is refused: {refused}.") from None
    except cases.OverError as over:
        when = instant(over.incident.resolved_at)
        raise RefusedError(409, f"This incident was resolved at {when}: {too_late}.") from None
    return await _story(request)


async def _story(request: web.Request) -> web.Response:
    deps = request.app[DEPS]
    return document(cases.told(deps, await cases.as_stored(deps, request.match_info["id"])))
