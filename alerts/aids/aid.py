"""An aid: what helps a person with an incident beside its diagnosis, as a plain value."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AidKind(StrEnum):
    """The kinds of aids, in the order in which they are shown."""

    CLOCK = "clock"
    RADAR = "radar"
    TRIAGE = "triage"
    BUDGET = "budget"
    SILENCE = "silence"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Due:
    """A moment after which something can no longer be made good: of whom or what, and what happens then.

    `what` is the rest of a sentence that begins with `who`, in the present: `sends bookings by e-mail`.
    """

    who: str
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """A letter to a vendor that a person may send as it is; `to` is empty where no address is known."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Aid:
    """What helps, under its heading: `lines` for engineers, `desk` in plain words for the front desk.

    `lines` are sentences whose order is their weight: a mail shows the first few, pages and programs all.
    `due` are told before them, with the time that is left when they are shown. Times in `lines` are told
    in hotel time. What quotes a remote system is cleaned by whoever shows it.
    """

    kind: AidKind
    heading: str
    lines: tuple[str, ...] = ()
    desk: tuple[str, ...] = ()
    due: tuple[Due, ...] = ()
    ticket: Ticket | None = None
