"""Several incidents -> one mail that names them all: what a level missed, or what is too much one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.criteria import RANK
from alerts.incident import Incident, IncidentState
from alerts.message import MISHAPS, SUBJECT_LENGTH, Renderer
from alerts.message_mail import FRONT_DESK
from alerts.message_parts import Letter, Line, Section
from alerts.message_people import linked
from alerts.message_text import capital, clean, full_time, hotel_time, lasting
from alerts.message_wire import Envelope, plain
from alerts.notification import Kind
from alerts.wording import kind_words

CLOSED = "while the office was closed"
MOST = 30
"""Incidents told at length; the others are named in a line each."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One message to one recipient about incidents, of one hotel as a rule.

    `hotel_id` names them all, separated by commas. `occasion` follows the number of incidents in the subject;
    `since` is when the time began that the mail is about. `kinds` are those of the integrations, by hotel.
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
    occasion: str = CLOSED
    since: datetime | None = None
    public_url: str | None = None
    kinds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


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
    tone = str(max((one.severity for one in still), key=RANK.__getitem__, default="resolved"))
    sections = (
        Section("Still open", tuple(_open(digest, one) for one in still[:MOST])),
        Section("Over meanwhile", tuple(_over(digest, one) for one in over[: max(0, MOST - len(still))])),
        Section("And", tuple(Line(_named(digest, one)) for one in [*still, *over][MOST:])),
        Section("More", tuple(_more(digest))),
    )
    zone = digest.timezone
    facts = [clean(digest.hotel_name, 200)]
    if digest.since is not None:
        since, until = (hotel_time(one, digest.date, zone) for one in (digest.since, digest.date))
        facts.append(f"{since} to {until} hotel time")
    return Letter(
        tag="DIGEST",
        tone=tone,
        headline=f"{_counted(digest)}: {_standing(len(still))}.",
        facts=" · ".join(facts),
        sections=tuple(section for section in sections if section.lines),
        closing=f"Night Porter, {full_time(digest.date, zone)}",
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
    subject = f"[DIGEST] {clean(digest.hotel_name, 100)}: {_counted(digest)}"
    return Envelope(
        digest.sender,
        digest.recipient,
        clean(subject, SUBJECT_LENGTH),
        digest.date,
        digest.message_id,
        facts,
    )


def _counted(digest: Digest) -> str:
    count = len(digest.incidents)
    return f"{count} incident{'' if count == 1 else 's'} {clean(digest.occasion, 100)}"


def _standing(count: int) -> str:
    return f"{count} still open" if count else "all over"


def _parted(digest: Digest) -> tuple[list[Incident], list[Incident]]:
    ordered = sorted(digest.incidents, key=lambda one: (-RANK[one.severity], one.opened_at, one.id))
    still = [one for one in ordered if one.state is not IncidentState.RESOLVED]
    return still, [one for one in ordered if one.state is IncidentState.RESOLVED]


def _open(digest: Digest, incident: Incident) -> Line:
    for_so_long = lasting(digest.date - incident.opened_at)
    since = hotel_time(incident.opened_at, digest.date, digest.timezone)
    promise = incident.acknowledgement
    held = [] if promise is None else [_promise(digest, promise.by, promise.until)]
    cause = "" if digest.level == FRONT_DESK else clean(incident.diagnosis.summary, 200)
    return Line(
        _called(digest, incident),
        details=(
            f"{_named(digest, incident)} · {incident.severity}, since {since} ({for_so_long})",
            *([cause] if cause else []),
            *held,
        ),
    )


def _over(digest: Digest, incident: Incident) -> Line:
    until = incident.resolved_at or digest.date
    opened = hotel_time(incident.opened_at, digest.date, digest.timezone)
    times = f"{opened}, {lasting(until - incident.opened_at)} long"
    outcome = f": {clean(incident.outcome, 200)}" if incident.outcome else ""
    return Line(
        _called(digest, incident),
        details=(f"{_named(digest, incident)} · {incident.severity}, at {times}{outcome}",),
    )


def _called(digest: Digest, incident: Incident) -> str:
    """Say what is wrong: to the front desk in plain words, without codes."""
    title, said = clean(incident.title), clean(incident.diagnosis.sentence)
    if digest.level == FRONT_DESK and incident.integrations and not incident.diagnosis.whole:
        name = incident.integrations[0]
        kind = digest.kinds.get(incident.hotel, {}).get(name, "generic")
        return f"{kind_words(kind, name).noun} {said or 'needs attention'}"
    if digest.level == FRONT_DESK:
        return capital(said or title)
    return capital(title) if incident.diagnosis.whole else title


def _named(digest: Digest, incident: Incident) -> str:
    hotel = [clean(incident.hotel, 64)] if "," in digest.hotel_id else []
    names = clean(", ".join(incident.integrations[:10]))
    return " · ".join((clean(incident.id, 64), *hotel, names, str(incident.state)))


def _promise(digest: Digest, by: str, until: datetime) -> str:
    return f"{clean(by, 200)} looks after it until {hotel_time(until, digest.date, digest.timezone)}"


def _more(digest: Digest) -> Iterator[Line]:
    if digest.level != FRONT_DESK:
        yield Line("On the porter's host: nightporter incidents show ID, then nightporter incidents ack ID")
    if digest.public_url:
        yield linked("Status page", digest.public_url)
