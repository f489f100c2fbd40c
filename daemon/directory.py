"""What is written down about the hotels: their time zones, whom to call, and what is not watched there."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from alerts.correspondence import HotelDesk
from daemon.settings import Hotel
from daemon.settings.coverage import Line, lacking

UTC_ZONE = ZoneInfo("UTC")


class Directory:
    """Answers by a hotel's id."""

    def __init__(self) -> None:
        self._desks: Mapping[str, HotelDesk] = {}
        self._hotels: Mapping[str, Hotel] = {}

    def configure(self, hotels: Iterable[Hotel], desks: Mapping[str, HotelDesk]) -> None:
        """Answer by these from now on."""
        self._desks = desks
        self._hotels = {hotel.id: hotel for hotel in hotels}

    def desk(self, hotel: str) -> HotelDesk | None:
        """Return a hotel's desk: its policy, and by integration its vendor and documents."""
        return self._desks.get(hotel)

    def zone(self, hotel: str) -> ZoneInfo:
        """Return a hotel's time zone."""
        desk = self.desk(hotel)
        return desk.timezone if desk else UTC_ZONE

    def unwatched(self, hotel: str, integration: str) -> tuple[Line, ...]:
        """Return which built-in checks an integration does not have, and why."""
        found = self._hotels.get(hotel)
        return tuple(lacking(found, integration)) if found else ()
