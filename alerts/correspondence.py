"""A decision about an incident -> the rows of the outbox that tell people, each with its whole message."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from alerts.change import Change
from alerts.escalation import KIND_OF_STEP, Addressee, Contact, addressees, superseded
from alerts.incident import Incident
from alerts.incidents import Decision, Step
from alerts.message import Mail, Renderer, Told, Vendor
from alerts.notification import MAIL, Kind, Notification


@dataclass(frozen=True, slots=True)
class HotelDesk:
    """What letters about one hotel need to know of it. Mappings are by integration name."""

    id: str
    name: str
    timezone: ZoneInfo
    contacts: tuple[Contact, ...]
    kinds: Mapping[str, str]
    vendors: Mapping[str, Vendor]
    docs: Mapping[str, str]

    def contact(self, level: str) -> Contact | None:
        """Return the contact of a level, if there is one."""
        return next((contact for contact in self.contacts if contact.level == level), None)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How the hotel's other integrations are, when a letter is written."""

    healthy: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Occasion:
    """What all letters about one decision share."""

    incident: Incident
    kind: Kind
    step: str
    desk: HotelDesk
    told: tuple[Told, ...]
    surroundings: Surroundings
    now: datetime


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Writes letters: in whose name, with which templates, pointing to which page."""

    sender: str
    renderer: Renderer
    public_url: str | None = None

    def write(
        self,
        decision: Decision,
        desk: HotelDesk,
        *,
        told: Sequence[Notification],
        surroundings: Surroundings,
        now: datetime,
    ) -> Change:
        """Return the change a decision amounts to: the incident, its timeline, and the letters.

        `told` are the notifications of the incident's current epoch. The incident takes the Message-ID of the
        first letter about it as the root of its thread.
        """
        incident, kind = decision.incident, KIND_OF_STEP.get(decision.step)
        rows: tuple[Notification, ...] = ()
        if kind is not None:
            roles = {contact.level: contact.role for contact in desk.contacts}
            people = addressees(decision.step, desk.contact("1"), told, roles)
            step = _step_name(decision)
            if people and incident.thread_root is None:
                root = self._message_id(incident, step, kind, people[0].address)
                incident = replace(incident, thread_root=root)
            occasion = _Occasion(incident, kind, step, desk, _told(people, desk, now), surroundings, now)
            rows = tuple(self._letter(occasion, person) for person in people)
        return Change(
            incidents=(incident,),
            notifications=rows,
            superseded=superseded(decision.step, told),
            events=(decision.event,),
        )

    def _letter(self, occasion: _Occasion, person: Addressee) -> Notification:
        incident, kind, now = occasion.incident, occasion.kind, occasion.now
        message_id = self._message_id(incident, occasion.step, kind, person.address)
        mail = self._mail(occasion, person, message_id)
        key = f"{incident.id}:{incident.epoch}:{occasion.step}:{kind}:{person.address}:{MAIL}"
        return Notification(
            id=_digest(key),
            key=key,
            incident=incident.id,
            epoch=incident.epoch,
            kind=kind,
            level=person.level,
            channel=MAIL,
            recipient=person.address,
            message=self.renderer.render(mail),
            message_id=message_id,
            created_at=now,
            due_at=now,
        )

    def _mail(self, occasion: _Occasion, person: Addressee, message_id: str) -> Mail:
        incident, desk = occasion.incident, occasion.desk
        integration = incident.integrations[0]
        return Mail(
            sender=self.sender,
            recipient=person.address,
            message_id=message_id,
            date=occasion.now,
            kind=occasion.kind,
            level=person.level,
            hotel_id=desk.id,
            hotel_name=desk.name,
            timezone=desk.timezone,
            incident=incident,
            kinds=desk.kinds,
            thread_root=incident.thread_root,
            told=occasion.told,
            next_step=None,
            healthy=occasion.surroundings.healthy,
            affected=occasion.surroundings.affected,
            vendor=desk.vendors.get(integration),
            docs_url=desk.docs.get(integration),
            public_url=self.public_url,
            ack_command=None,
            told_before=person.knows,
        )

    def _message_id(self, incident: Incident, step: str, kind: Kind, recipient: str) -> str:
        """Return the Message-ID that this message has whenever and wherever it is written."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "nightporter.invalid"
        who = _digest(f"{incident.hotel}:{recipient}")
        return f"<{incident.id}.{incident.epoch}.{step}.{kind}.{who}@{domain}>"


def _step_name(decision: Decision) -> str:
    """Name the step within the epoch; an incident may get worse more than once, each time differently."""
    if decision.step is not Step.WORSENED:
        return str(decision.step)
    # Both only rise within an epoch: no two steps are named alike.
    return f"{decision.step}-{decision.incident.severity}-{len(decision.incident.criteria)}"


def _told(people: Sequence[Addressee], desk: HotelDesk, now: datetime) -> tuple[Told, ...]:
    by_role: dict[tuple[str, str | None], list[str]] = {}
    for person in people:
        contact = desk.contact(person.level)
        by_role.setdefault((person.role, contact.phone if contact else None), []).append(person.address)
    return tuple(Told(role, tuple(all_), now, MAIL, phone) for (role, phone), all_ in by_role.items())


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
