"""Everything one message about an incident needs, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.aids.aid import Aid
from alerts.impact import Deadline
from alerts.incident import Incident
from alerts.notification import Kind

FRONT_DESK = "front-desk"
"""The level that reads plain words only."""


@dataclass(frozen=True, slots=True)
class Told:
    """People of one role who were told, and how to call them; `at` is None while their message waits.

    `level` is theirs, as in the policy, or `FRONT_DESK`.
    """

    role: str
    phone: str | None
    recipients: tuple[str, ...]
    at: datetime | None
    level: str = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """Who is told next and why; `at` is None when that depends on something other than time."""

    role: str
    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whom to call outside, and what we are called there."""

    support: str | None = None
    phone: str | None = None
    account: str | None = None
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one recipient.

    `kinds` maps integration names to kinds; `healthy` and `affected` are the hotel's other integrations.
    `thread_root` is the Message-ID of the incident's first mail, None or our own for that mail itself.
    `told_before` says whether the recipient knows of the problem, so that a resolved mail can tell the whole
    story to one who does not. `reason` says why this message comes now; `standstill` why nobody is next,
    where that is so; `deadline` until when what fails can still be made good; `aids` what else helps.
    """

    sender: str
    recipient: str
    message_id: str
    date: datetime
    kind: Kind
    level: str
    hotel_id: str
    hotel_name: str
    timezone: ZoneInfo
    incident: Incident
    kinds: Mapping[str, str]
    thread_root: str | None
    told: tuple[Told, ...]
    next_step: NextStep | None
    healthy: tuple[str, ...]
    affected: tuple[str, ...]
    vendor: Vendor | None
    docs_url: str | None
    public_url: str | None
    ack_command: str | None
    told_before: bool = True
    ack_link: str | None = None
    reason: str = ""
    standstill: str = ""
    deadline: Deadline | None = None
    aids: tuple[Aid, ...] = ()
