"""Which checks are looked at once more because of what another one saw."""

from collections.abc import Iterable
from heapq import nsmallest

from alerts.criteria import STANDS_ON
from alerts.incident import Incident
from checks.result import CheckId, Reason, State
from daemon.board import Board, Tile

FAR = frozenset({Reason.DNS, Reason.CONNECT, Reason.TIMEOUT, Reason.TLS})
"""Reasons that may lie between the porter and everybody else."""

MOST = 24
"""Checks that are looked at once more together: fewer than find room at one target that did not answer,
beside those whose turn it is.
"""

CONTROL = ("network", "control")


def siblings(board: Board, key: str, new: Iterable[Tile]) -> list[CheckId]:
    """Return what is worth a look before the new breaches of an integration are told of.

    These are its own other checks and the control targets; and where it may be the network, what the other
    integrations of the hotel stand on.
    """
    hotel, _, integration = key.partition("/")
    far = any(tile.standing is not None and tile.standing.reason in FAR for tile in new)
    own: list[Tile] = []
    around: list[Tile] = []
    for view in board.hotel(hotel):
        names = STANDS_ON.get(view.kind, ()) if far else ()
        for tile in view.tiles:
            if not may_be_hastened(tile) or _decided(tile):
                continue
            check = tile.check.id.check
            if view.name == integration:
                own.append(tile)
            elif (view.name, check) == CONTROL or check in names:
                around.append(tile)
    return [*_some(own), *_some(around)]


def others(board: Board, incident: Incident, but: CheckId) -> list[CheckId]:
    """Return the checks of an incident that were failing when last looked at, but for one."""
    tiles = (board.tiles.get(breach.check) for breach in incident.breaches if breach.check != but)
    return _some([tile for tile in tiles if tile is not None and _fails(tile) and may_be_hastened(tile)])


def witnesses(board: Board, check: CheckId) -> list[CheckId]:
    """Return the checks of an integration that are breached and fail: by what they see the cause is told."""
    tiles = board.tiles_of(f"{check.hotel}/{check.integration}")
    return _some([tile for tile in tiles if _decided(tile) and _fails(tile) and may_be_hastened(tile)])


def may_be_hastened(tile: Tile) -> bool:
    """Say whether a look is not against the target's wish to be left alone."""
    result = tile.result
    if result is not None and result.reason is Reason.CREDENTIALS:
        return False
    return result is None or result.retry_after is None


def _some(tiles: list[Tile]) -> list[CheckId]:
    """Return the checks; of too many those that tell most, then those that were not looked at for longest."""
    if len(tiles) > MOST:
        tiles = nsmallest(MOST, tiles, key=_rank)
    return [tile.check.id for tile in tiles]


def _rank(tile: Tile) -> tuple[int, float]:
    check = tile.check.id
    telling = (check.integration, check.check) == CONTROL, check.check in STANDS_ON.get(tile.check.kind, ())
    seen = tile.standing.last_run.timestamp() if tile.standing is not None else 0.0
    return 2 - 2 * telling[0] - telling[1], seen


def _decided(tile: Tile) -> bool:
    return tile.standing is not None and tile.standing.breached


def _fails(tile: Tile) -> bool:
    return tile.result is not None and tile.result.state is not State.OK
