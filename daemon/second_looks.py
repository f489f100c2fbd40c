"""When checks are to be looked at once more: before a new breach is told of, and to settle a doubt."""

from collections.abc import Callable, Iterable
from datetime import datetime

from alerts.doubt import APART, Doubts
from checks.result import CheckId
from daemon.agenda import Agenda
from daemon.board import Board, Tile
from daemon.casebook import Casebook
from daemon.looking_around import may_be_hastened, siblings, witnesses


class SecondLooks:
    """Asks for looks by `hasten`, and holds new breaches back on the agenda meanwhile."""

    def __init__(self, board: Board, agenda: Agenda, hasten: Callable[[Iterable[CheckId]], None]) -> None:
        self._board = board
        self._agenda = agenda
        self._hasten = hasten
        self._asked: set[tuple[CheckId, datetime]] = set()

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

    def settle(self, doubts: Iterable[Doubts], now: datetime) -> None:
        """Have another look at what may not have the announced cause, as soon as that can settle it."""
        wanted: set[tuple[CheckId, datetime]] = set()
        for check, doubt in [one for of_hotel in doubts for one in of_hotel.items()]:
            if doubt.wants_witnesses(now):
                wanted |= {(one, doubt.since) for one in witnesses(self._board, check)}
            tile = self._board.tiles.get(check)
            if doubt.wants_a_look(now) and tile is not None and may_be_hastened(tile):
                wanted.add((check, doubt.since + APART))
        # One that is asked for may take its time.
        self._hasten([check for check, _ in wanted - self._asked])
        self._asked = wanted
