"""An incident as it stands -> what a letter would say of it now: for pages, which say the same as mails."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from alerts.correspondence import HotelDesk, Surroundings
from alerts.incident import Incident, IncidentState
from alerts.message_aids import of_evidence, of_guests
from alerts.message_evidence import cause, looks
from alerts.message_letter import ended, evidence_heading, letter, numbered, sentences
from alerts.message_mail import Mail
from alerts.message_meaning import meaning
from alerts.message_parts import Letter, Section
from alerts.message_people import following, more, scope, told, vendor
from alerts.notification import Kind, Notification
from alerts.told import coming, told_so_far


def brief(
    incident: Incident,
    desk: HotelDesk,
    rows: Iterable[Notification],
    surroundings: Surroundings,
    now: datetime,
) -> Mail:
    """Return what a letter to an engineer would say now; `rows` are the notifications of the incident."""
    over = incident.state is IncidentState.RESOLVED
    name = incident.integrations[0] if incident.integrations else ""
    current = [row for row in rows if row.epoch == incident.epoch]
    return Mail(
        sender="",
        recipient="",
        message_id="",
        date=now,
        kind=Kind.RESOLVED if over else Kind.PROBLEM,
        level="",
        hotel_id=desk.id,
        hotel_name=desk.name,
        timezone=desk.timezone,
        incident=incident,
        kinds=desk.kinds,
        thread_root=None,
        told=told_so_far(incident, (), current, now),
        next_step=coming(incident, desk.policy),
        healthy=surroundings.healthy,
        affected=surroundings.affected,
        vendor=desk.vendors.get(name),
        docs_url=desk.docs.get(name),
        public_url=None,
        ack_command=None,
        standstill=incident.standstill,
        deadline=surroundings.deadline,
        aids=surroundings.aids,
    )


def account(mail: Mail) -> Letter:
    """Return what a page says of an incident: what a letter says, and all that was seen."""
    sections = _over(mail) if mail.kind is Kind.RESOLVED else _open(mail)
    return replace(letter(mail), sections=tuple(one for one in sections if one.lines))


def _open(mail: Mail) -> Iterator[Section]:
    yield Section("What this means", sentences(meaning(mail)))
    yield from of_guests(mail, whole=True)
    yield Section("Probable cause", tuple(cause(mail.incident.diagnosis)))
    yield numbered("What to do", mail.incident.diagnosis.steps)
    yield Section(evidence_heading(mail), tuple(looks(mail)))
    yield from of_evidence(mail, whole=True)
    yield Section("What else", tuple(scope(mail)))
    yield Section("Who was told, who is next", (*told(mail), following(mail)))
    yield Section("Vendor", tuple(vendor(mail)))
    yield Section("More", tuple(more(mail)))


def _over(mail: Mail) -> Iterator[Section]:
    yield from ended(mail)
    yield Section("What it meant while it lasted", sentences(meaning(mail)))
    yield from of_guests(mail, whole=True)
    yield Section("Probable cause", tuple(cause(mail.incident.diagnosis)))
    yield numbered("What there was to do", mail.incident.diagnosis.steps)
    yield Section(evidence_heading(mail), tuple(looks(mail)))
    yield from of_evidence(mail, whole=True)
    yield Section("Vendor", tuple(vendor(mail)))
    yield Section("More", tuple(more(mail)))
