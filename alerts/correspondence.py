"""A plan for an incident -> the rows of the outbox that tell people and channels, each with its message."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from alerts.aids.aid import Aid
from alerts.change import Change, Event
from alerts.decision import Addressee, Order, Plan
from alerts.digest import CLOSED, OVER, Digest, render
from alerts.drill_writing import DrillWriter
from alerts.handover import Handover
from alerts.impact import Deadline
from alerts.incident import Incident, IncidentState, Severity
from alerts.lone_letter import LoneLetter
from alerts.message import Mail, Renderer, Told, Vendor
from alerts.message_mail import FRONT_DESK
from alerts.notification import MAIL, Delivery, Kind, Notification
from alerts.policy import Policy
from alerts.schedule import FIRST, THIRD
from alerts.told import coming, told_so_far

Link = Callable[[Incident, str, datetime], str]
"""Returns the address of the page on which a recipient acknowledges an incident."""

Voice = Callable[[Mail, Sequence[Notification]], bytes]
"""Returns a channel's message about what a mail would say, and what is known of who is told."""


_WANTED_ANEW = frozenset({Delivery.CANCELLED, Delivery.SENDING})
"""What became of rows that may be written once more: they were withdrawn, or may have been."""


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
    """How the hotel's other integrations are when a letter is written, the deadline, and what helps."""

    healthy: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    deadline: Deadline | None = None
    aids: tuple[Aid, ...] = ()


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
    """Writes letters: in whose name, with which templates, pointing to which page.

    Without a `sender` there is no mail. `voices` are those of the channels that can be told, by their names;
    `drills` writes what is only a test.
    """

    sender: str
    renderer: Renderer
    public_url: str | None = None
    link: Link | None = None
    command: str = "nightporter"
    voices: Mapping[str, Voice] = field(default_factory=dict)
    drills: DrillWriter | None = None

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
        first mail about it as the root of its thread, and keeps what was told last to help with it.
        """
        orders = list(self._orders(plan, {row.key for row in told if row.state not in _WANTED_ANEW}))
        incident = self._rooted(plan.incident, orders)
        if orders and incident.state is not IncidentState.RESOLVED:
            incident = replace(incident, aids=surroundings.aids)
        all_told = told_so_far(incident, orders, [row for row in told if row.id not in plan.superseded], now)
        wanted = [
            (_Occasion(incident, order, desk, all_told, surroundings, now), person)
            for order in orders
            for person in order.people
        ]
        rows = [self._row(*one) for one in wanted]
        known = (*_after(plan, told), *rows)
        return Change(
            incidents=(incident,),
            notifications=tuple(
                replace(row, message=self._message(*one, row.message_id, known))
                for row, one in zip(rows, wanted, strict=True)
            ),
            superseded=plan.superseded,
            cancelled=plan.cancelled,
            events=(*plan.events, *(_noted(incident, order, now) for order in orders)),
        )

    def _orders(self, plan: Plan, written: Collection[str]) -> Iterator[Order]:
        """Return a plan's orders, with whom there is a way to tell and who has not been told just that."""
        for order in plan.orders:
            people = tuple(
                one
                for one in order.people
                if (self.sender if one.channel == MAIL else one.channel in self.voices)
                and _key(plan.incident, order, one) not in written
            )
            if people:
                yield replace(order, people=people)

    def _rooted(self, incident: Incident, orders: Sequence[Order]) -> Incident:
        """Return the incident with the root of its thread, once there is a mail about it."""
        mails = ((order, one) for order in orders for one in order.people if one.channel == MAIL)
        order, first = next(mails, (None, None))
        if order is None or first is None or incident.thread_root is not None:
            return incident
        return replace(incident, thread_root=self._message_id(incident, order, first.address))

    def hand_over(self, found: Handover, desk: HotelDesk, now: datetime) -> Change:
        """Return the digests for those whose hours have begun, of what waited for them."""
        if not self.sender:
            return Change()
        rows = []
        for person in found.people:
            lone = LoneLetter(
                found.key, "handover", self.sender, person.address, person.level, Kind.DIGEST, desk.id, now
            )
            digest = Digest(
                sender=self.sender,
                recipient=person.address,
                message_id=lone.message_id,
                date=now,
                level=person.level,
                hotel_id=desk.id,
                hotel_name=desk.name,
                timezone=desk.timezone,
                incidents=(*found.waiting, *found.ended),
                mail=partial(self.about, desk=desk, level=person.level, recipient=person.address, now=now),
                command=self.command,
                reason=CLOSED if found.waiting else OVER,
                public_url=self.public_url,
            )
            rows.append(lone.row(render(digest, self.renderer)))
        return Change(notifications=tuple(rows))

    def about(self, incident: Incident, desk: HotelDesk, level: str, recipient: str, now: datetime) -> Mail:
        """Return what a digest says of one of its incidents; whom to call is level 1."""
        first = (incident.policy or desk.policy).level(FIRST)
        told = (Told(first.role, first.phone, first.addresses, None, FIRST),) if first else ()
        occasion = _Occasion(incident, Order(Kind.DIGEST, "", ()), desk, told, Surroundings(), now)
        return self._mail(occasion, Addressee(level, "", recipient), "")

    def _row(self, occasion: _Occasion, person: Addressee) -> Notification:
        """Return a row, but for its message."""
        incident, order, now = occasion.incident, occasion.order, occasion.now
        key = _key(incident, order, person)
        return Notification(
            id=_digest(key),
            key=key,
            incident=incident.id,
            epoch=incident.epoch,
            kind=order.kind,
            level=person.level,
            channel=person.channel,
            recipient=person.address,
            message=b"",
            message_id=self._message_id(incident, order, person.address),
            created_at=now,
            due_at=now,
            hotel=incident.hotel,
            urgent=incident.severity is Severity.EMERGENCY or person.level == THIRD,
        )

    def _message(
        self, occasion: _Occasion, person: Addressee, message_id: str, known: Sequence[Notification]
    ) -> bytes:
        mail = self._mail(occasion, person, message_id)
        return (
            self.renderer.render(mail) if person.channel == MAIL else self.voices[person.channel](mail, known)
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
            next_step=coming(incident, desk.policy),
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
            aids=occasion.surroundings.aids,
        )

    def _message_id(self, incident: Incident, order: Order, recipient: str) -> str:
        """Return the Message-ID that this message has whenever and wherever it is written."""
        who = _digest(f"{incident.hotel}:{recipient}")
        return self._id_of(f"{incident.id}.{incident.epoch}.{order.step}.{order.kind}.{who}")

    def _id_of(self, local: str) -> str:
        return f"<{local}@{_domain(self.sender)}>"


@lru_cache(maxsize=16)
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "nightporter.invalid"


def _key(incident: Incident, order: Order, one: Addressee) -> str:
    return f"{incident.id}:{incident.epoch}:{order.step}:{order.kind}:{one.address}:{one.channel}"


def _noted(incident: Incident, order: Order, now: datetime) -> Event:
    names = ", ".join(person.address for person in order.people)
    why = f" ({order.reason})" if order.reason else ""
    return Event(incident.id, now, "told", f"{order.kind} to {names}{why}")


def _after(plan: Plan, rows: Iterable[Notification]) -> Iterator[Notification]:
    """Return rows as they are once a plan is carried out."""
    gone = dict.fromkeys(plan.superseded, Delivery.SUPERSEDED)
    gone |= dict.fromkeys(plan.cancelled, Delivery.CANCELLED)
    return (replace(row, state=gone.get(row.id, row.state)) for row in rows)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
