"""What an integration with very many checks costs the engine: CPU a look, and how long others wait.

All checks are well, then all fail, for another cause in the end, then all are well again. A look is a tick of
the engine that has such an integration to think about; the state is kept in memory.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from alerts.message import Renderer
from benchmarks.houses import http, one_hotel, one_integration, write
from checks.result import CheckId, Phase, Reason, Result, failed
from daemon.board import Board
from daemon.desks import correspondent, desks
from daemon.engine import Engine, Signals
from daemon.names import names_of
from daemon.observer import Observer
from daemon.settings import Settings, checks_of, load
from tests.support.boards import answered
from tests.support.clock import START, FakeClock
from tests.support.month_ledger import MemoryLedger


@dataclass(slots=True)
class Turns:
    """The CPU milliseconds of the stretches in which nothing else had its turn."""

    longest: float = 0.0
    running: bool = True
    before: float = field(default_factory=time.thread_time)

    async def watch(self) -> None:
        """Note the longest stretch, until `running` is false."""
        self.before = time.thread_time()
        while self.running:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest = max(self.longest, 1000 * (now - self.before))
            self.before = now


MAIL = """\
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{host: relay-1.example, port: 25, security: none}]
escalation:
  levels: [{level: 1, role: Support, email: [support@hotel.example], hours: always}]
"""
CALM, FAILS = 3, 4
"""Runs of every check while all is well, and while all fail."""

DOUBTED = 2
"""Runs that seem to have another cause, before that is believed."""

OTHER = failed(Reason.PROTOCOL, "the answer breaks off")
DOWN = replace(failed(Reason.CONNECT, "connection refused"), failed_phase=Phase.CONNECT)


class Porter:
    """A board, an observer and an engine over checks that are all looked at together."""

    def __init__(self, settings: Settings) -> None:
        self.clock, self.board, self.hastened, self.wakes = FakeClock(START), Board(), 0, 0
        signals = Signals(self._hasten, self._wake, lambda: None)
        ids = count()
        self.engine = Engine(self.board, MemoryLedger(), lambda: f"incident-{next(ids)}", self.clock, signals)
        self.engine.quiet.configure((), {hotel.id: hotel.timezone for hotel in settings.hotels})
        letters = correspondent(settings, Renderer(), b"k" * 32)
        self.engine.configure(letters, desks(settings), names_of(settings))
        self.checks = checks_of(settings)
        self.board.watch(self.checks, {hotel.id: hotel.name for hotel in settings.hotels})
        self._observer = Observer(self.board, self.clock, self.engine.moved)

    def _hasten(self, checks: Iterable[CheckId]) -> None:
        self.hastened += len(list(checks))

    def _wake(self) -> None:
        self.wakes += 1

    def observe(self, result: Result) -> float:
        """Take in a result of every check; return the CPU seconds."""
        self.clock.advance(60.0)
        began = time.process_time()
        for one in self.checks:
            self._observer.observe(one, result)
        return time.process_time() - began

    async def look(self) -> tuple[float, float]:
        """Let the engine tick; return the CPU seconds, and how many milliseconds others waited at most."""
        turns = Turns()
        watching = asyncio.create_task(turns.watch())
        await asyncio.sleep(0)
        began = time.process_time()
        await self.engine.tick()
        took = time.process_time() - began
        turns.running = False
        await watching
        return took, turns.longest


def settings_of(checks: int, size: int) -> Settings:
    """Return a hotel's settings with so many checks in integrations of a size."""
    line = http("http://127.0.0.1:9/", None, "60s")
    with tempfile.TemporaryDirectory() as name:
        files = one_integration(checks, line) if size >= checks else one_hotel(checks, line)
        path = write(Path(name), files, 9187)
        path.write_text(path.read_text() + MAIL)
        return load(path, {})


async def live(porter: Porter) -> None:
    """Let all be well, all fail, and all be well again, and print what each look takes."""
    for number in range(CALM):
        await _step(porter, f"well, {number + 1}", answered())
    for number in range(FAILS):
        await _step(porter, f"down, {number + 1}", DOWN)
    porter.clock.advance(5.0)
    await _step(porter, "down, and told", DOWN)
    for number in range(DOUBTED):
        await _step(porter, f"otherwise, {number + 1}", OTHER)
    for number in range(CALM):
        await _step(porter, f"well again, {number + 1}", answered())


async def _step(porter: Porter, name: str, result: Result) -> None:
    porter.hastened = porter.wakes = 0
    took = porter.observe(result)
    look, longest = await porter.look()
    print(
        f"{name:16} results {1e6 * took / len(porter.checks):6.1f} us each, the look {1000 * look:8.1f} ms,"
        f" others wait {longest:8.1f} ms, {porter.hastened:9,} hastened, {porter.wakes:6,} wakes,"
        f" {len(porter.board.incidents)} incidents",
        flush=True,
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, nargs="+", default=[500, 1000, 2000])
    parser.add_argument("--size", type=int, default=10**9, help="checks of an integration (default: all)")
    options = parser.parse_args()
    for checks in options.checks:
        print(f"{checks:,} checks")
        asyncio.run(live(Porter(settings_of(checks, options.size))))


if __name__ == "__main__":
    main()
