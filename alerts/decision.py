"""What was decided about an incident: the step it takes, and what is to be told of it."""

from dataclasses import dataclass
from enum import StrEnum

from alerts.change import Event
from alerts.incident import Incident
from alerts.notification import MAIL, Kind


class Step(StrEnum):
    """What a decision does to an incident."""

    OPENED = "opened"
    REOPENED = "reopened"
    WORSENED = "worsened"
    EXPLAINED = "explained"
    """Another cause is now more probable than the one announced."""
    CHANGED = "changed"
    """News that nobody need be told of."""
    ACKNOWLEDGED = "acknowledged"
    LAPSED = "lapsed"
    """The time that was promised with an acknowledgement is over."""
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an incident, and the line of its timeline that says so."""

    step: Step
    incident: Incident
    event: Event


@dataclass(frozen=True, slots=True)
class Addressee:
    """One person to tell, or one channel, whose name is its address then.

    `knows` says whether a message of this incident reached, or is on its way to, them.
    """

    level: str
    role: str
    address: str
    knows: bool = False
    channel: str = MAIL


@dataclass(frozen=True, slots=True)
class Order:
    """Messages of one kind to write: `step` names the occasion, once in an epoch; `reason` says why now."""

    kind: Kind
    step: str
    people: tuple[Addressee, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about an incident now, and the incident as it is once that is done.

    `superseded` and `cancelled` are ids of waiting notifications that are wanted no longer.
    """

    incident: Incident
    orders: tuple[Order, ...] = ()
    superseded: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
