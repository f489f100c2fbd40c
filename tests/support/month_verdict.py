"""Holds what the porter made of a fault against what the contract wants."""

from collections.abc import Iterator
from datetime import timedelta

from alerts.incident import Incident, IncidentState
from alerts.notification import Kind
from checks.result import State
from tests.support.month import Month, Told, header
from tests.support.month_expectations import (
    FIRST_SEEN_AS,
    INCIDENTS,
    MINUTE,
    Course,
    Letter,
    course,
    letters,
    updates,
)
from tests.support.month_faults import Injected
from tests.support.month_hotel import DESK, LEVEL_1

NEARLY = timedelta(seconds=15)
"""How exactly letters keep to their time: a new breach may just be waiting for its siblings."""

DECIDED = timedelta(seconds=150)
"""How long it may take from an incident's first breach until all is known that says how grave it is."""

GIVES_UP = timedelta(minutes=20)
"""How long after its first failure a travel site is ten minutes from sending bookings by e-mail instead."""


def complaints(month: Month, fault: Injected) -> Iterator[str]:
    """Yield what is wrong with what was made of a fault."""
    incidents = month.during(fault)
    if len(incidents) != INCIDENTS.get(fault.name, 1):
        yield f"{fault.name}: {len(incidents)} incidents"
    for incident in incidents:
        for said in _of_incident(month, fault, incident):
            yield f"{fault.name}, {incident.id}: {said}"


def _of_incident(month: Month, fault: Injected, incident: Incident) -> Iterator[str]:
    told = month.letters(incident)
    if incident.state is not IncidentState.RESOLVED or incident.resolved_at is None:
        yield "it is not resolved"
        return
    if not told:
        yield "nobody was told of it"
        return
    yield from _of_causes(fault, incident, told)
    yield from _of_people(told)
    if fault.name not in FIRST_SEEN_AS:
        lasted = incident.resolved_at - incident.opened_at
        found = course(
            fault.name,
            incident.opened_at,
            lasted,
            _down(incident, told),
            _loss(month, fault, incident, lasted),
        )
        yield from _of_times(incident, told, found)


def _of_causes(fault: Injected, incident: Incident, told: list[Told]) -> Iterator[str]:
    first = told[0].cause
    if first != fault.cause and first not in FIRST_SEEN_AS.get(fault.name, ()):
        yield f"the first letter names {first}"
    if str(incident.diagnosis.cause) != fault.cause:
        yield f"it was taken for {incident.diagnosis.cause} in the end"
    changes = {one.cause for one in told} - {first, fault.cause}
    if changes:
        yield f"letters named {', '.join(sorted(changes))} as well"


def _of_people(told: list[Told]) -> Iterator[str]:
    """Yield what breaks the promise to tell exactly those of the end who were told of the problem."""
    known = {one.letter.recipient for one in told if one.letter.kind is not Kind.RESOLVED}
    ended = [one.letter.recipient for one in told if one.letter.kind is Kind.RESOLVED]
    if sorted(ended) != sorted(known):
        yield f"told of the end: {sorted(ended)}, of the problem: {sorted(known)}"
    seen: set[str] = set()
    for one in told:
        first = one.letter.recipient not in seen
        seen.add(one.letter.recipient)
        if first is not (one.letter.kind in {Kind.PROBLEM, Kind.ESCALATION}):
            yield f"{one.letter.kind} to {one.letter.recipient} at {one.at:%d %b %H:%M:%S}"
        if header(one.letter, "X-Nightporter-Level") == "":
            yield "a letter without a level"


def _down(incident: Incident, told: list[Told]) -> timedelta:
    """Return when it was decided that something is down: at the opening, or soon after it."""
    at = [one.at - incident.opened_at for one in told if one.letter.recipient == DESK]
    return at[0] if at and NEARLY < at[0] <= DECIDED else timedelta()


def _loss(month: Month, fault: Injected, incident: Incident, lasted: timedelta) -> timedelta | None:
    """Return when a travel site that is down was taken for a risk to data: it must have been, about then."""
    health = fault.seen.get("expedia/health")
    if health is None or health.result.state is not State.CRITICAL or lasted <= GIVES_UP:
        return None
    worse = [
        one.at - incident.opened_at
        for one in month.ledger.events
        if one.incident == incident.id and one.kind == "worsened"
    ]
    return next((one for one in worse if abs(one - GIVES_UP) <= DECIDED), GIVES_UP)


def _of_times(incident: Incident, told: list[Told], found: Course) -> Iterator[str]:
    got = [
        Letter(one.letter.kind, one.letter.recipient, one.at - incident.opened_at)
        for one in told
        if one.letter.kind is not Kind.UPDATE
    ]
    want = letters(found)
    may = {one.recipient for one in want if _at_its_end(one.after, found) and one.kind is not Kind.RESOLVED}
    must = [one for one in want if one.recipient not in may]
    yield from (f"missing: {_said(one)}" for one in must if not any(_alike(one, other) for other in got))
    yield from (f"not due: {_said(one)}" for one in got if not any(_alike(one, other) for other in want))
    news = sorted({one.at - incident.opened_at for one in told if one.letter.kind is Kind.UPDATE})
    due = updates(found)
    sure = [one for one in due if not _at_its_end(one, found)]
    yield from (f"no update at {_min(one)}" for one in sure if not _near(one, news))
    late = [one for one in news if one > DECIDED and not _near(one, due)]
    yield from (f"an update at {_min(one)}, which is not due" for one in late)
    first = {one.letter.recipient for one in told[:1]}
    if first != {LEVEL_1}:
        yield f"the first letter went to {first}"


def _at_its_end(after: timedelta, found: Course) -> bool:
    """Say whether something is due so close to the end that whoever is told may as well not be told."""
    return found.lasted - after <= NEARLY


def _alike(one: Letter, other: Letter) -> bool:
    same = (one.kind, one.recipient) == (other.kind, other.recipient)
    return same and abs(one.after - other.after) <= NEARLY


def _near(one: timedelta, others: list[timedelta]) -> bool:
    return any(abs(one - other) <= NEARLY for other in others)


def _said(one: Letter) -> str:
    return f"{one.kind} to {one.recipient} at {_min(one.after)}"


def _min(span: timedelta) -> str:
    return f"{span / MINUTE:.1f} min"
