"""What a run found beside its verdict: values that letters, pages and reports are made of.

Everything is bounded by whoever fills it in, holds ids and codes but no names of guests, and may quote a
remote system: it is cleaned where it is shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from itertools import accumulate, islice
from types import MappingProxyType
from typing import NamedTuple

MOST_STUCK = 50
MOST_SCARCE = 20
COUNTED = 1001
"""Rows that are counted at the most: so many are at least so many."""
MOST_SETTINGS = 16
MOST_NEWS = 50
LONGEST = 500
"""Characters of a setting, or of a kind of error, at the most."""

_STRANGE = re.compile(r"[^a-z0-9_.-]+")


class Trouble(StrEnum):
    """Why a reservation, or a change of one, did not get into the PMS."""

    ROOM_NOT_MAPPED = "room-not-mapped"
    NO_INVENTORY = "no-inventory"
    ORIGINAL_MISSING = "original-missing"
    INVALID = "invalid"
    OTHER = "other"


class Stuck(NamedTuple):
    """A reservation (`change` unset) or a change of one that did not get into the PMS.

    `id` is the sender's, `arrives` the first night as far as it is known, `code` the room type that is not
    mapped where that is why, `since` a Unix time.
    """

    id: str
    trouble: Trouble
    since: float
    arrives: date | None = None
    code: str = ""
    change: bool = False


class Arrivals(NamedTuple):
    """How many of what is stuck arrive on a day, None where nobody knows which."""

    day: date | None
    number: int


class Gap(NamedTuple):
    """A room type without a mapping, and how many of what is stuck are of it.

    `pms` says whether the PMS has a room type of this name, so that the booking engine's is missing; `off`
    that there is a mapping, switched off.
    """

    code: str
    frees: int
    pms: bool = False
    off: bool = False


class Scarce(NamedTuple):
    """A night of which few rooms of a type are left."""

    room: str
    night: date
    left: int


class Budget(NamedTuple):
    """One allowance of a rolling 24 hours. `frees` is how much comes back in each of the 24 hours to come,
    `pace` what the last hour used."""

    name: str
    used: int
    limit: int
    pace: int
    frees: tuple[int, ...] = ()

    @property
    def left(self) -> int:
        """How much may still be used now."""
        return max(0, self.limit - self.used)

    def ends_in(self) -> float | None:
        """Return in how many hours nothing is left if it goes on at this pace; None if that is not foreseen.

        Each hour uses as much as the last one did, and gives back what was used a day before.
        """
        left = float(self.limit - self.used)
        for hour, back in enumerate(self.frees):
            loses = self.pace - back
            if left <= 0:
                return float(hour)
            if loses >= left:
                return hour + left / loses
            left -= loses
        return None

    def room(self) -> tuple[int, ...]:
        """Return how much may be used at the end of each hour to come, if nothing is until then."""
        back = accumulate(self.frees)
        return tuple(min(self.limit, max(0, self.limit - self.used + some)) for some in back)

    def returns(self) -> tuple[tuple[int, int], ...]:
        """Return after how many hours there is more room than before, and for how much."""
        room = (self.left, *self.room())
        return tuple((hour, more) for hour, more in enumerate(room) if hour and more > room[hour - 1])


NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run found.

    `stuck` is in the order of arrival: today's first, those that began before and then those of no known day
    last. `stuck_in_all` counts also what is not listed, `arrivals` by the days that are, and `gaps` are what
    would free some of it. `scarce` is in the order of nights; `scarce_in_all` counts all of the next 30 with
    at most `scarce_at` rooms left, which is None where nobody has looked. `settings` is how that which was
    looked at is set up (a DNS record, an issuer, a count of mappings, what a webhook does with a forgery), by
    names of `[a-z0-9_.-]{1,64}`: what changes in them is worth knowing. `news` are kinds of error never seen
    before, by a short hash. `request` is what the target calls its answer.
    """

    stuck: tuple[Stuck, ...] = ()
    stuck_in_all: int = 0
    arrivals: tuple[Arrivals, ...] = ()
    gaps: tuple[Gap, ...] = ()
    scarce: tuple[Scarce, ...] = ()
    scarce_in_all: int = 0
    scarce_at: int | None = None
    budgets: tuple[Budget, ...] = ()
    settings: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    news: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    request: str = ""


NO_FINDINGS = Findings()


def set_up(found: Mapping[str, str]) -> Findings:
    """Return how things are set up as findings: so many, under names that are allowed, and none too long.

    What is cut keeps a mark of the rest, so that a change behind its beginning is one, too.
    """
    some = islice(found.items(), MOST_SETTINGS)
    return Findings(settings={_STRANGE.sub("-", name.lower())[:64]: shortened(value) for name, value in some})


def shortened(value: str) -> str:
    """Return a text that is not too long; what is cut off leaves its mark."""
    if len(value) <= LONGEST:
        return value
    mark = blake2b(value.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{value[: LONGEST - len(mark) - 1]}…{mark}"
