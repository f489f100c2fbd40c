"""One message, to one recipient, over one channel: the rows of the outbox."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAIL = "email"
"""The channel that always exists."""


class Kind(StrEnum):
    """Why a message is sent."""

    PROBLEM = "problem"
    ESCALATION = "escalation"
    REMINDER = "reminder"
    UPDATE = "update"
    RESOLVED = "resolved"
    DIGEST = "digest"
    REPORT = "report"
    DRILL = "drill"


class Delivery(StrEnum):
    """What became of a notification. `sending` is seen only inside; users see it as pending."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    BUNDLED = "bundled"
    DEAD = "dead"


class DeliveryReason(StrEnum):
    """Why a delivery attempt failed: the check reasons that fit, and the three of mail."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    CREDENTIALS = "credentials"
    RATE_LIMITED = "rate_limited"
    PROTOCOL = "protocol"
    SERVER_ERROR = "server_error"
    RECIPIENT_REFUSED = "recipient_refused"
    DEFERRED = "deferred"
    CONTENT_REFUSED = "content_refused"
    INTERNAL = "internal"


class DeliveryError(Exception):
    """A delivery attempt failed. `permanent` means that repeating the same message cannot help."""

    def __init__(self, reason: DeliveryReason, detail: str, *, permanent: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of the outbox, written in the transaction that changes its incident.

    `message` is the whole message as it goes over the wire; nothing is rendered when it is sent. `key`
    is unique in the table: (incident, epoch, step, kind, recipient, channel). `level` is `1`, `2`, `3` or
    `front-desk`. `due_at` is when the next attempt may be made. `hotel` is whose it is; an `urgent` one goes
    out however many went before, another may be `held` until it goes out with others in one digest.
    """

    id: str
    key: str
    incident: str
    epoch: int
    kind: Kind
    level: str
    channel: str
    recipient: str
    message: bytes
    message_id: str
    created_at: datetime
    due_at: datetime
    state: Delivery = Delivery.PENDING
    attempts: int = 0
    sent_at: datetime | None = None
    last_error: str = ""
    hotel: str = ""
    urgent: bool = False
    held: bool = False
