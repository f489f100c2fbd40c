"""What it takes to write the history of a minute, in SQLite and in PostgreSQL, of 1,000 and of 10,000 checks.

`python -m benchmarks.history` measures the rest of it: room for ever, wider buckets, questions.
"""

import asyncio
import random
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.history import HOTELS, write
from benchmarks.setting import Setting
from daemon.demo.postgres import Postgres, binaries, postgres

Found = dict[str, dict[str, defaultdict[str, list[float]]]]


def area(one: Setting) -> dict[str, Any]:
    """Return the CPU seconds of a run noted and of a minute written, by database and number of checks."""
    return asyncio.run(_area(one))


async def _area(one: Setting) -> Found:
    found: Found = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    sizes = (1,) if one.quick else (HOTELS, 10 * HOTELS)
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(one.room())
        server = None if binaries() is None else await stack.enter_async_context(postgres(directory))
        for number in range(one.runs):
            for hotels in sizes:
                for name, address in (await _addresses(directory, server, f"{number}x{hotels}")).items():
                    seen = await write(hotels, address, random.Random(1))
                    kept = found[name][str(seen.checks)]
                    kept["note"].append(seen.note)
                    kept["minute"].append(seen.minute)
                    kept["held"].append(seen.held)
            one.say(f"history, run {number + 1} of {one.runs}: {', '.join(found)}")
    return found


async def _addresses(directory: Path, server: Postgres | None, name: str) -> dict[str, str]:
    """Return an empty state in each database there is."""
    found = {"SQLite": f"sqlite:///{directory}/{name}.db"}
    if server is not None:
        admin = await asyncpg.connect(server.dsn)
        await admin.execute(f'CREATE DATABASE "m{name}"')
        await admin.close()
        found["PostgreSQL"] = server.to(f"m{name}")
    return found
