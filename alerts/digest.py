"""Several incidents -> one mail that names them all: what a level missed, or what is too much one by one."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.criteria import RANK
from alerts.incident import Incident, IncidentState
from alerts.message import MISHAPS, SUBJECT_LENGTH, Renderer, titled
from alerts.message_headline import listed, wrong
from alerts.message_mail import FRONT_DESK, Mail
from alerts.message_meaning import desk_steps, meaning
from alerts.message_parts import Letter, Line, Section
from alerts.message_people import linked
from alerts.message_text import capital, clean, full_time, hotel_time, lasting
from alerts.message_wire import Envelope, plain
from alerts.notification import Kind

CLOSED = "They came while the office was closed. Each one that is still open has a mail of its own, too."
OVER = "They came and went while the office was closed. There is nothing left to do but to know of them."
MOST = 30
"""Incidents told at length; the others are named in a line each."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One message to one recipient about incidents, of one hotel as a rule.

    `hotel_id` names them all, separated by commas. `mail` returns what a mail to the recipient about one of
    the incidents would be made of; `command` is how Night Porter is called on its host. `reason` says why
    they come together; `new` are the ids of those that the recipient has not heard of.
    """

    sender: str
    recipient: str
    message_id: str
    date: datetime
    level: str
    hotel_id: str
    hotel_name: str
    timezone: ZoneInfo
    incidents: tuple[Incident, ...]
    mail: Callable[[Incident], Mail]
    command: str
    reason: str = CLOSED
    new: frozenset[str] = frozenset()
    public_url: str | None = None


def render(digest: Digest, renderer: Renderer) -> bytes:
    """Return the message as it goes over the wire; a plain one when it cannot be laid out."""
    envelope = _envelope(digest)
    try:
        return renderer.lay_out(envelope, letter(digest))
    except MISHAPS as error:
        lines = [
            f"- {one.id}: {', '.join(one.integrations[:10])}: {one.state}: {one.title}"
            for one in digest.incidents
        ]
        because = f"This mail is plain because the usual one could not be written: {type(error).__name__}"
        return plain(envelope, [*lines, "", because])


def letter(digest: Digest) -> Letter:
    """Return what the mail says: what is still open first, the gravest on top."""
    still, over = _parted(digest)
    mails = [digest.mail(one) for one in [*still, *over][:MOST]]
    opened, ended = mails[: len(still)], mails[len(still) :]
    tell = _to_the_desk if digest.level == FRONT_DESK else _to_engineers
    sections = (
        Section("Still open", tuple(tell(digest, one) for one in opened)),
        Section("Over meanwhile", tuple(_over(digest, one) for one in ended)),
        Section("And", tuple(Line(_named(digest, one)) for one in [*still, *over][MOST:])),
        Section("Whom to call", tuple(_to_call(opened)) if digest.level == FRONT_DESK else ()),
        Section("More", tuple(_more(digest))),
    )
    return Letter(
        tag="DIGEST",
        tone=str(still[0].severity) if still else "resolved",
        headline=_headline(digest, still, over),
        facts=clean(digest.hotel_name, 200),
        sections=tuple(section for section in sections if section.lines),
        closing=f"Night Porter, {full_time(digest.date, digest.timezone)}",
        reason=clean(digest.reason),
    )


def _envelope(digest: Digest) -> Envelope:
    incidents = digest.incidents
    facts = {
        "Hotel": digest.hotel_id,
        "Integration": ",".join(dict.fromkeys(name for one in incidents for name in one.integrations)),
        "Incident": ",".join(one.id for one in incidents),
        "Level": digest.level,
        "Kind": str(Kind.DIGEST),
        "Cause": ",".join(dict.fromkeys(str(one.diagnosis.cause) for one in incidents)),
    }
    if incidents:
        facts["Severity"] = str(max((one.severity for one in incidents), key=RANK.__getitem__))
    subject = f"[DIGEST] {clean(digest.hotel_name, 100)}: {_subject(digest)}"
    return Envelope(
        digest.sender,
        digest.recipient,
        clean(subject, SUBJECT_LENGTH),
        digest.date,
        digest.message_id,
        facts,
    )


def _subject(digest: Digest) -> str:
    """Return how many there are, the gravest first, and what it is when it is one."""
    still, over = _parted(digest)
    ended = f", {len(over)} over" if over else ""
    said = f"{_graded(still, loud=True)} still open{ended}" if still else _ended(over)
    only = digest.incidents[0] if len(digest.incidents) == 1 else None
    return said if only is None else f"{said}: {titled(only, digest.level)}"


def _headline(digest: Digest, still: Sequence[Incident], over: Sequence[Incident]) -> str:
    if not still:
        return f"{_ended(over)}."
    news = sum(one.id in digest.new for one in still)
    new = f" ({news} new to you)" if news else ""
    ended = f", {len(over)} {_are(len(over))} over" if over else ""
    return f"{_graded(still)} {_are(len(still))} still open{new}{ended}."


def _graded(incidents: Sequence[Incident], *, loud: bool = False) -> str:
    """Return how many incidents there are of each severity; `incidents` begin with the gravest."""
    counts = Counter(str(one.severity) for one in incidents)
    grades = [f"{count} {grade.upper() if loud else grade}" for grade, count in counts.items()]
    return f"{listed(grades)} incident{'' if list(counts.values())[-1] == 1 else 's'}"


def _ended(over: Sequence[Incident]) -> str:
    return f"{len(over)} incident{'' if len(over) == 1 else 's'} {_are(len(over))} over"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _parted(digest: Digest) -> tuple[list[Incident], list[Incident]]:
    ordered = sorted(digest.incidents, key=lambda one: (-RANK[one.severity], one.opened_at, one.id))
    still = [one for one in ordered if one.state is not IncidentState.RESOLVED]
    return still, [one for one in ordered if one.state is IncidentState.RESOLVED]


def _to_engineers(digest: Digest, mail: Mail) -> Line:
    incident, found = mail.incident, mail.incident.diagnosis
    details = [f"{_named(digest, incident)} · {incident.severity}, {_since(digest, incident)}"]
    if found.summary:
        details.append(f"Probable cause: {clean(found.summary)}")
    if found.steps:
        details.append(f"First step: {clean(found.steps[0])}")
    if mail.vendor is not None and mail.vendor.phone and len(incident.integrations) == 1 and not found.whole:
        details.append(f"Phone of the vendor: {clean(mail.vendor.phone, 60)}")
    details += _promise(digest, incident)
    return Line(_called(digest, mail), details=tuple(details), action=_acknowledge(mail))


def _to_the_desk(digest: Digest, mail: Mail) -> Line:
    incident, first_step = mail.incident, next(iter(desk_steps(mail)), "")
    details = [f"What it means: {clean(one, 500)}" for one in list(meaning(mail))[:1]]
    details += [f"What to do first: {clean(first_step)}"] if first_step else []
    details += _promise(digest, incident)
    details.append(f"{capital(_since(digest, incident))} · {_named(digest, incident)}")
    return Line(_called(digest, mail), details=tuple(details))


def _over(digest: Digest, mail: Mail) -> Line:
    incident = mail.incident
    until = incident.resolved_at or digest.date
    opened = hotel_time(incident.opened_at, digest.date, digest.timezone)
    outcome = f": {clean(incident.outcome, 200)}" if incident.outcome else ""
    times = f"{opened}, {lasting(until - incident.opened_at)} long{outcome}"
    if digest.level == FRONT_DESK:
        details = (f"At {times} · {_named(digest, incident)}",)
    else:
        details = (f"{_named(digest, incident)} · {incident.severity}, at {times}",)
    return Line(_called(digest, mail), details=details)


def _called(digest: Digest, mail: Mail) -> str:
    """Say what is wrong, and whether that is news: to the front desk in plain words, without codes."""
    incident = mail.incident
    title = capital(incident.title) if incident.diagnosis.whole else incident.title
    said = clean(wrong(mail) if digest.level == FRONT_DESK else title)
    if incident.id not in digest.new:
        return said
    return f"{'New to you' if incident.epoch == 1 else 'Back again'}: {said}"


def _since(digest: Digest, incident: Incident) -> str:
    since = hotel_time(incident.opened_at, digest.date, digest.timezone)
    return f"since {since} ({lasting(digest.date - incident.opened_at)})"


def _named(digest: Digest, incident: Incident) -> str:
    hotel = [clean(incident.hotel, 64)] if "," in digest.hotel_id else []
    names = clean(", ".join(incident.integrations[:10]))
    return " · ".join((clean(incident.id, 64), *hotel, names, str(incident.state)))


def _promise(digest: Digest, incident: Incident) -> list[str]:
    promise = incident.acknowledgement
    if promise is None:
        return []
    until = hotel_time(promise.until, digest.date, digest.timezone)
    return [f"{clean(promise.by, 200)} looks after it until {until}"]


def _acknowledge(mail: Mail) -> Line | None:
    if mail.incident.acknowledgement is not None:
        return None
    if mail.ack_link:
        return linked("Acknowledge", mail.ack_link)
    return Line(f"Acknowledge on the porter's host: {clean(mail.ack_command)}") if mail.ack_command else None


def _to_call(mails: Sequence[Mail]) -> Iterator[Line]:
    """Return whom the front desk calls, of each hotel, once."""
    for role, phone in dict.fromkeys((one.role, one.phone) for mail in mails for one in mail.told):
        yield Line(f"{clean(role, 200)}: {clean(phone, 60) if phone else 'no phone number is configured'}")


def _more(digest: Digest) -> Iterator[Line]:
    if digest.level != FRONT_DESK:
        yield Line(f"All of an incident, on the porter's host: {clean(digest.command)} incidents show ID")
        if len(digest.incidents) > MOST:
            yield Line(f"Acknowledge one: {clean(digest.command)} incidents ack ID")
    if digest.public_url:
        yield linked("Status page", digest.public_url)
