"""`/incidents/ID/export`: the incident note, as a Markdown file to be kept."""

from aiohttp import hdrs, web

from alerts.message_text import clean
from daemon.web import cases
from daemon.web.deps import DEPS
from daemon.words.incident_markdown import markdown


async def note(request: web.Request) -> web.Response:
    """Answer the note of one incident, as `nightporter incidents export` prints it."""
    deps = request.app[DEPS]
    record = await cases.as_believed(deps, request.match_info["id"])
    incident = record.incident
    zone = deps.desk.quiet.zone(incident.hotel)
    hotel = deps.hotels().get(incident.hotel, incident.hotel)
    said = markdown(cases.told(deps, record), zone, deps.clock.now(), hotel) + "\n"
    name = "".join(char for char in clean(incident.id, 64) if char.isalnum() or char in "-_")
    return web.Response(
        body=said.encode("utf-8", "replace"),
        content_type="text/markdown",
        charset="utf-8",
        headers={hdrs.CONTENT_DISPOSITION: f'attachment; filename="incident-{name}.md"'},
    )
