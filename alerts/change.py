"""What one decision changes: committed as a whole, or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.incident import Incident
from alerts.notification import Notification
from alerts.silence import Silence
from alerts.standing import Standing
from checks.result import CheckId


@dataclass(frozen=True, slots=True)
class Event:
    """A line of an incident's timeline."""

    incident: str
    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """Rows to write in one transaction.

    `incidents` and `standings` replace what is stored under their id; `notifications` are new (a key that
    exists already is left as it is); `superseded` and `cancelled` are ids of undelivered notifications no
    longer wanted; `spoken` are ids of those that were sent from memory, and when. `silences` are new,
    `removed_silences` are ids of those that end now. `memories` is what checks remember, as JSON can hold it;
    `forgotten` are checks no longer watched.
    """

    incidents: tuple[Incident, ...] = ()
    notifications: tuple[Notification, ...] = ()
    superseded: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    spoken: Mapping[str, datetime] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    standings: tuple[Standing, ...] = ()
    forgotten: tuple[CheckId, ...] = ()
    memories: Mapping[CheckId, Mapping[str, Any]] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()
    removed_silences: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.incidents
            or self.notifications
            or self.superseded
            or self.cancelled
            or self.spoken
            or self.events
            or self.standings
            or self.forgotten
            or self.memories
            or self.silences
            or self.removed_silences
        )


def merged(changes: Iterable[Change]) -> Change:
    """Return several changes as one; of an incident that is in several, the last one stays."""
    every = list(changes)
    return Change(
        incidents=tuple({one.id: one for change in every for one in change.incidents}.values()),
        notifications=tuple(row for change in every for row in change.notifications),
        superseded=tuple(row for change in every for row in change.superseded),
        cancelled=tuple(row for change in every for row in change.cancelled),
        spoken={name: at for change in every for name, at in change.spoken.items()},
        events=tuple(row for change in every for row in change.events),
        standings=tuple(row for change in every for row in change.standings),
        forgotten=tuple(row for change in every for row in change.forgotten),
        memories={check: value for change in every for check, value in change.memories.items()},
        silences=tuple(row for change in every for row in change.silences),
        removed_silences=tuple(row for change in every for row in change.removed_silences),
    )
