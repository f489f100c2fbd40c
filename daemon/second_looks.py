"""When checks are to be looked at once more: before a new breach is told of, and to settle a doubt."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice

from alerts.doubt import APART, Doubts
from alerts.incident import Incident
from checks.result import CheckId
from daemon.agenda import Agenda, key_of
from daemon.board import Board, Tile
from daemon.casebook import Casebook
from daemon.looking_around import MOST, may_be_hastened, others, siblings, witnesses

A_CHECK = 0.01
"""Seconds by which every check that is asked for puts off the next time."""


class SecondLooks:
    """Asks for looks by `hasten`, and holds new breaches back on the agenda meanwhile."""

    def __init__(self, board: Board, agenda: Agenda, hasten: Callable[[Iterable[CheckId]], None]) -> None:
        self._board = board
        self._agenda = agenda
        self._hasten = hasten
        self._asked: set[tuple[CheckId, datetime]] = set()
        self._heard: dict[str, datetime] = {}
        self._paused: dict[str, float] = {}

    def well_again(self, owner: Incident, check: CheckId, monotonic: float) -> None:
        """Have the other checks of an incident looked at, now that one of them is well: they may be, too."""
        if monotonic >= self._paused.get(owner.id, monotonic):
            self._ask(owner.id, others(self._board, owner, check), monotonic)

    def _ask(self, place: str, checks: list[CheckId], monotonic: float) -> None:
        self._paused[place] = monotonic + A_CHECK * len(checks)
        self._hasten(checks)

    def hold_back(self, key: str, book: Casebook, monotonic: float) -> None:
        """Have the siblings of a new breach of an integration looked at before it is decided about."""
        if self._agenda.settling(key):
            return
        new = [tile for tile in self._board.tiles_of(key) if self._is_new(tile, book)]
        if not new:
            return
        wanted = siblings(self._board, key, new)
        self._agenda.settle(key, monotonic, wanted)
        self._hasten(wanted)

    def _is_new(self, tile: Tile, book: Casebook) -> bool:
        check, standing = tile.check.id, tile.standing
        if standing is None or standing.breached_at is None or book.owner(check) is not None:
            return False
        return self._agenda.is_news(check, standing.breached_at)

    def settle(self, doubts: Iterable[Doubts], now: datetime, monotonic: float) -> None:
        """Have another look at what may not have the announced cause, as soon as that can settle it."""
        wanted: set[tuple[CheckId, datetime]] = set()
        unsure: dict[str, tuple[CheckId, datetime]] = {}
        for check, doubt in [one for of_hotel in doubts for one in of_hotel.items()]:
            key = key_of(check)
            if doubt.wants_witnesses(now) and (key not in unsure or unsure[key][1] < doubt.since):
                unsure[key] = check, doubt.since
            tile = self._board.tiles.get(check)
            if doubt.wants_a_look(now) and tile is not None and may_be_hastened(tile):
                wanted.add((check, doubt.since + APART))
        self._hear(unsure, monotonic)
        # One that is asked for may take its time.
        asked = list(islice(wanted - self._asked, MOST))
        self._hasten([check for check, _ in asked])
        self._asked = (self._asked & wanted) | set(asked)
        self._paused = {place: until for place, until in self._paused.items() if until > monotonic}

    def _hear(self, unsure: Mapping[str, tuple[CheckId, datetime]], monotonic: float) -> None:
        """Have the witnesses of every place looked at once for the latest of its doubts."""
        self._heard = {key: at for key, at in self._heard.items() if key in unsure}
        for key, (check, since) in unsure.items():
            if self._heard.get(key) != since and monotonic >= self._paused.get(key, monotonic):
                self._heard[key] = since
                self._ask(key, witnesses(self._board, check), monotonic)
