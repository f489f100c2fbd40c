"""A mail's values -> what it says, in order, for either voice: the templates only lay it out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from alerts.incident import Breach, Cause, Diagnosis, Severity
from alerts.message_headline import headline, wrong
from alerts.message_mail import FRONT_DESK, Mail, Told, Vendor
from alerts.message_text import clean, full_time, lasting, moment, number, span
from alerts.notification import Kind
from alerts.wording import KindWords, consequence, kind_words

MOST_BREACHES = 8
MOST_NAMES = 20
MOST_STEPS = 3

_CONFIDENCE = {
    "certain": "certain, the result itself shows it",
    "likely": "likely",
    "possible": "possible",
    "unknown": "none",
}
_FAULT = {
    "us": "ours (the hotel's settings, account or systems)",
    "vendor": "the vendor's",
    "network": "the network's",
    "guest": "the guest's",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said: a text, where it leads to, and what belongs under it."""

    text: str
    link: str | None = None
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what is said under it; steps are numbered."""

    heading: str
    lines: tuple[Line, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says. `tag` is the severity in capitals, `tone` chooses the colour that goes with it."""

    tag: str
    tone: str
    headline: str
    facts: str
    sections: tuple[Section, ...]
    closing: str


def tag(mail: Mail) -> str:
    """Return the word in brackets that begins the subject."""
    if mail.kind is Kind.RESOLVED:
        return "RESOLVED"
    return "DRILL" if mail.kind is Kind.DRILL else mail.incident.severity.upper()


def letter(mail: Mail) -> Letter:
    """Return what the mail says to its reader."""
    incident, zone = mail.incident, mail.timezone
    name = incident.integrations[0] if incident.integrations else mail.hotel_id
    kind = mail.kinds.get(name, "generic")
    words = kind_words(kind, name)
    resolved = mail.kind is Kind.RESOLVED
    since = _since(mail)
    if resolved:
        sections, facts = _resolved(mail, words, kind), f"lasted {lasting(_until(mail) - since)}"
    else:
        sections, facts = _problem(mail, words, kind), f"since {moment(since, mail.date, zone)}"
    tone = "resolved" if resolved else str(incident.severity)
    named = ", ".join(incident.integrations[:MOST_NAMES])
    return Letter(
        tag=tag(mail),
        tone=tone,
        headline=clean(headline(mail)),
        facts=" · ".join((clean(mail.hotel_name, 200), clean(named), facts)),
        sections=tuple(section for section in sections if section.lines),
        closing=f"Incident {clean(incident.id, 64)} · Night Porter, {full_time(mail.date, zone)}",
    )


def _problem(mail: Mail, words: KindWords, kind: str) -> Iterator[Section]:
    desk = mail.level == FRONT_DESK
    yield Section("What this means", (Line(consequence(mail.incident, words, kind)),))
    if desk:
        yield _steps("What to do at the desk", words.desk)
    else:
        yield Section("Probable cause", tuple(_cause(mail.incident.diagnosis)))
        yield _steps("What to do", mail.incident.diagnosis.steps)
        yield Section("Evidence", tuple(_evidence(mail)))
    yield Section("What else", tuple(_scope(mail)))
    yield Section("Who was told, who is next", (*_told(mail), _next(mail)))
    if not desk:
        yield Section("Acknowledge", tuple(_acknowledge(mail)))
        yield Section("Vendor", tuple(_vendor(mail.vendor)))
        yield Section("More", tuple(_more(mail)))


def _resolved(mail: Mail, words: KindWords, kind: str) -> Iterator[Section]:
    incident, desk = mail.incident, mail.level == FRONT_DESK
    if not mail.told_before:
        late = "It was over before the mail about it reached you. This is the whole story."
        yield Section("Why you hear of it only now", (Line(late),))
    was = f"{wrong(mail)}." if desk else f"{clean(incident.title)}. {_first_message(mail)}"
    yield Section("What was wrong", (Line(was.strip()),))
    when = f"{span(_since(mail), _until(mail), mail.timezone)}: {lasting(_until(mail) - _since(mail))}."
    yield Section("From when to when", (Line(when),))
    yield Section("What ended it", (Line(_ending(incident.outcome)),))
    if not mail.told_before:
        meant = consequence(incident, words, kind)
        yield Section("What it meant while it lasted", (Line(meant),))
        if not desk:
            yield Section("Probable cause", tuple(_cause(incident.diagnosis)))
    yield Section("What to check now", (Line(words.after),))
    if not desk:
        yield Section("Evidence", tuple(_evidence(mail)))
    yield Section("What else", tuple(_scope(mail)))
    yield Section("Who is told", tuple(_told(mail)))
    if not desk:
        yield Section("More", tuple(_more(mail)))


def _first_message(mail: Mail) -> str:
    breaches = mail.incident.breaches
    return (
        f"The check {clean(breaches[0].check.check, 64)} saw: {clean(breaches[0].message)}"
        if breaches
        else ""
    )


def _ending(outcome: str) -> str:
    if outcome and outcome != "works again":
        return f"It {clean(outcome)}."
    return "Its checks are ok again. Night Porter only looks; it has repaired nothing."


def _steps(heading: str, steps: tuple[str, ...]) -> Section:
    return Section(heading, tuple(Line(clean(step)) for step in steps[:MOST_STEPS]), numbered=True)


def _cause(diagnosis: Diagnosis) -> Iterator[Line]:
    unknown = diagnosis.cause is Cause.UNKNOWN
    yield Line(f"Not known yet. {clean(diagnosis.summary)}" if unknown else clean(diagnosis.summary))
    if not unknown:
        yield Line(f"Confidence: {_CONFIDENCE.get(diagnosis.confidence, clean(diagnosis.confidence, 40))}")
    yield Line(f"Whose fault: {_FAULT.get(diagnosis.fault, 'not known')}")


def _evidence(mail: Mail) -> Iterator[Line]:
    breaches = mail.incident.breaches
    verb = "was" if mail.kind is Kind.RESOLVED else "is"
    for breach in breaches[:MOST_BREACHES]:
        name = clean(breach.check.check, 64)
        yield Line(
            f"{name} {verb} {breach.state} ({breach.reason}): {clean(breach.message)}",
            details=tuple(_measured(breach, mail)),
        )
    if len(breaches) > MOST_BREACHES:
        yield Line(f"and {len(breaches) - MOST_BREACHES} more checks")


def _measured(breach: Breach, mail: Mail) -> Iterator[str]:
    if breach.observed is not None and breach.limit is not None:
        unit = clean(breach.unit, 20)
        yield f"Observed {number(breach.observed, unit)}, limit {number(breach.limit, unit)}"
    yield f"Since {full_time(breach.since, mail.timezone)}"
    yield f"Last ok {full_time(breach.last_ok, mail.timezone)}" if breach.last_ok else "Not seen ok yet"


def _scope(mail: Mail) -> Iterator[Line]:
    if mail.affected:
        yield Line(f"Also not well: {_names(mail.affected)}")
    if mail.healthy:
        yield Line(f"Working: {_names(mail.healthy)}")
    if not mail.affected and not mail.healthy:
        yield Line("Nothing is known of other integrations of this hotel.")


def _names(names: tuple[str, ...]) -> str:
    more = len(names) - MOST_NAMES
    shown = ", ".join(clean(name, 64) for name in names[:MOST_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown


def _told(mail: Mail) -> Iterator[Line]:
    for told in mail.told:
        phone = f" ({clean(told.phone, 60)})" if told.phone else ""
        yield Line(f"{clean(told.role, 200)}{phone}: {_when(told.at, mail)}", details=_people(told))


def _people(told: Told) -> tuple[str, ...]:
    more = len(told.recipients) - MOST_NAMES
    people = tuple(clean(one, 254) for one in told.recipients[:MOST_NAMES])
    return (*people, f"and {more} more") if more > 0 else people


def _when(at: datetime | None, mail: Mail) -> str:
    return f"written at {moment(at, mail.date, mail.timezone)}" if at else "as soon as it can be sent"


def _next(mail: Mail) -> Line:
    step = mail.next_step
    if step is None:
        if mail.incident.severity is Severity.WARNING:
            return Line("Next: nobody else is told of a warning.")
        return Line("Next: no further step is planned. It is for those named above to act.")
    when = f" at {moment(step.at, mail.date, mail.timezone)}" if step.at else ""
    return Line(f"Next: {clean(step.role, 200)}{when}. {clean(step.reason)}".strip())


def _acknowledge(mail: Mail) -> Iterator[Line]:
    if mail.ack_command:
        yield Line(f"On the porter's host: {clean(mail.ack_command)}")


def _vendor(vendor: Vendor | None) -> Iterator[Line]:
    if vendor is None:
        return
    if vendor.support:
        yield Line(f"Support: {clean(vendor.support)}")
    if vendor.phone:
        yield Line(f"Phone: {clean(vendor.phone, 60)}")
    if vendor.account:
        yield Line(f"Our account there: {clean(vendor.account, 200)}")
    if vendor.status_url:
        yield _linked("Their status", vendor.status_url)


def _more(mail: Mail) -> Iterator[Line]:
    if mail.docs_url:
        yield _linked("Instructions", mail.docs_url)
    if mail.public_url:
        yield _linked("Status page", mail.public_url)


def _linked(label: str, address: str) -> Line:
    shown = clean(address, 1000)
    link = shown if shown.startswith(("https://", "http://")) else None
    return Line(f"{label}: {shown}", link)


def _since(mail: Mail) -> datetime:
    return min((breach.since for breach in mail.incident.breaches), default=mail.incident.opened_at)


def _until(mail: Mail) -> datetime:
    return mail.incident.resolved_at or mail.date
