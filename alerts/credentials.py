"""The register of credentials: whose each is, how old, and by when it is to be another. Never what it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from alerts.wall_clock import moment

SOON = timedelta(days=14)
"""How long before its day a credential is told of."""


class Need(StrEnum):
    """How a credential stands: left alone, to be changed soon, on this very day, or after its day."""

    FINE = "fine"
    SOON = "soon"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key, a password or a token that somebody looks after, without what it is.

    It ends on the day `expires`, or is to be changed `rotate_every` so many days after it was `created`.
    """

    id: str
    title: str
    owner: str
    integration: str = ""
    created: date | None = None
    expires: date | None = None
    rotate_every: int | None = None
    note: str = ""

    @property
    def due(self) -> date:
        """The day by whose end it is to be another one: the earlier one, where both are known."""
        days = [] if self.expires is None else [self.expires]
        if self.created is not None and self.rotate_every is not None:
            days.append(self.created + timedelta(days=self.rotate_every))
        return min(days)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a credential stands on a day; `age` in days, None where it is not known when it was made."""

    credential: Credential
    need: Need
    due: date
    age: int | None

    def ends(self, zone: tzinfo) -> datetime:
        """Return the moment from which on it is overdue, by the clocks of a hotel."""
        return moment(datetime.combine(self.due + timedelta(days=1), time.min), zone)


def keeping(credential: Credential, today: date) -> Keeping:
    """Return how a credential stands on a day of its hotel."""
    due, age = credential.due, None
    if credential.created is not None and credential.created <= today:
        age = (today - credential.created).days
    return Keeping(credential, _need(due, today), due, age)


def register(credentials: Iterable[Credential], zone: tzinfo, now: datetime) -> tuple[Keeping, ...]:
    """Return how credentials stand by the clocks of a hotel, the next that is due first."""
    today = now.astimezone(zone).date()
    found = (keeping(one, today) for one in credentials)
    return tuple(sorted(found, key=lambda one: (one.due, one.credential.id)))


def coming_due(register: Iterable[Keeping]) -> tuple[Keeping, ...]:
    """Return those that somebody must think of: overdue, due, or due soon."""
    return tuple(one for one in register if one.need is not Need.FINE)


def _need(due: date, today: date) -> Need:
    if due < today:
        return Need.OVERDUE
    if due == today:
        return Need.DUE
    return Need.SOON if due - today <= SOON else Need.FINE
