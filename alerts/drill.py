"""A drill: a marked test alert through the real path, how each step of it went, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.message_text import clean, lasting, minutes
from alerts.notification import MAIL, Delivery

PATIENCE = timedelta(minutes=5)
"""How long the messages of a drill are given to be taken; what has not been by then is not sent any more."""

OPEN = timedelta(hours=24)
"""How long a drill can be acknowledged: as long as the link in its mail is good for."""

READ_WITHIN = timedelta(minutes=2)
"""How long a mail that a relay has taken is looked for in the mailbox that is read back."""

WAITS = frozenset({Delivery.PENDING, Delivery.SENDING})

ABSENT = "it was not there in time"
"""Why a mail was not seen in a mailbox that was read."""


class Outcome(StrEnum):
    """What became of a drill: under way, accepted for everybody, acknowledged, or somebody not reached."""

    RUNNING = "running"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    UNDELIVERED = "undelivered"


class ReadBack(StrEnum):
    """What the mailbox that is read back says: nothing where there is none, or where it cannot be read."""

    NONE = "none"
    WAITING = "waiting"
    SEEN = "seen"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Copy:
    """One message of a drill, and what became of it. `read_back` is one that the porter looks for itself."""

    id: str
    channel: str
    recipient: str
    message_id: str
    read_back: bool = False
    state: Delivery = Delivery.PENDING
    attempts: int = 0
    sent_at: datetime | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who acknowledged a drill, and when."""

    at: datetime
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """A test alert to one level of a hotel.

    `plan` says in sentences who is told and why. `stored_at` is when it was safe on disk, `seen_at` when its
    mail was seen in the mailbox that is read back, `unseen` why it was not. `ended_at` is when the porter
    stopped looking: only an acknowledgement can come after it.
    """

    id: str
    hotel: str
    level: str
    role: str
    asked_at: datetime
    by: str
    note: str = ""
    plan: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = ()
    stored_at: datetime | None = None
    seen_at: datetime | None = None
    unseen: str = ""
    acknowledged: Receipt | None = None
    ended_at: datetime | None = None

    @property
    def outcome(self) -> Outcome:
        """What has become of it so far."""
        if self.ended_at is None:
            return Outcome.RUNNING
        if missed(self):
            return Outcome.UNDELIVERED
        return Outcome.DELIVERED if self.acknowledged is None else Outcome.ACKNOWLEDGED

    @property
    def reads_back(self) -> bool:
        """Whether the porter looks for its mail in a mailbox."""
        return any(one.read_back for one in self.copies)

    @property
    def read_back(self) -> ReadBack:
        """What the mailbox says, which is a finding of its own: people may have got theirs all the same."""
        if not self.reads_back:
            return ReadBack.NONE
        if self.seen_at is not None:
            return ReadBack.SEEN
        if self.ended_at is None:
            return ReadBack.WAITING
        if sought(self) is None:
            return ReadBack.UNSENT
        return ReadBack.ABSENT if self.unseen == ABSENT else ReadBack.UNREADABLE

    def open(self, now: datetime) -> bool:
        """Tell whether somebody can still acknowledge it."""
        return self.acknowledged is None and now < self.asked_at + OPEN


@dataclass(frozen=True, slots=True)
class LastDrill:
    """What became of a hotel's latest drill, for pages and reports: acknowledged `after` so long, if ever.

    `absent` is one whose mail was accepted, and was not in the mailbox that is read back.
    """

    level: str
    asked_at: datetime
    outcome: Outcome
    after: timedelta | None = None
    absent: bool = False


def latest(drills: Iterable[Drill]) -> LastDrill | None:
    """Return what is said of the latest of some drills, None where there was none."""
    found = max(drills, key=lambda one: one.asked_at, default=None)
    if found is None:
        return None
    after = None if found.acknowledged is None else found.acknowledged.at - found.asked_at
    absent = found.read_back is ReadBack.ABSENT
    return LastDrill(found.level, found.asked_at, found.outcome, after, absent)


def last_drill(found: LastDrill | None, now: datetime) -> str:
    """Return a sentence such as `Last drill 12 days ago: level 1 acknowledged in 4 min.`"""
    if found is None:
        return "No drill has been held here yet."
    return f"Last drill {ago(now - found.asked_at)}: {_came_of(found, now)}."


def _came_of(found: LastDrill, now: datetime) -> str:
    level = f"level {found.level}"
    answered = "" if found.after is None else f"acknowledged in {minutes(found.after)}"
    match found.outcome:
        case Outcome.RUNNING:
            return f"{level} {answered}, it is still under way" if answered else "it is still under way"
        case Outcome.UNDELIVERED:
            return f"{level} was not reached as it should be{f', but {answered}' if answered else ''}"
        case Outcome.ACKNOWLEDGED:
            return (
                f"{level} {answered}{', but a mail was not in the mailbox in time' if found.absent else ''}"
            )
    if found.absent:
        return f"the mail to {level} was accepted, but was not in the mailbox in time"
    until = "has not acknowledged it yet" if now < found.asked_at + OPEN else "did not acknowledge it"
    return f"{level} was reached, and {until}"


def ago(elapsed: timedelta) -> str:
    """Return how long ago something was, in one unit."""
    days = elapsed // timedelta(days=1)
    if days:
        return "1 day ago" if days == 1 else f"{days} days ago"
    hours = elapsed // timedelta(hours=1)
    if hours:
        return f"{hours} h ago"
    whole = elapsed // timedelta(minutes=1)
    return f"{whole} min ago" if whole else "just now"


def missed(drill: Drill) -> list[str]:
    """Return whom it did not reach, in sentences for people; nobody while everything may still arrive."""
    lost = {*Delivery} - {Delivery.SENT} - (WAITS if drill.ended_at is None else set())
    return [_lost(one) for one in drill.copies if one.state in lost and not one.read_back]


def finding(drill: Drill) -> str:
    """Return what was in the way of the read-back, as half a sentence; nothing where there was no trouble."""
    match drill.read_back:
        case ReadBack.ABSENT:
            return "its mail was not in the mailbox in time"
        case ReadBack.UNREADABLE:
            return f"the mailbox could not be read: {clean(drill.unseen) or 'nobody looked'}"
        case ReadBack.UNSENT:
            (box, *_) = (one for one in drill.copies if one.read_back)
            return f"no mail went to the mailbox: {hindrance(box) or 'no attempt was made in time'}"
    return ""


def finished(drill: Drill, now: datetime, *, unreadable: bool = False) -> bool:
    """Tell whether only an acknowledgement is waited for; a mailbox that is `unreadable` is not."""
    if any(one.state in WAITS for one in drill.copies):
        return now >= drill.asked_at + PATIENCE
    box = sought(drill)
    return unreadable or box is None or box.sent_at is None or now >= box.sent_at + READ_WITHIN


def sought(drill: Drill) -> Copy | None:
    """Return the message that is to be looked for in the mailbox now, if any."""
    if drill.seen_at is not None:
        return None
    return next((one for one in drill.copies if one.read_back and one.state is Delivery.SENT), None)


def whom(one: Copy) -> str:
    """Return whom a message of a drill is for."""
    name = clean(one.recipient, 254)
    if one.read_back:
        return f"{name} (read back)"
    return name if one.channel == MAIL else f"the channel {name}"


def hindrance(one: Copy) -> str:
    """Return what was in the way of a message, for people; nothing where that is not known."""
    reason, colon, words = clean(one.last_error).partition(":")
    return f"{reason.replace('_', ' ')}{colon}{words}"


def _lost(one: Copy) -> str:
    why = hindrance(one) or "no attempt was made in time"
    return f"{whom(one)} was not reached: {why}"


def happened(drill: Drill, now: datetime) -> str:
    """Return what became of a drill, in a few sentences."""
    told = finding(drill)
    aside = f" {told[0].upper()}{told[1:]}." if told else ""
    return f"{_arrived(drill)} {_answered(drill, now)}{aside}"


def _arrived(drill: Drill) -> str:
    lost = missed(drill)
    if lost:
        return f"It did not get through: {'; '.join(lost)}."
    if drill.ended_at is None:
        return "It is under way."
    if drill.read_back is ReadBack.ABSENT:
        return "It was accepted for everybody it is for."
    return "It reached everybody it is for."


def _answered(drill: Drill, now: datetime) -> str:
    receipt = drill.acknowledged
    if receipt is not None:
        return f"{clean(receipt.by, 200)} acknowledged it after {lasting(receipt.at - drill.asked_at)}."
    if now < drill.asked_at + OPEN:
        return "Nobody has acknowledged it yet."
    return f"Nobody acknowledged it within {lasting(OPEN)}."
