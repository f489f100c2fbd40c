"""What the page of an incident shows, in words: the facts, the letters and their fate, the timeline."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from alerts.change import Event
from alerts.incident import Incident, IncidentState
from alerts.message_mail import FRONT_DESK
from alerts.message_text import clean, full_time, hotel_time, lasting, offset
from alerts.notification import MAIL, Delivery, Kind, Notification
from alerts.openings import Openings, openings
from alerts.policy import Policy
from alerts.wording_criteria import CRITERIA

MOST_LINES = 500
"""Lines of a timeline, and letters, that are shown; of more, the newest."""

HOUR = timedelta(hours=1)
WRITTEN = "written"

LINE = 2300
"""Characters of a line of the timeline: a note and who wrote it."""

FATES: Mapping[Delivery, tuple[str, str, str]] = {
    Delivery.PENDING: ("…", "fair", "pending"),
    Delivery.SENDING: ("…", "fair", "pending"),
    Delivery.SENT: ("✓", "good", "sent"),
    Delivery.SUPERSEDED: ("○", "dim", "superseded"),
    Delivery.CANCELLED: ("○", "dim", "cancelled"),
    Delivery.BUNDLED: ("✓", "good", "bundled"),
    Delivery.DEAD: ("✕", "bad", "dead"),
}


ENDS: Mapping[Delivery, str] = {
    Delivery.BUNDLED: "told in a digest with others",
    Delivery.SUPERSEDED: "overtaken by later news before it went out",
    Delivery.CANCELLED: "withdrawn: it was no longer wanted",
    Delivery.DEAD: "given up: it cannot be delivered",
}


@dataclass(frozen=True, slots=True)
class Local:
    """Now, and the clocks of a hotel."""

    now: datetime
    zone: ZoneInfo

    def clock(self, at: datetime) -> str:
        """Return a time to the minute; with its day unless that is today."""
        return hotel_time(at, self.now, self.zone)

    def exact(self, at: datetime) -> str:
        """Return a time to the second; with its day unless that is today."""
        return hotel_time(at, self.now, self.zone, "%H:%M:%S")

    def full(self, at: datetime) -> str:
        """Return date, time and offset."""
        return full_time(at, self.zone)

    @property
    def said(self) -> str:
        """By which clocks times are told."""
        return f"{self.zone.key}, {offset(self.now, self.zone)}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what is said of it; `links` is where each of the texts leads, if they lead anywhere."""

    name: str
    texts: tuple[str, ...]
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a letter: who it is for, a word, and what is to be said of it."""

    who: str
    what: str
    symbol: str
    tone: str
    word: str
    said: str
    error: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline."""

    at: str
    machine: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of one opening of an incident."""

    heading: str
    fates: tuple[Fate, ...]
    left_out: int


def state_of(one: Incident, local: Local) -> str:
    """Return where an incident stands, in words."""
    promise = one.acknowledgement
    if one.state is IncidentState.RESOLVED:
        return f"resolved {local.clock(one.resolved_at)}" if one.resolved_at else "resolved"
    if one.state is IncidentState.ACKNOWLEDGED and promise is not None:
        return f"acknowledged by {clean(promise.by, 200)} until {local.clock(promise.until)}"
    return str(one.state)


def duration(one: Incident, now: datetime) -> str:
    """Return how long an incident lasts, or lasted."""
    began = one.reopened[-1] if one.reopened else one.opened_at
    if one.resolved_at is not None:
        return f"lasted {lasting(one.resolved_at - began)}"
    return f"for {lasting(now - began)}"


def spent(one: Incident, times: Openings, now: datetime) -> str:
    """Return how long an incident lasts or lasted in all, and how often it opened."""
    return f"{'lasted' if one.resolved_at else 'for'} {times.lasted(now)}"


def opened(one: Incident, events: Iterable[Event]) -> Openings:
    """Return when an incident was open, all times, as far as its timeline is known."""
    return openings(((line.at, line.kind) for line in events), one.opened_at, one.resolved_at, one.epoch)


def facts(one: Incident, hotel: str, local: Local, times: Openings) -> Iterator[Fact]:
    """Return the facts of an incident; `times` are those at which it was open."""
    yield Fact("State", (state_of(one, local),))
    promise = one.acknowledgement
    if promise is not None and promise.note:
        yield Fact("Note", (clean(promise.note, 2000),))
    yield Fact("Severity", (one.severity,))
    if one.criteria:
        yield Fact("Why it is escalated", tuple(CRITERIA[name] for name in one.criteria))
    place = f"/hotels/{quote(one.hotel, safe='')}"
    yield Fact("Hotel", (clean(hotel, 200),), (place,))
    names = one.integrations
    links = tuple(f"{place}/{quote(name, safe='')}" for name in names)
    yield Fact("Integrations", tuple(clean(name, 64) for name in names), links)
    yield Fact("Checks", tuple(clean(name.partition("/")[2], 130) for name in one.checks))
    yield Fact("Opened", (f"{local.full(times.first)}, {spent(one, times, local.now)}",))
    if times.times > 1:
        often = "once" if times.times == 2 else f"{times.times - 1} times"
        yield Fact("Came back", (f"{often}, the last time {local.full(times.last)}",))
    if one.resolved_at is not None:
        outcome = f": {clean(one.outcome, LINE)}" if one.outcome else ""
        yield Fact("Resolved", (f"{local.full(one.resolved_at)}{outcome}",))
    yield Fact("Cause", (str(one.diagnosis.cause),))
    yield Fact("Incident", (clean(one.id, 64),))


def letters(
    rows: Iterable[Notification], policy: Policy, local: Local, epoch: int = 1
) -> tuple[Letters, ...]:
    """Return what became of the letters, those of the newest opening first; `epoch` is the present one."""
    openings: dict[int, list[Notification]] = {epoch: []}
    for row in sorted(rows, key=lambda one: (one.created_at, one.level, one.recipient)):
        openings.setdefault(row.epoch, []).append(row)
    return tuple(
        Letters(
            _opening(number, epoch) if len(openings) > 1 or epoch > 1 else "",
            tuple(_fate(row, policy, local) for row in openings[number][-MOST_LINES:]),
            max(0, len(openings[number]) - MOST_LINES),
        )
        for number in sorted(openings, reverse=True)
    )


def _opening(number: int, present: int) -> str:
    return (
        f"Opening {number}, the present one"
        if number == present
        else f"Opening {number}, before it came back"
    )


def _fate(row: Notification, policy: Policy, local: Local) -> Fate:
    symbol, tone, word = FATES[row.state]
    error = clean(row.last_error, 500) if row.last_error and row.state is not Delivery.SENT else ""
    return Fate(_who(row, policy), str(row.kind), symbol, tone, word, _said(row, local), error)


def _who(row: Notification, policy: Policy) -> str:
    level = policy.level(row.level)
    role = clean(level.role, 200) if level else ""
    named = "front desk" if row.level == FRONT_DESK else f"level {clean(row.level, 20)}"
    way = "" if row.channel == MAIL else f", over {clean(row.channel, 64)}"
    return f"{clean(row.recipient, 254)} ({named}{f', {role}' if role else ''}{way})"


def _said(row: Notification, local: Local) -> str:
    tries = f", {row.attempts} attempts" if row.attempts > 1 else ""
    if row.state is Delivery.SENT and row.sent_at is not None:
        after = lasting(row.sent_at - row.created_at)
        return f"{local.exact(row.sent_at)}, {after} after it was written{tries}"
    return f"written {local.exact(row.created_at)}, {ENDS.get(row.state) or _waits(row, local)}{tries}"


def _waits(row: Notification, local: Local) -> str:
    if row.held:
        return "waits for a digest with others"
    if row.attempts and row.due_at > local.now:
        return f"not taken yet, the next attempt {local.exact(row.due_at)}"
    return "goes out now"


def timeline(events: Iterable[Event], local: Local) -> tuple[tuple[Entry, ...], int]:
    """Return the newest lines of a timeline, the oldest first, and how many older ones are left out."""
    every = sorted(events, key=lambda event: event.at)
    shown = tuple(
        Entry(local.exact(event.at), event.at.isoformat(), _kind(event), clean(event.text, LINE))
        for event in every[-MOST_LINES:]
    )
    return shown, max(0, len(every) - MOST_LINES)


def _kind(event: Event) -> str:
    """Return what stands before a line: nothing where it says so itself, and no more than is known.

    When a letter is written, nobody has been told yet; what became of it stands above.
    """
    kind = WRITTEN if event.kind == "told" else clean(event.kind, 20)
    return "" if event.text.startswith(kind) else kind


def care(one: Incident) -> str:
    """Name the acknowledgement that an incident has; an empty text when it has none."""
    return one.acknowledgement.at.isoformat() if one.acknowledgement else ""


def told_of_it(rows: Iterable[Notification], one: Incident) -> int:
    """Return how many people and channels were told of an incident that may be resolved now."""
    return len(
        {
            (row.channel, row.recipient)
            for row in rows
            if row.epoch == one.epoch
            and row.kind is not Kind.RESOLVED
            and row.state in {Delivery.SENT, Delivery.PENDING, Delivery.SENDING, Delivery.BUNDLED}
        }
    )
