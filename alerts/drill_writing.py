"""A drill that was asked for -> the drill itself and its messages, to be written down together."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from alerts.ack_link import DrillLink
from alerts.decision import Addressee
from alerts.drill import Copy, Drill
from alerts.drill_letter import DrillMail, DrillVoice, render
from alerts.drill_plan import READ_BACK, DrillPlan
from alerts.message import Renderer
from alerts.notification import MAIL, Kind, Notification

PREFIX = "drill:"
"""What the keys of its messages begin with."""


@dataclass(frozen=True, slots=True)
class DrillRequest:
    """What somebody asked for, and when."""

    id: str
    hotel: str
    hotel_name: str
    timezone: ZoneInfo
    level: str
    by: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DrillWriter:
    """Writes the messages of drills: in whose name, and in which words over which channel."""

    sender: str
    renderer: Renderer
    voices: Mapping[str, DrillVoice]
    public_url: str | None = None
    link: DrillLink | None = None
    command: str = "nightporter"

    @property
    def ways(self) -> frozenset[str]:
        """The channels that can carry a drill."""
        return frozenset(self.voices) | ({MAIL} if self.sender else frozenset())

    def write(self, asked: DrillRequest, plan: DrillPlan) -> tuple[Drill, tuple[Notification, ...]]:
        """Return the drill, and a message to each who is told."""
        copies = tuple(self._copy(asked, one, plan) for one in plan.people)
        drill = Drill(
            id=asked.id,
            hotel=asked.hotel,
            level=asked.level,
            role=plan.role,
            asked_at=asked.at,
            by=asked.by,
            note=asked.note,
            plan=plan.why,
            copies=copies,
        )
        pairs = zip(plan.people, copies, strict=True)
        return drill, tuple(self._row(asked, drill, person, copy) for person, copy in pairs)

    def _copy(self, asked: DrillRequest, one: Addressee, plan: DrillPlan) -> Copy:
        name = hashlib.blake2b(f"{_key(asked, one)}".encode(), digest_size=9).hexdigest()
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "nightporter.invalid"
        read_back = one.channel == MAIL and one.address == plan.read_back
        return Copy(name, one.channel, one.address, f"<drill.{asked.id}.{name}@{domain}>", read_back)

    def _row(self, asked: DrillRequest, drill: Drill, one: Addressee, copy: Copy) -> Notification:
        return Notification(
            id=copy.id,
            key=_key(asked, one),
            incident="",
            epoch=0,
            kind=Kind.DRILL,
            level=asked.level,
            channel=one.channel,
            recipient=one.address,
            message=self._message(asked, drill, one, copy),
            message_id=copy.message_id,
            created_at=asked.at,
            due_at=asked.at,
            hotel=asked.hotel,
        )

    def _message(self, asked: DrillRequest, drill: Drill, one: Addressee, copy: Copy) -> bytes:
        # Whoever is of the level too acknowledges by it; the mailbox that is only read back has nobody.
        only_read = one.role == READ_BACK
        mail = DrillMail(
            sender=self.sender,
            recipient=one.address,
            message_id=copy.message_id,
            drill=drill,
            hotel_name=asked.hotel_name,
            timezone=asked.timezone,
            read_back=only_read,
            public_url=self.public_url,
        )
        if not only_read:
            link = None if self.link is None else self.link(asked.id, one.address, asked.at)
            mail = replace(mail, ack_link=link, ack_command=f"{self.command} drill ack {asked.id}")
        return render(mail, self.renderer) if one.channel == MAIL else self.voices[one.channel](mail)


def _key(asked: DrillRequest, one: Addressee) -> str:
    return f"{PREFIX}{asked.id}:{one.address}:{one.channel}"
