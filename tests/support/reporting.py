"""Where reports are made in tests: those that are there already, and one as of now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.reports.report import Kind, Report
from daemon.store import StateError
from tests.support.reports import big


@dataclass
class Reporter:
    """Makes big reports of every hotel. `made` are stored; `asked` is who had one mailed."""

    made: list[Report] = field(default_factory=list)
    people: tuple[str, ...] = ("a@hotel.example", "b@hotel.example")
    asked: list[tuple[str, Kind, str]] = field(default_factory=list)
    away: bool = False

    @property
    def stored(self) -> "Reporter":
        return self

    async def one(self, hotel: str, kind: Kind, ends: datetime | None = None) -> Report | None:
        self._read()
        fitting = [one for one in self._of(hotel, kind) if ends in {None, one.ends}]
        return fitting[0] if fitting else None

    async def ends(
        self, hotel: str, kind: Kind | None = None, limit: int = 400
    ) -> Sequence[tuple[Kind, datetime]]:
        self._read()
        return [(one.kind, one.ends) for one in self._of(hotel, kind)][:limit]

    async def now(self, hotel: str, kind: Kind) -> Report:
        self._read()
        whole = big(kind)
        return replace(whole, hotel=hotel, hotel_name="Hotel", ends=whole.ends - timedelta(hours=9))

    async def mail(self, hotel: str, kind: Kind, by: str) -> Sequence[str]:
        self._read()
        self.asked.append((hotel, kind, by))
        return self.people

    def _of(self, hotel: str, kind: Kind | None) -> list[Report]:
        found = [one for one in self.made if one.hotel == hotel and kind in {None, one.kind}]
        return sorted(found, key=lambda one: (-one.ends.timestamp(), one.kind))

    def _read(self) -> None:
        if self.away:
            raise StateError("the shelf is away")


def several(hotel: str = "h", days: int = 3) -> list[Report]:
    """Return the daily reports of some days, and one of a week and a month."""
    plain = [replace(big(kind), hotel=hotel, hotel_name="Hotel") for kind in Kind]
    daily = [
        replace(
            plain[0],
            begins=plain[0].begins - day * timedelta(days=1),
            ends=plain[0].ends - day * timedelta(days=1),
        )
        for day in range(days)
    ]
    return [*daily, *plain[1:]]
