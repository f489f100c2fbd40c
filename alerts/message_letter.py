"""A mail's values -> what it says, in the order of the contract, for either voice."""

from collections.abc import Iterator
from datetime import datetime

from alerts.message_aids import of_desk, of_evidence, of_guests, of_vendor
from alerts.message_code import plain
from alerts.message_evidence import cause, evidence
from alerts.message_headline import WORKS_AGAIN, headline, wrong
from alerts.message_mail import FRONT_DESK, Mail
from alerts.message_meaning import MOST_STEPS, afterwards, desk_steps, meaning
from alerts.message_parts import Letter, Line, Section
from alerts.message_people import (
    MOST_NAMES,
    acknowledge,
    acknowledging,
    following,
    more,
    page,
    promise_to_the_desk,
    scope,
    to_call,
    told,
    vendor,
)
from alerts.message_text import capital, clean, full_time, hotel_time, lasting, moment, offset, span
from alerts.notification import Kind


def tag(mail: Mail) -> str:
    """Return the word in brackets that begins the subject."""
    if mail.kind is Kind.RESOLVED:
        return "RESOLVED"
    return "DRILL" if mail.kind is Kind.DRILL else mail.incident.severity.upper()


def letter(mail: Mail) -> Letter:
    """Return what the mail says to its reader."""
    incident, resolved = mail.incident, mail.kind is Kind.RESOLVED
    desk = mail.level == FRONT_DESK
    problem = _desk if desk else _problem
    sections = _resolved(mail, desk=desk) if resolved else problem(mail)
    return Letter(
        tag=tag(mail),
        tone="resolved" if resolved else str(incident.severity),
        headline=clean(headline(mail), 500),
        facts=" · ".join(_facts(mail, desk=desk, resolved=resolved)),
        sections=tuple(section for section in sections if section.lines),
        closing=f"Incident {clean(incident.id, 64)} · Night Porter, {full_time(mail.date, mail.timezone)}",
        reason=_reason(mail),
    )


def _facts(mail: Mail, *, desk: bool, resolved: bool) -> Iterator[str]:
    yield clean(mail.hotel_name, 200)
    if not desk:
        yield clean(", ".join(mail.incident.integrations[:MOST_NAMES]))
    since = _since(mail)
    if resolved:
        yield f"lasted {lasting(_until(mail) - since)}"
    elif desk:
        yield f"since {hotel_time(since, mail.date, mail.timezone)} hotel time"
    else:
        yield f"since {moment(since, mail.date, mail.timezone)}"


def _reason(mail: Mail) -> str:
    if not mail.reason or mail.kind in {Kind.UPDATE, Kind.RESOLVED}:
        return ""
    why = clean(mail.reason).removesuffix(".")
    if mail.kind is Kind.ESCALATION:
        # What was a condition when the step was planned has come true.
        return f"Why it comes to you: {why.removeprefix('if ')}."
    return f"{capital(why)}."


def _problem(mail: Mail) -> Iterator[Section]:
    yield Section("What this means", sentences(meaning(mail)))
    yield from of_guests(mail)
    yield Section("Probable cause", tuple(cause(mail.incident.diagnosis)))
    yield numbered("What to do", tuple(plain(step) for step in mail.incident.diagnosis.steps))
    yield Section(evidence_heading(mail), tuple(evidence(mail)))
    yield from of_evidence(mail)
    yield Section("What else", tuple(scope(mail)))
    yield Section("Who was told, who is next", (*told(mail), following(mail)))
    yield Section(acknowledging(mail), tuple(acknowledge(mail)))
    yield Section("Vendor", (*of_vendor(mail), *vendor(mail)))
    yield Section("More", tuple(more(mail)))


def _desk(mail: Mail) -> Iterator[Section]:
    yield Section("What this means", sentences(meaning(mail)))
    yield numbered("What to do at the desk", desk_steps(mail))
    yield from of_desk(mail)
    yield Section("Whom to call", (*to_call(mail), promise_to_the_desk(mail)))
    yield Section("What else", tuple(scope(mail)))


def _resolved(mail: Mail, *, desk: bool) -> Iterator[Section]:
    incident, late = mail.incident, not mail.told_before
    if late:
        said = "It was over before the mail about it reached you. This is the whole story."
        yield Section("Why you hear of it only now", (Line(said),))
    yield from ended(mail, desk=desk)
    if late:
        yield Section("What it meant while it lasted", sentences(meaning(mail)))
    if late and not desk:
        yield Section("Probable cause", tuple(cause(incident.diagnosis)))
    yield Section("What to check now", sentences(one for one in (afterwards(mail),) if one))
    if late and not desk:
        yield Section(evidence_heading(mail), tuple(evidence(mail)))
    yield Section("What else", tuple(scope(mail)))
    if not desk:
        yield Section("Who is told", tuple(told(mail)))
        yield Section("More", (*page(mail), *more(mail)))


def ended(mail: Mail, *, desk: bool = False) -> Iterator[Section]:
    """Return what was wrong, from when to when, and what ended it."""
    incident = mail.incident
    title = capital(incident.title) if incident.diagnosis.whole else incident.title
    was = f"{wrong(mail)}." if desk else f"{clean(title)}. {_first_message(mail)}".strip()
    yield Section("What was wrong", (Line(clean(was, 500)),))
    when = f"{span(_since(mail), _until(mail), mail.timezone)}: {lasting(_until(mail) - _since(mail))}."
    yield Section("From when to when", (Line(when),))
    yield Section("What ended it", (Line(_ending(incident.outcome)),))


def evidence_heading(mail: Mail) -> str:
    """Return the heading over what was seen, with the offset of hotel time."""
    return f"Evidence (hotel time, {offset(mail.date, mail.timezone)})"


def sentences(texts: Iterator[str]) -> tuple[Line, ...]:
    """Return sentences as lines."""
    return tuple(Line(text) for text in texts)


def _first_message(mail: Mail) -> str:
    breaches = mail.incident.breaches
    if not breaches:
        return ""
    first = breaches[0].check
    name = first.check if len(mail.incident.integrations) < 2 else f"{first.integration}/{first.check}"
    return f"The check {clean(name, 128)} saw: {clean(breaches[0].message)}"


def _ending(outcome: str) -> str:
    if outcome and outcome != WORKS_AGAIN:
        return f"{capital(clean(outcome))}."
    return "Its checks are ok again. Night Porter only looks; it has repaired nothing."


def numbered(heading: str, texts: tuple[str, ...]) -> Section:
    """Return what to do as numbered lines."""
    return Section(heading, tuple(Line(clean(step)) for step in texts[:MOST_STEPS]), numbered=True)


def _since(mail: Mail) -> datetime:
    return min((breach.since for breach in mail.incident.breaches), default=mail.incident.opened_at)


def _until(mail: Mail) -> datetime:
    return mail.incident.resolved_at or mail.date
