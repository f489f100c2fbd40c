"""What checks saw once -> the diagnosis: here a single run decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts import wording
from alerts.criteria import STANDS_ON
from alerts.diagnosis.decision_table import RULES
from alerts.diagnosis.grouping import Group, group
from checks.check import Check
from checks.result import RESPONSE_TIME, Result, State
from daemon.board import Board, Tile
from daemon.cli.looking import Seen
from daemon.facts import facts_of
from daemon.names import names_of
from daemon.observer import Observer
from daemon.settings import Hotel, Settings

PILLAR = ("health",)
"""What an integration stands on whose kind does not say it."""

OUR_SIDE = frozenset({("network", "control"), ("pms", "database"), ("pms", "logs")})
"""Checks that tell our fault from theirs, whichever integration it is."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with an integration, the worst first.

    `elsewhere` are causes of other trouble in its hotel; `own` and `others` are what the checks saw.
    """

    causes: tuple[Group, ...]
    elsewhere: tuple[Group, ...]
    own: tuple[Seen, ...]
    others: tuple[Seen, ...]


class Stopped:
    """A clock that shows one moment: what is seen in one go is seen at once."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return that moment."""
        return self._now

    def monotonic(self) -> float:
        """Return no progress."""
        return 0.0


def elsewhere(checks: Iterable[Check], hotel: str, integration: str) -> list[Check]:
    """Return the other checks of the hotel that tell whether it is only this integration, or everybody."""
    return [
        check
        for check in checks
        if check.id.hotel == hotel
        and check.id.integration != integration
        and (check.id[1:] in OUR_SIDE or check.id.check in STANDS_ON.get(check.kind, PILLAR))
    ]


def is_slow(check: Check, result: Result) -> bool:
    """Say whether a good answer took so long that more of them have to show whether that is usual."""
    return (
        result.state is State.OK and result.measurements.get(RESPONSE_TIME, 0) > 1000 * check.response_limit
    )


def verdict(
    configuration: Settings, hotel: Hotel, integration: str, seen: Sequence[Seen], now: datetime
) -> Verdict:
    """Return what the results amount to; a check may be among them several times."""
    board = board_of(hotel, seen, now)
    facts = facts_of(board, hotel.id, names_of(configuration), (), now)
    groups = sorted(group(facts, RULES, wording.unexplained), key=_rank)
    mine = [one for one in groups if integration in {*one.integrations, *one.touched}]
    results = [(tile.check, tile.result) for tile in board.tiles.values() if tile.result is not None]
    return Verdict(
        tuple(mine),
        tuple(one for one in groups if one not in mine),
        tuple(one for one in results if one[0].id.integration == integration),
        tuple(one for one in results if one[0].id.integration != integration),
    )


def board_of(hotel: Hotel, seen: Sequence[Seen], now: datetime) -> Board:
    """Return a board on which every run that was not ok is a breach."""
    board = Board()
    # Looks that are made in one go have no distance in time to keep.
    deciding = {check.id: replace(check, failures=1, error_limit=None, interval=0.0) for check, _ in seen}
    board.watch(deciding.values(), {hotel.id: hotel.name})
    observer = Observer(board, Stopped(now), _nothing)
    for check, result in seen:
        observer.observe(deciding[check.id], result)
    return board


def _nothing(_tile: Tile, _changed: bool) -> None:
    """Nobody has to be told that a check was looked at."""


def _rank(one: Group) -> tuple[bool, bool]:
    critical = any(breach.state is State.CRITICAL for breach in one.breaches)
    return not critical, one.diagnosis.confidence == "unknown"
