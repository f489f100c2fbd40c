"""What SQL checks on one database cost us: CPU of a question asked, of one shared, of each built-in; and the
connections held meanwhile. The peer opens a connection for each check.

The figures to look at are the ratio to the peer, and the share of one core that 1,000 checks a minute take.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from checks import sql
from checks.check import Check, CheckType
from checks.context import Tools
from checks.integrations import looks_tables
from checks.integrations.built_in import StockTuning
from checks.integrations.options import Pms, System
from checks.integrations.site import Site
from checks.memory import Memories
from checks.result import CheckId, State
from checks.values import Options
from daemon.clock import SystemClock
from daemon.demo.postgres import postgres
from daemon.gate import Gate
from daemon.logs import Redactor
from daemon.runner import Runner
from tests.support.pms import BOUNDS, HEALTHY, SCHEMA, ZONE

CHECKS = 1000
AT_ONCE = 20
HELD = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightporter'"
PENDING = "SELECT count(*) FROM (SELECT FROM channel_manager_queue WHERE status = 'pending' LIMIT {}) AS few"
BUILT_IN = (
    "queue", "modification_queue", "modification_orphans", "import_errors", "transactions", "delivery",
    "quota",
    "availability", "room_mapping", "reservations", "rates", "rate_mapping",
)  # fmt: skip

Made = tuple[CheckType, Options]
Run = Callable[[int], Awaitable[None]]


async def at_once(run: Run) -> float:
    """Run all checks, some of them at a time; return our CPU microseconds a check."""
    numbers = iter(range(CHECKS))

    async def work() -> None:
        for number in numbers:
            await run(number)

    started = time.process_time()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return 1e6 * (time.process_time() - started) / CHECKS


class Bench:
    """A database with a healthy hotel in it, and a runner as the daemon's."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.held = 0
        clock = SystemClock()
        self.tools = Tools.new(clock.now)
        self.runner = Runner(self.tools, Memories(), clock, Gate(), Redactor(()))

    async def ours(self, made: Callable[[int], Made]) -> float:
        """Return the cost of checks through the whole runner."""

        async def run(number: int) -> None:
            kind, options = made(number)
            check = Check(CheckId("h", "i", f"c{number}"), "generic", kind, options, 60.0, 30.0)
            result = await self.runner.run(check)
            assert result is not None, "no room"
            assert result.state is State.OK, result

        await self.tools.databases.close()
        cost = await at_once(run)
        self.held = max(self.held, await self._connections())
        return cost

    async def theirs(self) -> float:
        """Return the cost of checks that connect anew each time."""

        async def run(number: int) -> None:
            connection = await asyncpg.connect(self.dsn)
            try:
                await connection.fetchval(PENDING.format(1001 + number))
            finally:
                await connection.close()

        return await at_once(run)

    def different(self, number: int) -> Made:
        """Return a check that nobody shares."""
        return sql.CHECK, sql.Options.model_validate(
            {"dsn": self.dsn, "query": PENDING.format(1001 + number)}
        )

    def same(self, _number: int) -> Made:
        """Return a check that all share."""
        return self.different(0)

    def built_in(self, name: str) -> Callable[[int], Made]:
        """Return a built-in check that nobody shares."""
        pms = Pms.model_validate({"dsn": self.dsn})
        site = Site("bench", "i", "generic", System(), pms, (), BOUNDS, ZONE)
        kind, options = getattr(looks_tables, name)(site, StockTuning())
        query = options.query
        return lambda number: (kind, options.model_copy(update={"query": f"{query} -- {number}"}))

    async def _connections(self) -> int:
        connection = await asyncpg.connect(self.dsn)
        try:
            return int(await connection.fetchval(HELD))
        finally:
            await connection.close()


async def measure(runs: int) -> None:
    """Print the costs."""
    with tempfile.TemporaryDirectory(prefix="np-bench-") as directory:
        async with postgres(Path(directory)) as server:
            connection = await asyncpg.connect(server.dsn)
            for statements in (SCHEMA, *HEALTHY, "ANALYZE"):
                await connection.execute(statements)
            await connection.close()
            bench = Bench(server.dsn)
            await compare(bench, runs)
            for name in BUILT_IN:
                show(f"built-in {name}, asked", await bench.ours(bench.built_in(name)))
            print(f"connections held at the most: {bench.held} (2 are allowed)")
            await bench.tools.close()


async def compare(bench: Bench, runs: int) -> None:
    """Print the cost of a question asked and of one shared, beside the peer's."""
    costs: dict[str, list[float]] = {"asked": [], "shared": [], "peer: a connection each": []}
    for _ in range(runs):
        costs["asked"].append(await bench.ours(bench.different))
        costs["shared"].append(await bench.ours(bench.same))
        costs["peer: a connection each"].append(await bench.theirs())
    for name, found in costs.items():
        show(name, statistics.median(found))
    peer, ours = (statistics.median(costs[name]) for name in ("peer: a connection each", "asked"))
    print(f"ratio peer / asked: {peer / ours:.1f}")


def show(name: str, cost: float) -> None:
    """Print a cost in CPU microseconds a check, and as the share of a core that 1,000 a minute take."""
    print(f"{name:36} {cost:7.0f} us   1,000 a minute: {cost * 1000 / 60e6:6.2%} of a core")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    asyncio.run(measure(parser.parse_args().runs))


if __name__ == "__main__":
    main()
