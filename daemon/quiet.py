"""The silences that hold: those of the configuration, and those that people have asked for."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.incident import Incident
from alerts.silence import Silence, active, ends_at, matches, of_check
from daemon.board import Board

UTC_ZONE = ZoneInfo("UTC")


class Quiet:
    """Answers until when an incident is to notify nobody."""

    def __init__(self) -> None:
        self._planned: tuple[Silence, ...] = ()
        self._asked: dict[str, Silence] = {}
        self._zones: Mapping[str, ZoneInfo] = {}
        self._marked = False

    def configure(self, planned: Iterable[Silence], zones: Mapping[str, ZoneInfo]) -> None:
        """Take up the configuration's silences; `zones` are the hotels' time zones."""
        self._planned = tuple(planned)
        self._zones = zones

    def restore(self, asked: Iterable[Silence]) -> bool:
        """Take up those that people asked for, as they are stored; return whether any is new or gone."""
        before, self._asked = self._asked, {one.id: one for one in asked}
        return before != self._asked

    def all(self) -> tuple[Silence, ...]:
        """Return every silence there is, those of the configuration first."""
        return (*self._planned, *self._asked.values())

    def asked(self, silence: str) -> Silence | None:
        """Return a silence that a person asked for."""
        return self._asked.get(silence)

    def zone(self, hotel: str) -> ZoneInfo:
        """Return a hotel's time zone."""
        return self._zones.get(hotel, UTC_ZONE)

    def until(self, incident: Incident, now: datetime) -> datetime | None:
        """Return when the silence ends that covers an incident now, or None.

        Silences that follow each other without a gap are one; each is followed once.
        """
        zone = self.zone(incident.hotel)
        left = {one.id: one for one in self.all() if matches(one, incident)}
        until = None
        while found := _holding(left.values(), until or now, zone):
            until = max(found.values())
            for silence in found:
                del left[silence]
        return until

    def mark(self, board: Board, now: datetime) -> None:
        """Show on the board which checks are silenced, whether they fail or not."""
        if not (self.all() or self._marked):
            return
        self._marked = bool(self.all())
        quiet = {
            hotel: [one for one in self.all() if active(one, now, self.zone(hotel))] for hotel in board.hotels
        }
        for check, tile in board.tiles.items():
            tile.silenced = any(of_check(one, check) for one in quiet.get(check.hotel, ()))


def _holding(silences: Iterable[Silence], now: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """Return the ends of those silences that hold at a moment, by their ids."""
    ends = {one.id: ends_at(one, now, zone) for one in silences}
    return {one: end for one, end in ends.items() if end is not None}
