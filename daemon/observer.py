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

SLOW_ANSWERS, MANY = 3, 10
"""Answers past the limit, in a row and over one and a half intervals, that make a mean past it more than one
bad moment: most of the window, or many. Further looks at a slow target see the same moment again.
"""

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
        tile.void = tile.void + 1 if result.late else 0
        before = tile.standing
        mean = _mean(tile, monotonic) if RESPONSE_TIME in result.measurements else None
        rate = self._board.rate(tile, result, monotonic)
        after, verdict = judge(before, check.id, result, mean=mean, rate=rate, rules=tile.rules, now=now)
        self._board.record(tile, verdict, after, now)
        self._moved(tile, after.differs(before))
        return _pause(check, verdict, decided=_is_decided(after))


def _mean(tile: Tile, now: float) -> float | None:
    """Return the mean response time, but for one past its limit that may be one bad moment.

    A few answers that took very long are past it by themselves: they count when one and a half windows have
    passed, and the mean is still too high.
    """
    mean, limit = tile.window.mean(now), tile.rules.response_limit
    if mean is None or mean <= limit:
        tile.slow_since = None
        return mean
    if tile.slow_since is None:
        tile.slow_since = now
    slow = tile.standing is not None and tile.standing.slow
    # One bad moment is in the mean for as long as the window is, and for as long as it took.
    lasts = now - tile.slow_since > 1.5 * tile.window.span
    return mean if slow or lasts or _goes_on(tile, now, limit) else None


def _goes_on(tile: Tile, now: float, limit: float) -> bool:
    row = tile.window.row_beyond(now, limit)
    if len(row) < SLOW_ANSWERS or row[0] - row[-1] < 1.5 * tile.check.interval:
        return False
    return len(row) >= MANY or 2 * len(row) > len(tile.window.responses(now))


def _is_decided(standing: Standing) -> bool:
    """Say whether the last run was decided about.

    One that fails while a rate or mean is too high was not, nor one that is worse than a warning.
    """
    return standing.breached and not standing.worse_runs and (standing.down or standing.bad_runs == 0)


def _pause(check: Check, verdict: Result, *, decided: bool) -> float | None:
    pause = None
    if verdict.late or (verdict.state not in {State.OK, State.UNKNOWN} and not decided):
        pause = min(LOOK_AGAIN, check.interval)
    if verdict.retry_after is not None:
        pause = max(min(verdict.retry_after, LONGEST_PAUSE), pause or check.interval)
    return check.interval if verdict.reason is Reason.CREDENTIALS and pause is not None else pause
