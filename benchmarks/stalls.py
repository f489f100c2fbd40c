"""How long the event loop does nothing else while the porter is scraped and looked at, with many checks.

The checks are in hotels of a hundred, ten to an integration, and all have been looked at. Times that others
wait are of the loop's own thread: what else the machine does meanwhile is not in them.
"""

import argparse
import asyncio
import gc
import statistics
import time
from collections.abc import Mapping

from aiohttp import ClientSession

from benchmarks.large import Turns
from daemon.board import Board
from tests.support.boards import answered, check, put
from tests.support.clock import FakeClock
from tests.support.web import House, serving

A_HOTEL, AN_INTEGRATION, TIMES = 100, 10, 15
ASKED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "/metrics": ("/metrics", {"Accept-Encoding": "identity"}),
    "/metrics, gzip": ("/metrics", {"Accept-Encoding": "gzip"}),
    "/metrics, OpenMetrics, gzip": (
        "/metrics",
        {"Accept-Encoding": "gzip", "Accept": "application/openmetrics-text"},
    ),
    "/": ("/", {"Accept": "text/html"}),
    "/hotels/h0": ("/hotels/h0", {"Accept": "text/html"}),
    "/api/v1/status": ("/api/v1/status", {}),
}


def fill(board: Board, clock: FakeClock, checks: int) -> None:
    """Put up so many checks that are well."""
    watched = [
        check(f"i{number % A_HOTEL // AN_INTEGRATION}", f"c{number}", hotel=f"h{number // A_HOTEL}")
        for number in range(checks)
    ]
    board.watch(watched, {one.id.hotel: one.id.hotel for one in watched})
    for number, one in enumerate(watched):
        put(board, one, answered(100.0 + number % 50), clock)


async def ask(house: House, path: str, headers: Mapping[str, str]) -> str:
    """Ask some times over; return what it takes as a line."""
    took, spent, longest, size = [], [], [], 0
    async with ClientSession(auto_decompress=False) as session:
        for _ in range(TIMES):
            turns = Turns()
            watching = asyncio.create_task(turns.watch())
            await asyncio.sleep(0)
            began, used = time.perf_counter(), time.process_time()
            async with session.get(house.url + path, headers=dict(headers)) as answer:
                size = sum([len(chunk) async for chunk in answer.content.iter_any()])
            took.append(1000 * (time.perf_counter() - began))
            spent.append(1000 * (time.process_time() - used))
            turns.running = False
            await watching
            longest.append(turns.longest)
    of_all, of_cpu = statistics.median(took), statistics.median(spent)
    return (
        f"{of_all:7.1f} ms, {of_cpu:7.1f} ms of CPU, {size / 1000:9,.1f} kB,"
        f" others wait {statistics.median(longest):5.1f} ms, {max(longest):5.1f} ms at the most"
    )


async def measure(checks: int) -> None:
    """Print what is measured."""
    async with serving() as house:
        fill(house.deps.board, house.clock, checks)
        gc.collect()
        gc.freeze()
        print(f"{checks:,} checks")
        for name, asked in ASKED.items():
            print(f"  {name:28} {await ask(house, *asked)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, nargs="+", default=[100, 1000, 10_000])
    for count in parser.parse_args().checks:
        asyncio.run(measure(count))
