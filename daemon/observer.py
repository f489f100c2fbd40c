"""A result -> the board: how the check stands now, and when to look again."""

from collections.abc import Callable

from alerts.standing import Standing
from alerts.thresholds import judge
from checks.check import Check
from checks.result import RESPONSE_TIME, Reason, Result, State
from daemon.board import Board, Tile
from daemon.clock import Clock

LOOK_AGAIN = 30.0
"""Seconds after which an undecided failure is looked at again, or the interval if that is shorter."""

LONGEST_PAUSE = 3600.0
"""Seconds that a target may ask us to stay away at the most."""


class Observer:
    """Judges results. `moved` is told of every tile that was looked at, and whether its standing changed."""

    def __init__(self, board: Board, clock: Clock, moved: Callable[[Tile, bool], None]) -> None:
        self._board = board
        self._clock = clock
        self._moved = moved

    def observe(self, check: Check, result: Result) -> float | None:
        """Take a result in; return in how many seconds to look again, None for the check's next turn."""
        tile = self._board.tiles.get(check.id)
        if tile is None:
            return None
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self._board.sample(tile, result, monotonic)
        before = tile.standing
        mean = tile.window.mean(monotonic) if RESPONSE_TIME in result.measurements else None
        rate = self._board.rate(tile, result, monotonic)
        after, verdict = judge(before, check.id, result, mean=mean, rate=rate, rules=tile.rules, now=now)
        self._board.record(tile, verdict, after, now)
        self._moved(tile, after.differs(before))
        return _pause(check, verdict, decided=_is_decided(after))


def _is_decided(standing: Standing) -> bool:
    """Say whether the last run was decided about: one that fails while a rate or mean is too high was not."""
    return standing.breached and (standing.down or standing.bad_runs == 0)


def _pause(check: Check, verdict: Result, *, decided: bool) -> float | None:
    pause = None
    if verdict.state not in {State.OK, State.UNKNOWN} and not decided:
        pause = min(LOOK_AGAIN, check.interval)
    if verdict.retry_after is not None:
        pause = max(min(verdict.retry_after, LONGEST_PAUSE), pause or check.interval)
    return check.interval if verdict.reason is Reason.CREDENTIALS and pause is not None else pause
