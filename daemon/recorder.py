"""The minutes that are not written down yet: counted run by run, packed when they are over."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import structlog

from checks.check import Check
from checks.result import Result
from daemon.clock import Clock
from daemon.tally import MINUTE, Stored, Tally, body_of

log = structlog.get_logger()

MOST = 50_000
"""Rows that are kept while they cannot be written: four hours of 1,000 checks, in some 15 MB."""

SLICE = 50
"""Integrations packed without giving way to the event loop."""

Key = tuple[str, str]
"""A hotel and an integration."""


def minute_of(moment: datetime) -> int:
    """Return the whole minutes since 1970."""
    return int(moment.timestamp() // 60)


class Recorder:
    """Counts runs, and holds what became of them until it is written. `lost` counts rows that had no room.

    A minute is over when another one runs, be it an earlier one because the clock was set back: what is
    counted for the same minute again is a row of its own.
    """

    def __init__(self, clock: Clock, most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._open: dict[int, dict[Key, dict[str, Tally]]] = {}
        self._waiting: dict[Stored, None] = {}
        self.lost = 0

    def note(self, check: Check, result: Result, verdict: Result) -> None:
        """Count a run that has just ended."""
        now = self._clock.now()
        hotel, integration, name = check.id
        of_minute = self._open.setdefault(minute_of(now), {})
        tallies = of_minute.setdefault((hotel, integration), {})
        tally = tallies.get(name)
        if tally is None:
            tally = tallies[name] = Tally()
        tally.add(check, result, verdict, now.timestamp())

    async def pack(self) -> None:
        """Make rows of the minutes that are over, giving way to others in between."""
        now = minute_of(self._clock.now())
        for minute in [one for one in self._open if one != now]:
            self._pack(minute, SLICE)
            while minute in self._open:
                await asyncio.sleep(0)
                self._pack(minute, SLICE)
        self._make_room()

    def pack_all(self, wanted: Callable[[str], bool] = lambda _hotel: True) -> None:
        """Make rows of all that was counted of some hotels, of the present minute too."""
        for minute in list(self._open):
            self._pack(minute, None, wanted)
        self._make_room()

    def _pack(
        self, minute: int, most: int | None, wanted: Callable[[str], bool] = lambda _hotel: True
    ) -> None:
        tallies, part = self._open.get(minute, {}), 1 + secrets.randbelow(2**31 - 1)
        for key in [one for one in tallies if wanted(one[0])][:most]:
            hotel, integration = key
            body = body_of(tallies.pop(key))
            self._waiting[Stored(hotel, MINUTE, minute, integration, part, body)] = None
        if not tallies:
            self._open.pop(minute, None)

    def _make_room(self) -> None:
        beyond = len(self._waiting) - self._most
        if beyond <= 0:
            return
        if not self.lost:
            log.error("history.lost", reason="it cannot be written, and there is no room for more of it")
        self.lost += beyond
        for row in list(self._waiting)[:beyond]:
            del self._waiting[row]

    def waiting(self, most: int) -> list[Stored]:
        """Return rows that are to be written, the oldest first, in the order of their keys."""
        rows = [row for row, _ in zip(self._waiting, range(most), strict=False)]
        return sorted(rows)

    def written(self, rows: Iterable[Stored]) -> None:
        """Hold no more what is written."""
        for row in rows:
            self._waiting.pop(row, None)
        if self.lost and not self._waiting:
            log.warning("history.resumed", lost=self.lost)
            self.lost = 0

    def held(self, hotel: str) -> list[Stored]:
        """Return all there is of a hotel here, that of the present minute too, as rows."""
        found = [row for row in self._waiting if row.hotel == hotel]
        for minute, of_minute in self._open.items():
            found += self._counted(minute, of_minute, hotel)
        return found

    def _counted(self, minute: int, of_minute: dict[Key, dict[str, Tally]], hotel: str) -> Iterator[Stored]:
        for key, tallies in of_minute.items():
            if key[0] == hotel:
                yield Stored(hotel, MINUTE, minute, key[1], 0, body_of(tallies))
