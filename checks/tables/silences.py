"""How long nothing has come, as rows of hours tell it, and how unusual that is for the hotel."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from checks.context import Context
from checks.database import DatabaseError
from checks.feast_days import feast_days
from checks.log import span
from checks.result import EXPECTED, ONE_IN, SILENT, USUAL_GAP, Result, State
from checks.rhythm import DAY, USUAL, Rhythm, Slot, learn
from checks.tables import question
from checks.tables.question import Row, UnreadableError, ask, said

LEAST_DAYS, LEAST_SEEN = 14, 30
"""What a rhythm is learned from at the least."""
UNHEARD_OF = 1e9
QUIET, FRESH = 3600.0, 900.0
"""Seconds without anything after which it is asked how unusual that is, and for how long that holds."""
BESIDE = 0.07
"""The share of a run's time that the question may take: the run has its verdict already."""
_HOUR = re.compile(r"(\d{1,2}):(\d{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hours:
    """What came in each hour until the newest, `silent` seconds ago; `known` seconds of that are covered."""

    made: int
    known: float
    silent: float | None
    came: dict[Slot, int]

    @classmethod
    def of(cls, rows: list[Row]) -> Self:
        """Read the rows of an answer, one for each day, with the same figures in each."""
        if not rows:
            raise UnreadableError("the query gave no row, expected one for each day")
        first = rows[0]
        came = {slot: quarters for row in rows for slot, quarters in _day(row)}
        return cls(first.count("made"), first.age("known") or 0.0, first.age("silent"), came)

    def seen(self, what: str) -> str:
        """Return how many there were, and in how many days."""
        return f"{said(self.made, what)} in {self.known / DAY:.0f} days"

    def until(self, now: datetime, zone: ZoneInfo) -> "Silence | None":
        """Return how unusual the silence is by now, if that can be told."""
        if self.silent is None or self.made < LEAST_SEEN or self.known < LEAST_DAYS * DAY:
            return None
        newest = now.timestamp() - self.silent
        quiet = feast_days(zone.key, now.astimezone(zone).year)
        rhythm = learn(self.came, newest - self.known, newest, zone, quiet)
        return Silence(rhythm, self.made, newest, now.astimezone(zone))


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence since `newest`, a Unix time, in a hotel with a rhythm, learned from what `made` counts."""

    rhythm: Rhythm
    made: int
    newest: float
    now: datetime

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return self.now.timestamp() - self.newest

    @property
    def one_in(self) -> float:
        """In how many stretches like this one nothing comes."""
        return min(UNHEARD_OF, self.rhythm.one_in(self.newest, self.now.timestamp()))

    @property
    def expected(self) -> float:
        """How many were to be expected meanwhile."""
        quarters = self.rhythm.expected(self.newest, self.now.timestamp())
        return quarters * self.made / max(1, self.rhythm.seen)

    @property
    def daily(self) -> float:
        """How many there are a day."""
        return self.made / (7 * self.rhythm.weeks)

    @property
    def usual(self) -> float:
        """The seconds that a gap which ends now has at the most, but for one in twenty."""
        return self.rhythm.usual(self.now.timestamp())

    def numbers(self) -> dict[str, float]:
        """Return the measurements that tell of it."""
        return {
            SILENT: self.seconds,
            USUAL_GAP: self.usual,
            EXPECTED: self.expected,
            ONE_IN: self.one_in,
        }

    def words(self) -> str:
        """Return what is usual now, and how rare this is where it is not."""
        told = f"around {self.now:%H}:00 on a {self.now:%A} the usual gap is at most {span(self.usual)}"
        return f"{told} ({rare(self.one_in)})" if self.one_in >= USUAL else told


async def with_silence(
    result: Result, asked: question.Options | None, context: Context, silent: float | None, zone: ZoneInfo
) -> Result:
    """Return a result that is well, with how unusual it is that nothing has come for so many seconds.

    `asked` asks for the hours; where that cannot be asked or read the result stays as it is.
    """
    if result.state is not State.OK or silent is None or silent < QUIET or asked is None:
        return result
    try:
        hours = replace(Hours.of(await ask(asked, context, BESIDE * context.timeout, FRESH)), silent=silent)
    except (DatabaseError, UnreadableError):
        return result
    silence = hours.until(context.tools.now(), zone)
    if silence is None:
        return result
    told = f"{result.message}; none for {span(silent)}, {silence.words()}"
    return replace(result, message=told, measurements={**result.measurements, **silence.numbers()})


def rare(one_in: float) -> str:
    """Return odds in words, no more exact than they are."""
    if one_in >= UNHEARD_OF:
        return "less than 1 in a billion"
    return f"1 in {float(f'{one_in:.2g}'):,.0f}"


def _day(row: Row) -> list[tuple[Slot, int]]:
    day, came = row.text_or_none("day"), row.text_or_none("came")
    if day is None or came is None:
        return []
    found = [_HOUR.fullmatch(one) for one in came.split()]
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise UnreadableError(f"column day is {day[:20]!r}, expected a date") from None
    if not all(found):
        raise UnreadableError(f"column came is {came[:20]!r}, expected such as 9:2 14:1")
    return [((on, int(one[1])), int(one[2])) for one in found if one]
