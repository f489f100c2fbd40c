"""Incidents and their timelines -> what reports tell of them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alerts.change import Event
from alerts.decision import Step
from alerts.incident import Incident
from alerts.openings import spans
from alerts.reports.facts import Happening
from daemon.store.happenings import Happened

_BY = re.compile(r"acknowledged by (.{1,200}?) for \d")
MOST_NOTES = 20


def happenings(found: Happened, begins: datetime, ends: datetime) -> tuple[Happening, ...]:
    """Return the incidents that were open at some time from `begins` to before `ends`, the oldest first."""
    made = (_happening(one, found.timelines.get(one.id, ())) for one in found.incidents)
    # Of a report that is made late: what opened after its time is none of its own.
    then = (replace(one, spans=tuple(span for span in one.spans if span[0] < ends)) for one in made)
    touching = (one for one in then if any(_touches(span, begins, ends) for span in one.spans))
    return tuple(sorted(touching, key=lambda one: (one.opened_at, one.id)))


def _touches(span: tuple[datetime, datetime | None], begins: datetime, ends: datetime) -> bool:
    return span[0] < ends and (span[1] is None or span[1] > begins or span[0] >= begins)


def _happening(one: Incident, timeline: Sequence[Event]) -> Happening:
    promise = one.acknowledgement
    named = [found[1] for line in timeline if (found := _BY.match(line.text))]
    return Happening(
        id=one.id,
        title=one.title,
        cause=str(one.diagnosis.cause),
        severity=str(one.severity),
        integrations=one.integrations,
        spans=tuple(spans(((line.at, line.kind) for line in timeline), one.opened_at, one.resolved_at)),
        acknowledged_by=tuple(dict.fromkeys([*named, *([promise.by] if promise else [])])),
        notes=tuple(line.text for line in timeline if line.kind in {"note", Step.ACKNOWLEDGED})[-MOST_NOTES:],
        outcome=one.outcome,
        summary=one.diagnosis.summary,
        fault=one.diagnosis.fault,
    )
