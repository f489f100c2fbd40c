"""The aids there are, and what they give for one incident."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from alerts.aids.aid import Aid
from alerts.aids.budget import budget
from alerts.aids.clock import clock
from alerts.aids.radar import radar
from alerts.aids.sight import Sight
from alerts.aids.silence import silence
from alerts.aids.ticket import ticket
from alerts.aids.ticket_over import over
from alerts.aids.triage import triage
from alerts.diagnosis.table import MISTAKES
from alerts.incident import Incident, IncidentState
from alerts.message_headline import WORKS_AGAIN

Producer = Callable[[Sight], Aid | None]
"""Returns what helps with an incident, or None where there is nothing new to say."""

Report = Callable[[str, Exception], None]
"""Told the name of a producer that has a mistake in it: the others go on without it."""

PRODUCERS: tuple[Producer, ...] = (clock, radar, triage, budget, silence, ticket)
"""One for each kind of aid, in the order of the kinds."""


def aids(sight: Sight, report: Report, producers: Sequence[Producer] = PRODUCERS) -> tuple[Aid, ...]:
    """Return what helps with an incident now; what it was told last where nothing is known any more."""
    known = any(sight.facts.of(name) for name in sight.incident.integrations)
    if sight.incident.state is IncidentState.RESOLVED or not known:
        return tuple(_told_last(sight.incident))
    found = (_made(one, sight, report) for one in producers)
    return tuple(aid for aid in found if aid is not None)


def _told_last(incident: Incident) -> Iterator[Aid]:
    """Yield what was told last; a letter says of what works again that it is over."""
    ended = incident.resolved_at if incident.outcome == WORKS_AGAIN else None
    for aid in incident.aids:
        turned = over(aid.ticket, ended) if aid.ticket is not None and ended is not None else aid.ticket
        yield replace(aid, ticket=turned)


def _made(producer: Producer, sight: Sight, report: Report) -> Aid | None:
    try:
        return producer(sight)
    except MISTAKES as error:
        report(producer.__module__, error)
        return None
