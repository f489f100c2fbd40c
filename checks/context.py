"""What a probe may use: the shared tools, and the trace of its own run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

from checks.connection import Connector
from checks.database import Databases
from checks.memory import Memory
from checks.pm2 import Processes
from checks.resolver import Resolver
from checks.result import Phase


@dataclass(slots=True)
class Trace:
    """The phases one run has gone through, in seconds, and the one it is in.

    The runner reads it when the deadline strikes, so that a time-out can say where the time went.
    """

    phases: dict[Phase, float] = field(default_factory=dict)
    current: Phase | None = None
    _since: float = 0.0

    def enter(self, phase: Phase) -> None:
        """Close the current phase and begin another; a phase entered twice (a redirect) adds up."""
        now = perf_counter()
        self._close(now)
        self.current, self._since = phase, now

    def end(self) -> None:
        """Close the current phase: the run got through it."""
        self._close(perf_counter())
        self.current = None

    def _close(self, now: float) -> None:
        if self.current is not None:
            self.phases[self.current] = self.phases.get(self.current, 0.0) + now - self._since


@dataclass(frozen=True, slots=True)
class Tools:
    """What all probes share. `now` is the wall clock (aware, UTC), `started` when the porter began."""

    connector: Connector
    now: Callable[[], datetime]
    databases: Databases
    resolver: Resolver
    processes: Processes
    started: datetime

    @classmethod
    def new(cls, now: Callable[[], datetime], connector: Connector | None = None) -> "Tools":
        """Return a fresh set of tools."""
        return cls(connector or Connector(), now, Databases(), Resolver(), Processes(), now())

    async def close(self) -> None:
        """Give back what is held open."""
        await self.databases.close()


@dataclass(frozen=True, slots=True)
class Context:
    """What one run may use. The deadline is the runner's; a probe need not watch it.

    `interval` is the check's, in seconds; `memory` what the check remembers from run to run.
    """

    tools: Tools
    trace: Trace
    interval: float
    timeout: float
    memory: Memory
