"""The lookout: has one check looked at, and its result put up; and knows how late it is itself."""

from collections.abc import Callable, Iterable

from checks.check import Check
from checks.connection import Connector
from checks.context import Tools
from checks.lookup import Lookups
from checks.memory import Memories
from checks.result import RESPONSE_TIME, Result, State
from checks.values import TlsTrust
from daemon.board import Board, Tile
from daemon.clock import Clock, asleep
from daemon.gate import Gate
from daemon.lag import LagMeter
from daemon.metrics import Metrics
from daemon.observer import Observer
from daemon.overload import Strain
from daemon.runner import Runner
from daemon.settings.walk import models_in


class Lookout:
    """Runs checks for the board. `moved` is told of every tile that was looked at; see `Observer`.

    `seen` is told of every run: what it saw by itself, and what it was judged to be.
    """

    def __init__(
        self,
        board: Board,
        clock: Clock,
        metrics: Metrics,
        lookups: Lookups,
        redact: Callable[[str], str],
        *,
        moved: Callable[[Tile, bool], None],
        seen: Callable[[Check, Result, Result], None],
    ) -> None:
        self._board = board
        self._seen = seen
        self.tools = Tools.new(clock.now, Connector(lookups))
        self.memories = Memories()
        self.strain = Strain(metrics, clock)
        self.lag = LagMeter(clock, self.strain.ticked, asleep)
        self.observer = Observer(board, clock, moved)
        self._runner = Runner(self.tools, self.memories, clock, Gate(), redact, late=self.lag.late_since)

    def prepare(self, checks: Iterable[Check]) -> None:
        """Build what takes long to build; raise ValueError when a file has gone bad meanwhile."""
        models = models_in([check.options for check in checks])
        self.tools.connector.trust.prepare(model for _, model in models if isinstance(model, TlsTrust))

    async def look(self, check: Check) -> float | None:
        """Run a check and take its result in; return when to look again."""
        tile = self._board.tiles.get(check.id)
        if tile is None:
            return None
        last = tile.result
        suspect = last is not None and last.state is not State.OK and RESPONSE_TIME not in last.measurements
        result = await self._runner.run(check, suspect=suspect)
        if result is None:
            tile.skipped += 1
            self.strain.left_out()
            return None
        pause = self.observer.observe(check, result)
        self._seen(check, result, tile.result or result)
        return pause

    async def close(self) -> None:
        """Measure no more, and give back what is held open."""
        self.lag.stop()
        await self.tools.close()
