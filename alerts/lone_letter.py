"""Letters that are about no single incident: reports, reminders, what is handed over."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from alerts.notification import MAIL, Kind, Notification


@dataclass(frozen=True, slots=True)
class LoneLetter:
    """A mail to one recipient, the same whenever it is written: `occasion` tells it from all others.

    `word` begins its Message-ID, whose domain is that of the `sender`.
    """

    occasion: str
    word: str
    sender: str
    recipient: str
    level: str
    kind: Kind
    hotel: str
    date: datetime

    @property
    def key(self) -> str:
        """What is unique in the outbox."""
        return f"{self.occasion}:{self.recipient}:{MAIL}"

    @property
    def id(self) -> str:
        """The id of its row."""
        return hashlib.blake2b(self.key.encode(), digest_size=9).hexdigest()

    @property
    def message_id(self) -> str:
        """Its Message-ID."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "nightporter.invalid"
        return f"<{self.word}.{self.id}@{domain}>"

    def row(self, message: bytes) -> Notification:
        """Return its row in the outbox, with the message as it goes over the wire."""
        return Notification(
            id=self.id,
            key=self.key,
            incident="",
            epoch=0,
            kind=self.kind,
            level=self.level,
            channel=MAIL,
            recipient=self.recipient,
            message=message,
            message_id=self.message_id,
            created_at=self.date,
            due_at=self.date,
            hotel=self.hotel,
        )
