"""The porter with 100, 1,000 and 10,000 HTTPS checks: what is kept of what `benchmarks.scale` measures.

How long the event loop does nothing but a scrape is measured in a process of its own, by the CPU time of its
thread: what the machine does else is not in it.
"""

import asyncio
import gc
import time
from argparse import Namespace
from typing import Any

from aiohttp import ClientSession

from benchmarks import scale, stalls
from benchmarks.large import Turns
from benchmarks.setting import Setting
from tests.support.web import serving

COUNTS = (100, 1_000, 10_000)
SCRAPES = 15


def area(one: Setting) -> dict[str, Any]:
    """Return what each number of checks takes, each once a minute; times in seconds."""
    counts, warm, seconds = ((50, 200), 5.0, 5.0) if one.quick else (COUNTS, 40.0, 60.0)
    # Once each: every check runs in that minute, so that percentiles are of many runs as it is.
    options = Namespace(interval="60s", plain=False, shape="hotels", warm=warm, seconds=seconds)
    kept = {}
    for count in counts:
        one.say(f"{count:,} checks: {warm + seconds:.0f} s and their start")
        with one.room() as directory:
            kept[str(count)] = _kept(scale.measure(count, one.at, options, directory))
        kept[str(count)] |= asyncio.run(_scraped(count))
    return kept


def _kept(seen: scale.Measured) -> dict[str, list[float]]:
    return {
        "share": [seen.share],
        "cpu_of_a_run": [seen.a_run],
        "left_out": [seen.skipped],
        "failed": [seen.failed],
        "late_p50": [scale.quantile(seen.late, 0.5)],
        "late_p99": [scale.quantile(seen.late, 0.99)],
        "lag_p99": [scale.quantile(seen.lag, 0.99)],
        "private_bytes": [seen.private],
        "scrape_seconds": [seen.answers["/metrics, gzip"].seconds],
        "scrape_bytes": [seen.answers["/metrics, gzip"].size],
        "page_seconds": [seen.answers["/"].seconds],
    }


async def _scraped(count: int) -> dict[str, list[float]]:
    """Return the CPU seconds of scrapes, and of the longest stretch of each that let in nothing else."""
    spent, longest = [], []
    async with serving() as house, ClientSession(auto_decompress=False) as session:
        stalls.fill(house.deps.board, house.clock, count)
        gc.collect()
        for _ in range(SCRAPES):
            turns = Turns()
            watching = asyncio.create_task(turns.watch())
            await asyncio.sleep(0)
            used = time.process_time()
            async with session.get(f"{house.url}/metrics", headers={"Accept-Encoding": "gzip"}) as answer:
                await answer.read()
            spent.append(time.process_time() - used)
            turns.running = False
            await watching
            longest.append(turns.longest / 1000)
    return {"scrape_cpu": spent, "scrape_stall": longest}
