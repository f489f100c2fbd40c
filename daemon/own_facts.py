"""What the porter finds out about itself, as checks on the board that nothing schedules.

They stand under `network`, and only while there is something to say: their breaches, diagnoses and letters
take the way of all others, over a restart too.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from alerts.facts import NO_VALUES
from alerts.standing import Standing
from checks.check import Check, CheckType
from checks.integrations.network import MAIL, PORTER
from checks.result import CheckId, Result, State, ok
from checks.values import Options
from daemon.board import Board, Tile

INTEGRATION = "network"


async def _nobody(_options: Any, _context: Any) -> Result:
    return ok()


TYPES = {name: CheckType(name, Options, "", _nobody) for name in (PORTER, MAIL)}


class OwnFacts:
    """Puts up and takes down what the porter shows of itself.

    `observe` takes a result in, `forget` is told of checks that are on the board no more.
    """

    def __init__(
        self,
        board: Board,
        observe: Callable[[Check, Result], object],
        forget: Callable[[Iterable[CheckId]], None],
    ) -> None:
        self._board = board
        self._observe = observe
        self._forget = forget

    def restore(self, standings: Iterable[Standing]) -> None:
        """Put up again what was breached when the state was written."""
        self._board.show(
            _check(one.check)
            for one in standings
            if one.breached
            and one.check.hotel in self._board.hotels
            and one.check.integration == INTEGRATION
            and one.check.check in TYPES
        )

    def hotels(self, name: str) -> frozenset[str]:
        """Return the hotels for which something of this name is shown."""
        return frozenset(check.hotel for check in self._board.own if check.check == name)

    def breached(self, name: str) -> bool:
        """Say whether what is shown under this name is a breach, of any hotel."""
        tiles = (self._board.tiles[check] for check in self._board.own if check.check == name)
        return any(_breached(tile) for tile in tiles)

    def say(self, name: str, hotel: str, result: Result, values: Mapping[str, str] = NO_VALUES) -> None:
        """Show a result of a hotel; where all is well, only until everybody knows. `values` name things."""
        check = CheckId(hotel, INTEGRATION, name)
        if check not in self._board.own:
            if result.state is State.OK:
                return
            self._board.show([_check(check)])
        tile = self._board.tiles[check]
        tile.values = values
        self._observe(tile.check, result)
        if not _breached(tile) and not self._is_told(check):
            self._board.hide(check)
            self._forget([check])

    def _is_told(self, check: CheckId) -> bool:
        incidents = self._board.incidents.values()
        return any(breach.check == check for incident in incidents for breach in incident.breaches)


def _breached(tile: Tile) -> bool:
    return tile.standing is not None and tile.standing.breached


def _check(one: CheckId) -> Check:
    kind = TYPES[one.check]
    return Check(one, INTEGRATION, kind, Options(), interval=60.0, timeout=10.0, failures=1, successes=1)
