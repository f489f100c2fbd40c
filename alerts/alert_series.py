"""An incident -> the alerts that an Alertmanager knows it by.

Its labels are an alert's identity there: another cause or severity is another alert, and the one before ends.
They are those that people were told last, so that nothing new is told there while a silence holds.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from alerts.incident import Incident, IncidentState
from alerts.incident_document import instant
from alerts.message_text import clean
from alerts.outlook import MARKS, mark, step_of

Labels = Mapping[str, str]
Alert = dict[str, Any]
"""As the API takes it: `labels`, `annotations`, `startsAt`, `endsAt` and `generatorURL`."""

MOST = 400
"""Characters of each sentence."""


def labels(incident: Incident) -> Labels:
    """Return the labels of an incident, as people were told of it last; `integration` is its first one."""
    return _series(incident)[-1]


def former(incident: Incident) -> Iterator[Labels]:
    """Return the labels that it was told with earlier, and is no longer."""
    *before, last = _series(incident)
    return (one for number, one in enumerate(before) if one not in (*before[:number], last))


def _series(incident: Incident) -> list[Labels]:
    kinds = (step.partition("-") for step in incident.steps)
    marks = [name for kind, _, name in kinds if kind in MARKS] or [mark(incident)]
    return [_labels(incident, *one.split("-", 2)) for one in marks]


def _labels(incident: Incident, severity: str, _reasons: str, cause: str) -> Labels:
    return {
        "alertname": cause,
        "hotel": incident.hotel,
        "integration": next(iter(incident.integrations), incident.hotel),
        "severity": severity,
        "incident": incident.id,
    }


def alert(
    incident: Incident, series: Labels, hotel_name: str, public_url: str | None, ends_at: datetime | None
) -> Alert:
    """Return an alert; without an end it fires for as long as the Alertmanager lets it."""
    steps = (f"{number}. {clean(one, MOST)}" for number, one in enumerate(incident.diagnosis.steps, 1))
    found: Alert = {
        "labels": dict(series),
        "annotations": {
            "summary": f"{clean(hotel_name, 200)}: {clean(incident.title)}",
            "description": "\n".join((clean(incident.diagnosis.summary, MOST), *steps)),
        },
        "startsAt": instant(incident.opened_at),
    }
    if ends_at is not None:
        found["endsAt"] = instant(max(ends_at, incident.opened_at))
    if public_url and "[hidden]" not in public_url:
        found["generatorURL"] = f"{public_url.rstrip('/')}/incidents/{incident.id}"
    return found


def announced(incident: Incident, channel: str, *, listens: bool) -> bool:
    """Tell whether a channel has been told of an incident that is not over: what it hears of it goes on.

    One that `listens` hears of everything that anybody is told of, another what its levels are.
    """
    if incident.state is IncidentState.RESOLVED or incident.policy is None:
        return False
    if listens:
        return any(step.partition("-")[0] in MARKS for step in incident.steps)
    levels = (one.level for one in incident.policy.levels if channel in one.channels)
    return any(step_of(level) in incident.steps for level in levels)
