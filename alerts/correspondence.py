"""A plan for an incident -> the rows of the outbox that tell people, each with its whole message."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from alerts.change import Change, Event
from alerts.decision import Addressee, Order, Plan
from alerts.digest import Digest, render
from alerts.handover import Handover
from alerts.impact import Deadline
from alerts.incident import Incident, Severity
from alerts.message import Mail, Renderer, Told, Vendor
from alerts.message_mail import FRONT_DESK, NextStep
from alerts.notification import MAIL, Kind, Notification
from alerts.policy import Policy
from alerts.roster import TOLD
from alerts.schedule import THIRD

Link = Callable[[Incident, str, datetime], str]
"""Returns the address of the page on which a recipient acknowledges an incident."""


@dataclass(frozen=True, slots=True)
class HotelDesk:
    """What letters about one hotel need to know of it. Mappings are by integration name."""

    id: str
    name: str
    timezone: ZoneInfo
    policy: Policy
    kinds: Mapping[str, str]
    vendors: Mapping[str, Vendor]
    docs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How the hotel's other integrations are when a letter is written, and the deadline there is, if any."""

    healthy: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class _Occasion:
    """What all letters of one order share."""

    incident: Incident
    order: Order
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
    link: Link | None = None
    command: str = "nightporter"

    def write(
        self,
        plan: Plan,
        desk: HotelDesk,
        *,
        told: Sequence[Notification],
        surroundings: Surroundings,
        now: datetime,
    ) -> Change:
        """Return the change a plan amounts to: the incident, its timeline, and the letters.

        `told` are the notifications of the incident's current epoch. The incident takes the Message-ID of the
        first letter about it as the root of its thread.
        """
        incident = plan.incident
        first = next((order for order in plan.orders if order.people), None)
        if first is not None and incident.thread_root is None:
            root = self._message_id(incident, first, first.people[0].address)
            incident = replace(incident, thread_root=root)
        all_told = _told(incident, plan, told, now)
        rows = [
            self._letter(_Occasion(incident, order, desk, all_told, surroundings, now), person)
            for order in plan.orders
            for person in order.people
        ]
        return Change(
            incidents=(incident,),
            notifications=tuple(rows),
            superseded=plan.superseded,
            cancelled=plan.cancelled,
            events=(*plan.events, *(_noted(incident, order, now) for order in plan.orders if order.people)),
        )

    def hand_over(self, found: Handover, desk: HotelDesk, now: datetime) -> Change:
        """Return the digests for those whose hours have begun, of what waited for them."""
        rows = []
        for person in found.people:
            key = f"{found.key}:{person.address}:{MAIL}"
            digest = Digest(
                sender=self.sender,
                recipient=person.address,
                message_id=self._id_of(f"handover.{_digest(key)}"),
                date=now,
                level=person.level,
                hotel_id=desk.id,
                hotel_name=desk.name,
                timezone=desk.timezone,
                incidents=(*found.waiting, *found.ended),
                public_url=self.public_url,
            )
            rows.append(
                Notification(
                    id=_digest(key),
                    key=key,
                    incident="",
                    epoch=0,
                    kind=Kind.DIGEST,
                    level=person.level,
                    channel=MAIL,
                    recipient=person.address,
                    message=render(digest, self.renderer),
                    message_id=digest.message_id,
                    created_at=now,
                    due_at=now,
                    hotel=desk.id,
                )
            )
        return Change(notifications=tuple(rows))

    def _letter(self, occasion: _Occasion, person: Addressee) -> Notification:
        incident, order, now = occasion.incident, occasion.order, occasion.now
        message_id = self._message_id(incident, order, person.address)
        mail = self._mail(occasion, person, message_id)
        key = f"{incident.id}:{incident.epoch}:{order.step}:{order.kind}:{person.address}:{MAIL}"
        return Notification(
            id=_digest(key),
            key=key,
            incident=incident.id,
            epoch=incident.epoch,
            kind=order.kind,
            level=person.level,
            channel=MAIL,
            recipient=person.address,
            message=self.renderer.render(mail),
            message_id=message_id,
            created_at=now,
            due_at=now,
            hotel=incident.hotel,
            urgent=incident.severity is Severity.EMERGENCY or person.level == THIRD,
        )

    def _mail(self, occasion: _Occasion, person: Addressee, message_id: str) -> Mail:
        incident, desk = occasion.incident, occasion.desk
        integration = incident.integrations[0]
        desk_copy = person.level == FRONT_DESK or occasion.order.kind is Kind.RESOLVED
        link = None if self.link is None or desk_copy else self.link(incident, person.address, occasion.now)
        return Mail(
            sender=self.sender,
            recipient=person.address,
            message_id=message_id,
            date=occasion.now,
            kind=occasion.order.kind,
            level=person.level,
            hotel_id=desk.id,
            hotel_name=desk.name,
            timezone=desk.timezone,
            incident=incident,
            kinds=desk.kinds,
            thread_root=incident.thread_root,
            told=occasion.told,
            next_step=_next(incident, desk),
            healthy=occasion.surroundings.healthy,
            affected=occasion.surroundings.affected,
            vendor=desk.vendors.get(integration),
            docs_url=desk.docs.get(integration),
            public_url=self.public_url,
            ack_command=None if desk_copy else f"{self.command} incidents ack {incident.id}",
            ack_link=link,
            told_before=person.knows,
            reason=occasion.order.reason,
            standstill=incident.standstill,
            deadline=occasion.surroundings.deadline,
        )

    def _message_id(self, incident: Incident, order: Order, recipient: str) -> str:
        """Return the Message-ID that this message has whenever and wherever it is written."""
        who = _digest(f"{incident.hotel}:{recipient}")
        return self._id_of(f"{incident.id}.{incident.epoch}.{order.step}.{order.kind}.{who}")

    def _id_of(self, local: str) -> str:
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "nightporter.invalid"
        return f"<{local}@{domain}>"


def _noted(incident: Incident, order: Order, now: datetime) -> Event:
    names = ", ".join(person.address for person in order.people)
    why = f" ({order.reason})" if order.reason else ""
    return Event(incident.id, now, "told", f"{order.kind} to {names}{why}")


def _next(incident: Incident, desk: HotelDesk) -> NextStep | None:
    if incident.next_step is None:
        return None
    policy = incident.policy or desk.policy
    level = policy.level(incident.next_step.level)
    role = level.role if level else _named(incident.next_step.level, {})[0]
    return NextStep(role, incident.next_step.at, incident.next_step.reason)


def _told(incident: Incident, plan: Plan, rows: Iterable[Notification], now: datetime) -> tuple[Told, ...]:
    """Return who has been told so far and is told now, each role once, with when its first was."""
    policy = incident.policy or Policy()
    roles = {level.level: (level.role, level.phone) for level in policy.levels}
    seen: dict[str, tuple[str, datetime | None]] = {}
    for row in rows:
        if row.state in TOLD and row.id not in plan.superseded:
            seen.setdefault(row.recipient, (row.level, row.sent_at))
    for order in plan.orders:
        for person in order.people:
            seen.setdefault(person.address, (person.level, now))
    found: dict[str, list[str]] = {}
    times: dict[str, list[datetime]] = {}
    for address, (level, at) in seen.items():
        found.setdefault(level, []).append(address)
        times.setdefault(level, []).extend([at] if at else [])
    return tuple(
        Told(*_named(level, roles), tuple(addresses), min(times[level], default=None), level)
        for level, addresses in found.items()
    )


def _named(level: str, roles: Mapping[str, tuple[str, str | None]]) -> tuple[str, str | None]:
    return roles.get(level, ("Front desk" if level == FRONT_DESK else f"Level {level}", None))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
